"""Kernels that give the same bits each time."""

from __future__ import annotations

import contextlib

import paddle

__all__ = ["same_bits"]

FLAGS = {
    "FLAGS_cudnn_deterministic": True,
    "FLAGS_cudnn_exhaustive_search": False,  # the fastest kernel of today need not be that of tomorrow
    "FLAGS_embedding_deterministic": 1,
    "FLAGS_cpu_deterministic": True,
}


@contextlib.contextmanager
def same_bits(wanted=True):
    """Inside, Paddle takes deterministic kernels where it has them; on leaving its flags are as before.

    Flags that this Paddle does not know, such as those of CUDA in a build for the CPU, are left out.
    """
    before = {}
    if wanted:
        for flag, value in FLAGS.items():
            with contextlib.suppress(ValueError):
                before.update(paddle.get_flags(flag))
                paddle.set_flags({flag: value})
    try:
        yield
    finally:
        paddle.set_flags(before)
