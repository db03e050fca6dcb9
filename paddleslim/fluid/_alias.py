"""One set of modules under two names: `paddle.fluid` is `paddleslim.fluid`."""

from __future__ import annotations

import importlib
import sys
from importlib.abc import Loader
from importlib.machinery import ModuleSpec

from ._absent import absent_module, explain_module
from ._names import has_submodules, list_modules

__all__ = ["find_spec"]

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
        # Importing Paddle 1.8 imported these.
        for name in list_modules():
            if name == "paddle.compat" or name.startswith("paddle.dataset."):
                importlib.import_module(name)


class CompatLoader(Loader):
    """Hands out `paddle.compat` of Paddle 1.8, where Paddle has none of its own."""

    def create_module(self, spec):
        return importlib.import_module(OURS + "._compat")

    def exec_module(self, module):
        """The module is complete."""


class AbsentLoader(Loader):
    """Hands out the module that stands for an absent one."""

    def create_module(self, spec):
        return absent_module(spec.name)

    def exec_module(self, module):
        """The module is complete."""


def find_spec(name):
    """Return the import specification of a module of Paddle 1.8 that Paddle has no more.

    Args:
        name: such as 'paddle.fluid', 'paddle.fluid.transpiler' or 'paddle.compat'.

    Raises:
        ModuleNotFoundError: fluid had no module of that name.
    """
    if name == THEIRS:
        return ModuleSpec(name, AliasLoader(), is_package=True)
    if name == "paddle.compat":
        return ModuleSpec(name, CompatLoader())
    if name in list_modules():
        return ModuleSpec(name, AbsentLoader(), is_package=has_submodules(name))
    if name.startswith(THEIRS + ".") and sys.modules.get(THEIRS) is sys.modules.get(OURS):
        raise ModuleNotFoundError(explain_module(name), name=name)
    return None
