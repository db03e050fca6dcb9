"""Which weights of a supernet belong to which of its operations."""

from __future__ import annotations

import numpy as np
import paddle

__all__ = ["OperationWeights"]


class OperationWeights:
    """The weights of the operations of a supernet.

    A supernet offers them as `operation_weights()`: a mapping from a name for each operation on each edge of each cell
    to a list of its parameters. A parameter that holds the weights of several operations, as those of the built-in
    supernets do, is given as a triple `(parameter, part, parts)`: the operation has one of `parts` equal parts of its
    first axis.

    Args:
        supernet: a supernet with such a method.

    Attributes:
        names: of the operations.
        parameters: all that hold weights of operations, each once.

    Raises:
        AttributeError: the supernet has no such method.
    """

    def __init__(self, supernet):
        if not callable(getattr(supernet, "operation_weights", None)):
            raise AttributeError(
                f"{type(supernet).__name__} lacks `operation_weights`, needed to stop operations one by one; it should "
                "be a method that returns a mapping from a name for each operation to the list of its parameters"
            )
        found = supernet.operation_weights()
        self.names: list = list(found)
        self.parameters: list = []
        places: dict[int, int] = {}
        self.owners: list[np.ndarray] = []  # for each parameter the operation of each of its parts, -1 for none
        for number, pieces in enumerate(found.values()):
            for piece in pieces:
                parameter, part, parts = piece if isinstance(piece, tuple) else (piece, 0, 1)
                if id(parameter) not in places:
                    places[id(parameter)] = len(self.parameters)
                    self.parameters.append(parameter)
                    self.owners.append(np.full(parts, -1))
                self.owners[places[id(parameter)]][part] = number

    def masks(self, resting):
        """Return for each parameter with a resting part, by its number, zeros for those parts and ones for the others.

        Args:
            resting: one bool for each operation.

        Returns:
            Tensors of the parameters' types, of their first axis and ones, such as `[64, 1, 1, 1]`.
        """
        found = {}
        for k, (parameter, owners) in enumerate(zip(self.parameters, self.owners)):
            rests = (owners >= 0) & resting[owners]
            if rests.any():
                rows = np.repeat(~rests, parameter.shape[0] // len(owners))
                shape = [-1] + [1] * (len(parameter.shape) - 1)
                found[k] = paddle.to_tensor(rows, dtype=parameter.dtype).reshape(shape)
        return found

    def cosines(self, one, other):
        """Return the cosine of two lists of gradients of the parameters in each operation, `[operations]` in float32.

        It is 1 where an operation has no gradient: nothing disagrees.
        """
        sums, owners = [], []
        for first, second, owner in zip(one, other, self.owners):
            if first is not None and second is not None:
                a, b = (g.reshape([len(owner), -1]).astype("float32") for g in (first, second))
                sums.append(paddle.stack([(a * b).sum(1), (a * a).sum(1), (b * b).sum(1)], axis=1))
                owners.append(np.where(owner < 0, len(self.names), owner))
        total = paddle.zeros([len(self.names) + 1, 3], "float32")
        if sums:
            places = paddle.to_tensor(np.concatenate(owners)[:, None], "int64")
            total = paddle.scatter_nd_add(total, places, paddle.concat(sums))
        inner, a2, b2 = total[:-1].unbind(axis=1)
        lengths = (a2 * b2).sqrt()
        return paddle.where(lengths > 0, inner / lengths.clip(min=1e-30), paddle.ones_like(inner))
