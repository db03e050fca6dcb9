"""Let `import paddle.fluid` find `paddleslim.fluid` on a Paddle that no longer has a fluid of its own.

And load zlib before Paddle, see `paddleslim/zlib_first.py`; and give `paddle.compat` the names it had in Paddle 1.8.

A line in `paddleslim_fluid.pth` imports this module when the interpreter starts. It appends a finder to the end of
`sys.meta_path`, so a Paddle with its own `paddle.fluid` (1.x to 2.4) is found first; everything else happens when a
script asks for `paddle` or `paddle.fluid`. The environment variable PADDLESLIM_FLUID=0 switches it off.
"""

import os
import sys

# The functions of Paddle 1.8's `paddle.compat`; today's module of that name, where there is one, has others.
COMPAT_NAMES = ("floor_division", "get_exception_message", "int_type", "long_type", "round", "to_bytes", "to_text")


class ZlibFirst:
    """Loads zlib and Pillow as soon as Paddle is looked for, and silences advice of Paddle's; finds nothing."""

    done = False

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name == "paddle":
            sys.meta_path.remove(cls)
            cls.done = True
            import contextlib
            import warnings
            import zlib  # noqa: F401

            # advice on compiling C++ extensions that Paddle gives whoever imports it, see `paddleslim/quiet_paddle.py`
            warnings.filterwarnings("ignore", "No ccache found")

            with contextlib.suppress(ImportError):
                from PIL import _imaging  # noqa: F401
        return None


class CompatFinder:
    """Finds today's `paddle.compat`, and has the names of Paddle 1.8 added to it."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "paddle.compat":
            return None
        from importlib.machinery import PathFinder

        sys.meta_path.remove(cls)
        spec = PathFinder.find_spec(name, path)
        if spec is not None:
            execute = spec.loader.exec_module

            def execute_and_extend(module):
                execute(module)
                extend_compat(module)

            spec.loader.exec_module = execute_and_extend
        return spec


def extend_compat(module):
    """Let `paddle.compat` find the names it had in Paddle 1.8, loaded when they are first asked for."""
    own = module.__dict__.get("__getattr__")
    if own is not None and own.__module__ == __name__:
        return

    def __getattr__(name):
        if name in COMPAT_NAMES:
            from paddleslim.fluid import _compat

            return getattr(_compat, name)
        if own is not None:
            return own(name)
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

    module.__getattr__ = __getattr__


class FluidFinder:
    """Finds `paddle.fluid` with the modules it had in Paddle 1.8, and `paddle.compat` where Paddle has none."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if not name.startswith(("paddle.fluid", "paddle.compat", "paddle.dataset.", "paddle.reader.")):
            return None
        from paddleslim.fluid import _alias

        return _alias.find_spec(name)


if "paddle" not in sys.modules and ZlibFirst not in sys.meta_path:
    sys.meta_path.insert(0, ZlibFirst)
if os.environ.get("PADDLESLIM_FLUID") != "0" and FluidFinder not in sys.meta_path:
    sys.meta_path.append(FluidFinder)
    if "paddle.compat" in sys.modules:
        extend_compat(sys.modules["paddle.compat"])
    elif CompatFinder not in sys.meta_path:
        sys.meta_path.insert(0, CompatFinder)
