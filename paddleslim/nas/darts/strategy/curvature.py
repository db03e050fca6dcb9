"""How sharply the validation loss bends in the alphas: the dominant eigenvalue of its Hessian."""

from __future__ import annotations

import numpy as np
import paddle

from ..search_space.contract import split_parameters
from ..state.snapshots import shifted, undisturbed
from .hypergradient import first_order

__all__ = ["dominant_eigenvalue", "hessian_product", "largest_eigenvalue"]


def dominant_eigenvalue(supernet, valid_batch, average=lambda tensors: tensors):
    """Return the largest eigenvalue of d²L_val(w, α)/dα² on one batch (Zela et al., 2020, section 3).

    Args:
        supernet: offers `_loss(image, label)` and `arch_parameters()`; left as it was.
        valid_batch: `(image, label)`, image `[N, ...]`, label `[N, 1]`.
        average: function of a list of tensors, returns their means over all ranks.
    """
    size = sum(alpha.size for alpha in split_parameters(supernet)[1])
    if not size:
        return 0.0
    return largest_eigenvalue(lambda vector: hessian_product(supernet, valid_batch, vector, average=average), size)


def hessian_product(supernet, valid_batch, vector, radius=0.01, average=lambda tensors: tensors):
    """Return d²L_val/dα² · vector, `[all alphas]` in float64, by a central difference of two gradients.

    Paddle cannot differentiate twice through all operations, so: (grad at α + radius v - grad at α - radius v)
    / (2 radius), for a `vector` v of length 1.
    """
    _, alphas = split_parameters(supernet)
    pieces = np.split(vector, np.cumsum([alpha.size for alpha in alphas])[:-1])
    directions = [paddle.to_tensor(piece.reshape(a.shape), dtype=a.dtype) for piece, a in zip(pieces, alphas)]

    def gradient_at(scale):
        with shifted(alphas, directions, scale), undisturbed(supernet):
            gradients = average(first_order(supernet, valid_batch))
        zeros = (np.zeros(alpha.shape) for alpha in alphas)
        filled = [zero if g is None else g.numpy() for g, zero in zip(gradients, zeros)]
        return np.concatenate([np.asarray(g, "float64").ravel() for g in filled])

    return (gradient_at(radius) - gradient_at(-radius)) / (2 * radius)


def largest_eigenvalue(product, size, iterations=20, tolerance=1e-3):
    """Return the largest eigenvalue of a symmetric matrix by the method of Lanczos.

    Args:
        product: function of a vector `[size]` of length 1, returns the matrix times it.
        size: rows of the matrix.
        iterations: how many products at most.
        tolerance: of the residual, relative to the eigenvalue.
    """
    vector = np.random.default_rng(0).standard_normal(size)
    basis = [vector / np.linalg.norm(vector)]
    diagonal: list[float] = []
    beside: list[float] = []
    while True:
        image = product(basis[-1])
        diagonal.append(float(basis[-1] @ image))
        for _ in range(2):  # once more removes what rounding left
            for known in basis:
                image = image - (known @ image) * known
        length = float(np.linalg.norm(image))
        values, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))
        # |A x - value x| of the Ritz vector x
        residual = length * abs(vectors[-1, -1])
        if residual <= tolerance * abs(values[-1]) or len(basis) >= min(size, iterations):
            return float(values[-1])
        beside.append(length)
        basis.append(image / length)
