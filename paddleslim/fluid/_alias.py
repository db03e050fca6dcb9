"""One set of modules under two names: `paddle.fluid` is `paddleslim.fluid`."""

from __future__ import annotations

import importlib
import sys
from importlib.abc import Loader
from importlib.machinery import ModuleSpec

__all__ = ["alias_spec"]

OURS, THEIRS = "paddleslim.fluid", "paddle.fluid"


class AliasLoader(Loader):
    """Hands out the module `paddleslim.fluid`, and enters its submodules under the names of fluid too."""

    def create_module(self, spec):
        module = importlib.import_module(OURS)
        self.own_spec = module.__spec__
        for name in [name for name in sys.modules if name.startswith(OURS + ".")]:
            sys.modules.setdefault(THEIRS + name[len(OURS) :], sys.modules[name])
        return module

    def exec_module(self, module):
        # The import system has put the alias's spec on the module; relative imports need its own.
        module.__spec__ = self.own_spec


def alias_spec():
    """Return the import specification of `paddle.fluid` that loads `paddleslim.fluid`."""
    return ModuleSpec(THEIRS, AliasLoader(), is_package=True)
