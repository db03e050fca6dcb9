"""What PaddleSlim held and this distribution does not: an import of it says so."""

from __future__ import annotations

import importlib.abc
import sys

__all__ = ["OUT_OF_SCOPE", "explain", "guard_imports"]

# The parts of PaddleSlim 1.x and 2.x beside its DARTS: modules, and the classes their packages showed.
PARTS = {
    "": "analysis auto_compression core dist dygraph lc models pantheon prune quant teacher",
    "common.": "cached_reader client controller controller_client controller_server lock rl_controller sa_controller "
    "server Client ControllerClient ControllerServer EvolutionaryController RLBaseController SAController Server",
    "nas.": "early_stop ofa one_shot rl_nas sa_nas search_space RLNAS SANAS",
}
OUT_OF_SCOPE = frozenset(f"paddleslim.{package}{name}" for package, names in PARTS.items() for name in names.split())


def explain(name):
    """Return the sentence for `name`, such as 'paddleslim.quant'."""
    return (
        f"{name} is not in this distribution, which carries PaddleSlim's DARTS only (paddleslim.nas.darts); "
        "for other parts install an older paddleslim in an environment of its own"
    )


class ScopeFinder(importlib.abc.MetaPathFinder):
    """Refuses the modules of `OUT_OF_SCOPE` in a sentence and leaves all others alone."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname in OUT_OF_SCOPE:
            raise ImportError(explain(fullname), name="paddleslim")
        return None


def guard_imports():
    """Let imports of what is out of scope end in a sentence that says so."""
    if not any(isinstance(finder, ScopeFinder) for finder in sys.meta_path):
        sys.meta_path.append(ScopeFinder())


def refuse_attribute(package, name):
    """Raise the AttributeError of `package.name`, in a sentence where it is out of scope."""
    full = f"{package}.{name}"
    if full in OUT_OF_SCOPE:
        raise AttributeError(explain(full))
    raise AttributeError(f"module {package!r} has no attribute {name!r}")
