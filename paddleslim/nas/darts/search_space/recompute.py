"""Computing a layer again in the backward pass instead of keeping its activations."""

from __future__ import annotations

import contextlib

from paddle.distributed.fleet.utils import recompute

from .contract import places_of_statistics

__all__ = ["recompute_cells", "recomputed"]


def recompute_cells(supernet):
    """Let the backward pass of a supernet compute every cell again, whether it was made with `recompute=True` or not.

    Raises:
        ValueError: it has no layer with an attribute `recompute`, as the cells here have.
    """
    cells = [layer for layer in supernet.sublayers() if isinstance(getattr(layer, "recompute", None), bool)]
    if not cells:
        raise ValueError(
            f"{type(supernet).__name__} has no cells that can be computed again; build them of layers with an "
            "attribute `recompute`, or do without recomputation"
        )
    for cell in cells:
        cell.recompute = True


def recomputed(layer, function, *inputs):
    """Return `function(*inputs)`, of whose activations nothing is kept; the backward pass computes them again.

    The second time moves copies of the running statistics of `layer`, so that they move once in all.
    """
    calls = 0

    def run(*arguments):
        nonlocal calls
        calls += 1
        with contextlib.nullcontext() if calls == 1 else copied_statistics(layer):
            return function(*arguments)

    return recompute(run, *inputs)


@contextlib.contextmanager
def copied_statistics(layer):
    """Put copies in the place of a layer's buffers and untrained parameters, for a while."""
    # in their place rather than back into them: what has been changed in place cannot be differentiated
    kept = [place for place in places_of_statistics(layer) if place[2].stop_gradient]
    for tensors, name, tensor in kept:
        tensors[name] = tensor.clone()
    try:
        yield
    finally:
        for tensors, name, tensor in kept:
            tensors[name] = tensor
