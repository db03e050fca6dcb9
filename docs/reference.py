"""The directive `public-names`: every public name of a package, from its docstrings."""

import importlib
import inspect
import pkgutil
import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

CODE = re.compile(r"(`[^`]*`)")


class PublicNames(SphinxDirective):
    """A section for each package below the given one that has an `__all__`, with an entry for each of its names."""

    required_arguments = 1

    def run(self):
        return [section for name in list_packages(self.arguments[0]) for section in self.describe(name)]

    def describe(self, name):
        package = importlib.import_module(name)
        section = nodes.section(ids=[nodes.make_id(name)], names=[name])
        section += nodes.title(name, name)
        lines = [inspect.cleandoc(package.__doc__ or ""), ""]
        for public in sorted(package.__all__, key=str.lower):
            directive = choose_directive(getattr(package, public))
            lines += [f".. {directive}:: {name}.{public}", *["   :no-value:"] * (directive == "autodata"), ""]
        text = StringList("\n".join(lines).splitlines(), source=name)
        self.state.nested_parse(text, self.content_offset, section)
        return [section]


def list_packages(root):
    """Return `root` and the packages below it that show names, in order."""
    found = [root]
    for module in pkgutil.walk_packages(importlib.import_module(root).__path__, root + "."):
        if module.ispkg and not any(part.startswith("_") for part in module.name.split(".")):
            found.append(module.name)
    return [name for name in found if getattr(importlib.import_module(name), "__all__", None)]


def choose_directive(thing):
    """Return the directive of autodoc for a class, a function or a value."""
    if inspect.isclass(thing):
        return "autoclass"
    return "autofunction" if callable(thing) and hasattr(thing, "__code__") else "autodata"


def escape_marks(app, what, name, thing, options, lines):
    """Keep what means something to reStructuredText alone, such as `*`, from meaning it in a docstring's prose."""
    if what == "data" and getattr(thing, "__doc__", None) == type(thing).__doc__:
        lines[:] = [f"Keys: {', '.join(f'`{key}`' for key in thing)}."] if isinstance(thing, dict) else [""]
    for number, line in enumerate(lines):
        parts = CODE.split(line)
        for k in range(0, len(parts), 2):
            if ">>>" not in line:
                parts[k] = re.sub(r"([*|])", r"\\\1", parts[k])
                parts[k] = re.sub(r"(?<=\w)_(?=\W|$)", r"\\_", parts[k])
        lines[number] = "".join(parts)
