"""The names of fluid in Paddle 1.8.5, module by module, as `names_1_8.json` holds them."""

from __future__ import annotations

import functools
import json
from pathlib import Path

__all__ = ["OPERATORS", "find_home", "has_submodules", "list_modules", "list_names", "list_public"]

# The parts of the C++ engine, which could not be imported by name.
CORE = "paddle.fluid.core."
OPERATORS = "paddle.fluid.core.ops"

# Names that scripts of 1.7 and of the first 2.0 took from fluid, and that 1.8.5 did not have there.
OTHER_VERSIONS = {
    "paddle.fluid": ["FC", "dygraph_grad_clip"],
    "paddle.fluid.core": ["eager", "get_cuda_device_count"],
    "paddle.fluid.dygraph": ["FC", "ParallelEnvironment", "SaveLoadConfig", "TranslatedLayer", "to_static"],
    "paddle.fluid.dygraph.jit": ["SaveLoadConfig", "TranslatedLayer", "load", "save", "set_verbosity"],
    "paddle.fluid.dygraph.nn": ["FC"],
    "paddle.fluid.dygraph_grad_clip": ["GradClipByGlobalNorm", "GradClipByNorm", "GradClipByValue"],
    "paddle.fluid.initializer": ["force_init_on_cpu", "init_on_cpu"],
}


@functools.cache
def read_names():
    """Return `{module: {name: home}}`; `tests/fluid/recorded/record_names.py` says what a home is."""
    names = json.loads(Path(__file__).with_name("names_1_8.json").read_text(encoding="utf-8"))
    for module, others in OTHER_VERSIONS.items():
        names.setdefault(module, {}).update(dict.fromkeys(others, ""))
    return names


def list_modules():
    """Return the full names of all modules, such as 'paddle.fluid.layers.nn'."""
    return [name for name in read_names() if not name.startswith(CORE)]


def has_submodules(module):
    """Return True for a package."""
    return any(name.startswith(module + ".") for name in read_names())


def list_names(module):
    """Return the names that a module had, [] for a module that fluid did not have."""
    return [name for name in read_names().get(module, ()) if name != "__all__"]


def list_public(module):
    """Return the names that `from module import *` gave."""
    names = read_names().get(module, {})
    return names.get("__all__") or [
        name for name, home in names.items() if not name.startswith("_") and home in ("", "+")
    ]


def find_home(module, name):
    """Return the home of a name: text, or a list of one constant; None for a name the module did not have."""
    return read_names().get(module, {}).get(name)
