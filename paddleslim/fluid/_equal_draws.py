"""The same global numpy and Python generators in all processes of a launch."""

from __future__ import annotations

import hashlib
import os
import random
from typing import Any

import numpy as np

__all__ = ["draw_alike"]


def draw_alike(environment=os.environ):
    """Give the ranks of a launch the same global generators of numpy and Python, other ones in each launch.

    Scripts of 2020 shuffle a data set by them, without a seed, before they split it into training and validation
    images; each process did so for itself. The seed is made from the addresses of the ranks, which a launcher draws
    anew. A seed that the script sets later holds, and so does one of numpy's from before. One process is left alone.

    Args:
        environment: what the launcher wrote, `PADDLE_TRAINERS_NUM` and `PADDLE_TRAINER_ENDPOINTS`.
    """
    if int(environment.get("PADDLE_TRAINERS_NUM") or 1) < 2:
        return
    launch = ",".join(environment.get(name, "") for name in ("PADDLE_MASTER", "PADDLE_TRAINER_ENDPOINTS"))
    seed = int.from_bytes(hashlib.sha256(launch.encode()).digest()[:4], "little")
    random.seed(seed)
    if not is_seeded():
        np.random.seed(seed)


def is_seeded():
    """Return whether numpy's global generator is as `np.random.seed(number)` leaves it; `number` is its first word."""
    now: Any = np.random.get_state()
    then: Any = np.random.RandomState(now[1][0]).get_state()
    return np.array_equal(now[1], then[1])
