"""Reading memory ahead: convolutions compute longer than they read, so they prefetch what later instructions work on.

Values that pass from level to level exist for every image, and lie farther than the second cache when they are read. A
pass over one, which computes little, would wait for it, and so would a product for the memory that it writes.
"""

from __future__ import annotations

from .. import depthwise, gemm

__all__ = ["with_prefetches"]

NUMBERS = 4096  # of an image of a buffer that is worth it
OPERANDS = 4  # of a convolution, before what it prefetches
PREFETCHING = gemm.gemm, depthwise.depthwise
DISTANCE = 8  # convolutions; what is prefetched earlier is out of the cache when it is used


def with_prefetches(instructions, plan):
    """Return the instructions of a level that runs image by image, convolutions with what they prefetch.

    Each buffer that is not in the cache is given to the last convolution before its first use that has none yet.
    """
    found, seen = list(instructions), set()
    free: list[int] = []
    for position, instruction in enumerate(instructions):
        written = [instruction.operands[k].buffer for k in instruction.writes]
        for view in instruction.views():
            buffer = view.buffer
            if buffer in seen:
                continue
            seen.add(buffer)
            if not free or not is_far(buffer, plan):
                continue
            # products ask for what they write themselves, of which one before them would ask no earlier
            products = instruction.kernel is found[free[-1]].kernel is gemm.gemm
            if not (products and buffer in written):
                found[free[-1]] = prefetching(found[free[-1]], view._replace(offset=0))
                free.pop()
        if instruction.kernel in PREFETCHING:
            free = [*free, position][-DISTANCE:]
    return found


def is_far(buffer, plan) -> bool:
    """Return whether a buffer has an image of some size for each image, elsewhere than in the memory of a thread."""
    planned = buffer.tensor is None and (buffer.saved or not plan.addresses[buffer][0])
    return planned and buffer.per_image and buffer.numbers >= NUMBERS


def prefetching(convolution, view):
    """Return a convolution that prefetches all of a buffer, which begins at a view."""
    before = convolution.operands
    operands = (*before, *before[: OPERANDS - len(before)], view)
    return convolution._replace(operands=operands, integers=(*convolution.integers, view.buffer.numbers))
