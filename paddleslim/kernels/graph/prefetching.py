"""Reading memory ahead: products compute longer than they read, so they prefetch what later instructions work on.

Values that pass from level to level exist for every image, and lie farther than the second cache when they are read. A
pass over one, which computes little, would wait for it.
"""

from __future__ import annotations

from .. import gemm

__all__ = ["with_prefetches"]

NUMBERS = 4096  # of an image of a buffer that is worth it
OPERANDS = 4  # of a product, before what it prefetches
DISTANCE = 8  # products; what is prefetched earlier is out of the cache when it is used


def with_prefetches(instructions, plan):
    """Return the instructions of a level that runs image by image, products with what they prefetch.

    Each buffer that is not in the cache is given to the last product before its first use that has none yet.
    """
    found, seen = list(instructions), set()
    free: list[int] = []
    for position, instruction in enumerate(instructions):
        product = instruction.kernel is gemm.gemm
        written = [instruction.operands[k].buffer for k in instruction.writes]
        for view in instruction.views():
            buffer = view.buffer
            if buffer in seen:
                continue
            seen.add(buffer)
            # a product asks for what it writes itself
            if free and is_far(buffer, plan) and not (product and buffer in written):
                found[free[-1]] = prefetching(found[free[-1]], view._replace(offset=0))
                free.pop()
        if product:
            free = [*free, position][-DISTANCE:]
    return found


def is_far(buffer, plan) -> bool:
    """Return whether a buffer has an image of some size for each image, elsewhere than in the memory of a thread."""
    planned = buffer.tensor is None and (buffer.saved or not plan.addresses[buffer][0])
    return planned and buffer.per_image and buffer.numbers >= NUMBERS


def prefetching(product, view):
    """Return a product that prefetches all of a buffer, which begins at a view."""
    operands = (*product.operands, *product.operands[: OPERANDS - len(product.operands)], view)
    return product._replace(operands=operands, integers=(*product.integers, view.buffer.numbers))
