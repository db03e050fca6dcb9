"""Names that fluid had and this package lacks: each says what to write today.

`absent(__name__)` makes a module's `__getattr__`: for a name of fluid it raises an AttributeError with the way on, for
any other name the ordinary one.
"""

from __future__ import annotations

from ._absent_names import EQUIVALENTS, MODULES, STATIC

__all__ = ["absent", "explain_module", "static_graph_error"]

PACKAGE = "paddleslim.fluid"


def static_graph_error(name):
    """Return the AttributeError for a name of static graphs."""
    return AttributeError(
        f"{name} belongs to static graphs, which are out of scope here: only dygraph scripts run. Write the network as "
        "a fluid.dygraph.Layer; for a graph that can be deployed, see paddle.jit.to_static and paddle.static."
    )


def absent(module):
    """Return the `__getattr__` of a module of this package.

    Args:
        module: its `__name__`.
    """
    area = module[len(PACKAGE) :].lstrip(".")

    def __getattr__(name):
        full = ".".join(part for part in ("fluid", area, name) if part)
        equivalent = EQUIVALENTS.get(f"{area}.{name}" if area else name)
        if equivalent is None and area.startswith("layers."):
            equivalent = EQUIVALENTS.get(f"layers.{name}")
        if equivalent is not None:
            raise AttributeError(f"{full} is not available here; today's equivalent: {equivalent}")
        if not area and name in MODULES:
            raise AttributeError(explain_module(f"paddle.fluid.{name}"))
        if name in STATIC:
            raise static_graph_error(full)
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return __getattr__


def explain_module(name):
    """Return why `import paddle.fluid.<...>` found nothing.

    Args:
        name: full name, such as 'paddle.fluid.transpiler'.
    """
    way_on = MODULES.get(name[len("paddle.fluid.") :].split(".")[0])
    return f"No module named {name!r}" if way_on is None else way_on.format(name)
