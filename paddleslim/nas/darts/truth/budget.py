"""What the operations of the space cost in parameters, for searches under a budget."""

from __future__ import annotations

from functools import cache

from ..networks.costs import Costs
from ..networks.measure import count_parameters
from .protocol import PROTOCOL
from .space import LETTERS, build_network, from_code

__all__ = ["count_costs"]


@cache
def count_costs(protocol=PROTOCOL, num_classes=10, in_channels=1):
    """Return the `Costs` in parameters of the operations in the network that a protocol trains."""

    def count(code):
        return count_parameters(build_network(from_code(code), protocol.settings.channels, num_classes, in_channels))

    fixed = count("nnn")
    edge = {operation: count(f"{letter}nn") - fixed for operation, letter in LETTERS.items()}
    return Costs("parameters", [[edge] * 3], [[1.0] * 3], fixed)
