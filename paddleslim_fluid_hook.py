"""Let `import paddle.fluid` find `paddleslim.fluid` on a Paddle that no longer has a fluid of its own.

And load zlib before Paddle, see `paddleslim/zlib_first.py`.

A line in `paddleslim_fluid.pth` imports this module when the interpreter starts. It only appends a finder to the
end of `sys.meta_path`, so a Paddle with its own `paddle.fluid` (1.x to 2.4) is found first; everything else happens
when a script asks for `paddle.fluid`. The environment variable PADDLESLIM_FLUID=0 switches it off.
"""

import os
import sys


class ZlibFirst:
    """Loads zlib and Pillow as soon as Paddle is looked for; finds nothing."""

    done = False

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name == "paddle":
            sys.meta_path.remove(cls)
            cls.done = True
            import contextlib
            import zlib  # noqa: F401

            with contextlib.suppress(ImportError):
                from PIL import _imaging  # noqa: F401
        return None


class FluidFinder:
    """Finds `paddle.fluid`, and explains the modules of fluid that are absent."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if not name.startswith("paddle.fluid"):
            return None
        if name == "paddle.fluid":
            from paddleslim.fluid._alias import alias_spec

            return alias_spec()
        ours = sys.modules.get("paddleslim.fluid")
        if ours is not None and sys.modules.get("paddle.fluid") is ours:
            from paddleslim.fluid._absent import explain_module

            raise ModuleNotFoundError(explain_module(name), name=name)
        return None


if "paddle" not in sys.modules and ZlibFirst not in sys.meta_path:
    sys.meta_path.insert(0, ZlibFirst)
if os.environ.get("PADDLESLIM_FLUID") != "0" and FluidFinder not in sys.meta_path:
    sys.meta_path.append(FluidFinder)
