"""Names that fluid had and this package lacks: they can be imported, and say what to write today when they are used.

`absent(__name__)` makes a module's `__getattr__`. A name that the module had in Paddle 1.8.5 is taken from where it is
available, or else is a placeholder; any other name is an error that names the nearest one.
"""

from __future__ import annotations

import difflib
import dis
import functools
import importlib
import sys
from types import ModuleType

from ._absent_names import EQUIVALENTS, MODULES, STATIC
from ._names import find_home, has_submodules, list_modules, list_names, list_public
from ._placeholder import make_placeholder

__all__ = ["absent", "absent_module", "complete_star_imports", "explain_module", "static_graph_error"]

OURS, FLUID = "paddleslim.fluid", "paddle.fluid"
SCOPE = "static graphs, which are out of scope here: only dygraph scripts run"


def static_graph_error(name):
    """Return the AttributeError for a name of static graphs."""
    return AttributeError(explain_static(name))


def explain_static(name):
    return (
        f"{name} belongs to {SCOPE}. Write the network as "
        "a fluid.dygraph.Layer; for a graph that can be deployed, see paddle.jit.to_static and paddle.static."
    )


def absent(module):
    """Return the `__getattr__` of a module of this package.

    Args:
        module: its `__name__`, 'paddleslim.fluid...', or 'paddle.fluid...' for one that is absent as a whole.
    """
    place = FLUID + module[len(OURS) :] if module.startswith(OURS) else module

    def __getattr__(name):
        if name.startswith("__"):
            raise AttributeError(f"module {place!r} has no attribute {name!r}")
        home = find_home(place, name)
        if home is not None:
            return take(place, name, home)
        message = explain_unknown(place, name)
        # An AttributeError would end as "cannot import name ..." where the name is imported.
        raise ImportError(message, name=place) if is_import(sys._getframe(1)) else AttributeError(message)

    return __getattr__


def is_import(frame):
    """Return whether `from ... import` is what the frame is about to finish."""
    code = frame.f_code.co_code
    return 0 <= frame.f_lasti < len(code) and code[frame.f_lasti] == dis.opmap["IMPORT_FROM"]


def take(module, name, home):
    """Return what a name of fluid means here; `home` as `find_home` returns it."""
    if isinstance(home, list):
        return home[0]
    if home == "":
        return placeholder(module, name)
    if home.endswith("+"):
        return fluid_module(f"{module}.{name}" if home == "+" else home[:-1])
    path, _, qualified = home.partition(":")
    if path.startswith(FLUID):
        return getattr(fluid_module(path), qualified or name)
    return take_foreign(module, name, path, qualified)


def take_foreign(module, name, path, qualified):
    """Return what fluid had imported from elsewhere; a placeholder where that is not installed."""
    try:
        value = importlib.import_module(path)
        if path == "paddle.reader.decorator" or (path.startswith("paddle.") and not qualified):
            return getattr(value, name, value)
        for part in filter(None, qualified.split(".")):
            value = getattr(value, part)
        return value
    except (ImportError, AttributeError):
        return placeholder(module, name)


def fluid_module(name):
    """Return a module of fluid by its full name."""
    if name == FLUID:
        return sys.modules[OURS]
    ours = OURS + name[len(FLUID) :]
    return sys.modules.get(ours) or sys.modules.get(name) or absent_module(name)


def absent_module(name):
    """Return the module that stands for one of Paddle 1.8.5 that is absent as a whole, all its names placeholders."""
    if name not in sys.modules:
        module = ModuleType(name, explain_module(name))
        if has_submodules(name):
            module.__path__ = []
        vars(module).update(__all__=list_public(name), __getattr__=absent(name))
        sys.modules[name] = module
    return sys.modules[name]


def complete_star_imports():
    """Let `from paddle.fluid... import *` give all names of Paddle 1.8.5, absent ones as placeholders."""
    for name, module in list(sys.modules.items()):
        if name == OURS or name.startswith(OURS + "."):
            own = vars(module).get("__all__", [])
            vars(module)["__all__"] = [
                *own,
                *(other for other in list_public(FLUID + name[len(OURS) :]) if other not in own),
            ]


@functools.cache
def placeholder(module, name):
    """Return the placeholder of a name, the same one every time."""
    return make_placeholder(module, name, explain(module, name))


def explain(module, name):
    """Return what to write today in place of a name of fluid.

    Args:
        module, name: such as 'paddle.fluid.layers.nn' and 'fc'.
    """
    if not module.startswith(FLUID):
        return f"{module}.{name} is not available here: Paddle has dropped it; write it in the script itself"
    area = module[len(FLUID) :].lstrip(".")
    full = ".".join(part for part in ("fluid", area, name) if part)
    top, _, below = area.partition(".")
    equivalent = EQUIVALENTS.get(f"{area}.{name}" if area else name)
    if equivalent is None and below:
        equivalent = EQUIVALENTS.get(f"{top}.{name}")
    if equivalent is not None:
        return f"{full} is not available here; today's equivalent: {equivalent}"
    if name in STATIC:
        return explain_static(full)
    if top in MODULES:
        return MODULES[top].format(full)
    return f"{full} is not available here: it was internal to Paddle 1.8, or served {SCOPE}; see paddle.static"


def explain_unknown(module, name):
    """Return the message for a name that fluid did not have."""
    known = {*list_names(module), *vars(sys.modules.get(module, object))}
    near = difflib.get_close_matches(name, sorted(other for other in known if not other.startswith("_")), 1)
    hint = f"; the nearest name is {near[0]!r}" if near else ""
    return (
        f"module {module!r} has no attribute {name!r}: fluid is that of Paddle 1.8.5 here, which had none{hint}. "
        "What is newer is in paddle itself"
    )


def explain_module(name):
    """Return why a module of fluid is empty, or why `import paddle.fluid.<...>` found nothing.

    Args:
        name: full name, such as 'paddle.fluid.transpiler'.
    """
    if not name.startswith(FLUID):
        return f"{name} is not available here: Paddle has dropped it"
    top = name[len(FLUID) + 1 :].split(".")[0]
    if name in list_modules():
        return MODULES.get(top, "{} was internal to Paddle 1.8, or served " + SCOPE).format(name)
    return f"No module named {name!r}: fluid is that of Paddle 1.8.5 here, which had no such module"
