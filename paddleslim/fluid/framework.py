"""`fluid.framework`: variables, places, and what is left of programs."""

from __future__ import annotations

import contextlib

import paddle
from paddle.utils import unique_name

from . import core
from ._absent import absent, static_graph_error
from ._variable import Parameter, Variable
from .core import is_compiled_with_cuda

__all__ = [
    "Variable",
    "cpu_places",
    "cuda_pinned_places",
    "cuda_places",
    "default_main_program",
    "default_startup_program",
    "get_flags",
    "in_dygraph_mode",
    "is_compiled_with_cuda",
    "name_scope",
    "require_version",
    "set_flags",
]

ParamBase = Parameter
VarBase = Variable

_programs: list[tuple[DygraphProgram, DygraphProgram]] = []


class DygraphProgram:
    """What a dygraph script used of a program: its random seed.

    Attributes:
        random_seed: not 0: every draw starts from it, as in Paddle 1.8, and Paddle's generator is seeded too.
    """

    def __init__(self):
        self._random_seed = 0

    @property
    def random_seed(self):
        return self._random_seed

    @random_seed.setter
    def random_seed(self, seed):
        if not isinstance(seed, int):
            raise ValueError(f"random_seed must be an integer, got {seed!r}")
        self._random_seed = seed
        if seed:
            paddle.seed(seed)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise static_graph_error(f"Program.{name}")


def default_main_program():
    """Return the program whose random seed rules the draws inside the present guard."""
    return _programs[-1][0]


def default_startup_program():
    """Return the other program; its random seed had no effect in dygraph, and has none here."""
    return _programs[-1][1]


@contextlib.contextmanager
def fresh_programs():
    """Hold new programs, with random seed 0, and new counters for names, as each dygraph guard did."""
    _programs.append((DygraphProgram(), DygraphProgram()))
    try:
        with unique_name.guard():
            yield
    finally:
        _programs.pop()


_programs.append((DygraphProgram(), DygraphProgram()))


def in_dygraph_mode():
    """Return True unless the script has called `paddle.enable_static`: today's Paddle starts in dygraph mode."""
    return paddle.in_dynamic_mode()


def _current_expected_place():
    return paddle.framework._current_expected_place()


def cpu_places(device_count=None):
    """Return a list of `device_count` CPUPlaces, one if None."""
    return [core.CPUPlace() for _ in range(device_count or 1)]


def cuda_places(device_ids=None):
    """Return a list of CUDAPlaces with the given numbers, of all GPUs if None."""
    if device_ids is None:
        device_ids = range(core.get_cuda_device_count())
    return [core.CUDAPlace(i) for i in ([device_ids] if isinstance(device_ids, int) else device_ids)]


def cuda_pinned_places(device_count=None):
    """Return a list of `device_count` CUDAPinnedPlaces, one if None."""
    return [core.CUDAPinnedPlace() for _ in range(device_count or 1)]


def require_version(min_version, max_version=None):
    """Check that both are versions such as '1.7.0'; any of them is met, since all of fluid is 1.8 here.

    Raises:
        TypeError: an argument is no string.
        ValueError: an argument is no version, or `min_version` is newer than 1.8 and not met.
    """
    for version in (min_version, max_version):
        if version is not None and not isinstance(version, str):
            raise TypeError(f"a version must be a string such as '1.7.0', got {version!r}")
    if [int(part) for part in min_version.split(".")[:2] if part.isdigit()] > [1, 8]:
        raise ValueError(f"fluid is that of Paddle 1.8 here, but the script requires {min_version}")


@contextlib.contextmanager
def name_scope(prefix=None):
    """Do nothing: name scopes grouped operators of static graphs."""
    yield


get_flags = paddle.get_flags
set_flags = paddle.set_flags
__getattr__ = absent(__name__)
