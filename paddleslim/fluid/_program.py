"""What is left of programs: the random seed of the present guard."""

from __future__ import annotations

import contextlib

import paddle
from paddle.utils import unique_name

from ._absent import static_graph_error

__all__ = ["DygraphProgram", "default_main_program", "default_startup_program", "fresh_programs"]

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
