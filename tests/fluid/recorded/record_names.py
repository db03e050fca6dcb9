"""Record every name of fluid in Paddle 1.8.5, module by module.

Python 3.7 or 3.8 with Paddle 1.8.5, then, from the root of the repository:

    python tests/fluid/recorded/record_names.py

writes `paddleslim/fluid/names_1_8.json`, a line for each module: `{module: {name: home}}`. A home is
- 'paddle.fluid.framework': the module of fluid that defines the name; '' where it is this one, '+' a module of fluid;
- 'numpy' or 'functools:reduce': what the module had imported from elsewhere;
- a list of one constant: a number, text or None.
What stands under '__all__' is that of the module.

Public names of fluid are all recorded, private ones in the module that defines them; of the other parts `__all__` is.
"""

import importlib
import json
import os
import pkgutil
import sys
import types

import paddle
import paddle.fluid

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.path.join(HERE, "..", "..", "..", "paddleslim", "fluid", "names_1_8.json")
PARTS = ("paddle.batch", "paddle.compat", "paddle.dataset", "paddle.fluid", "paddle.reader")
CONSTANTS = (bool, int, float, str, type(None))


def list_modules():
    """Return the names of all modules, those that Paddle 1.8.5 itself cannot import on this machine too."""
    found = [module.name for module in pkgutil.walk_packages(paddle.__path__, "paddle.", onerror=lambda name: None)]
    return [name for name in sorted(found) if name.startswith(PARTS) and ".tests" not in name]


def import_or_none(name):
    try:
        return importlib.import_module(name)
    except BaseException as error:
        print(f"{name}: {type(error).__name__}")
        return None


def read(value, attribute):
    """Return an attribute that is text, '' where the object has none or loads data to find it."""
    try:
        text = getattr(value, attribute, "")
    except Exception:
        return ""
    return text if isinstance(text, str) else ""


def is_wanted(name, value, module):
    if name.startswith("__"):
        return False
    if not module.startswith("paddle.fluid"):
        return name in getattr(sys.modules[module], "__all__", ())
    if not name.startswith("_"):
        return True
    return rename(read(value, "__module__")) == rename(module) and not isinstance(value, types.ModuleType)


def find_homes(modules):
    """Return, by identity, the modules that hold an object under a name."""
    homes = {}
    for module, loaded in modules.items():
        for name, value in vars(loaded).items() if loaded else ():
            homes.setdefault((id(value), name), []).append(module)
    return homes


def describe(name, value, module, modules, homes):
    """Return the home of a name, see above."""
    if isinstance(value, types.ModuleType):
        path = rename(value.__name__)
        return "+" if path == module + "." + name else path + ("+" if path.startswith("paddle.fluid") else "")
    if isinstance(value, CONSTANTS) and not (isinstance(value, str) and "/" in value):
        return [value]
    own = rename(read(value, "__module__"))
    holders = [holder for holder in homes[id(value), name] if rename(holder) == holder]
    if own in holders:
        return "" if own == module else own
    qualified = name if own == "__future__" else read(value, "__qualname__")
    if own and qualified and "<" not in qualified and not own.startswith("paddle"):
        return own + ":" + qualified
    public = [holder for holder in holders if name in getattr(modules[holder], "__all__", ())]
    if "paddle.fluid.framework" in holders and not public:
        public = ["paddle.fluid.framework"]
    first = min(public or holders or [module], key=lambda holder: (holder.count("."), holder))
    return "" if first == module else first


def rename(module):
    """Return the name of a module, 'paddle.fluid.core' for the two builds it takes its names from."""
    for build in ("paddle.fluid.core_avx", "paddle.fluid.core_noavx"):
        if module.startswith(build):
            return "paddle.fluid.core" + module[len(build) :]
    return module


def main():
    modules = {name: import_or_none(name) for name in list_modules()}
    # The parts of the C++ engine, which are not importable modules.
    core = paddle.fluid.core
    parts = [value for value in vars(core).values() if rename(read(value, "__name__")).startswith("paddle.fluid.core.")]
    modules.update((rename(part.__name__), part) for part in parts)
    homes = find_homes(modules)
    lines = []
    for module, loaded in sorted(modules.items()):
        names = {
            name: describe(name, value, module, modules, homes)
            for name, value in sorted(vars(loaded).items() if loaded else ())
            if is_wanted(name, value, module)
        }
        if hasattr(loaded, "__all__"):
            names["__all__"] = sorted(name for name in loaded.__all__ if name in names)
        lines.append(f"{json.dumps(module)}: {json.dumps(names, sort_keys=True)}")
    with open(TARGET, "w") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    if not paddle.__version__.startswith("1.8"):
        sys.exit("this records Paddle 1.8, not " + paddle.__version__)
    main()
