"""The gradient of the validation loss in the alphas, first and second order.

Notation of DARTS (Liu et al., 2019): w weights, α alphas, xi the rate of the virtual step, L_train and L_val the
losses of one batch each. Both functions leave the supernet as a caller expects: `first_order` is an ordinary
training pass (batch-norm statistics move), `second_order` leaves no trace at all.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import paddle

from ....common.checks import Rate
from ....common.sparse_rows import as_dense
from ....kernels.foreach import sum_of_squares
from ..search_space.contract import split_parameters
from ..state.parameters import frozen
from ..state.snapshots import kept, undisturbed
from .annealing import make_plain
from .names import DIFFERENCES
from .problem import supernet_loss

__all__ = [
    "DIFFERENCES",
    "FirstOrder",
    "SecondOrder",
    "check_difference",
    "first_order",
    "second_order",
    "virtual_step",
]


@dataclasses.dataclass(frozen=True)
class FirstOrder:
    """dL_val(w, α)/dα at the present weights, see `first_order`."""

    equation: ClassVar[str] = "dL_val(w, a)/da"

    def gradients(self, problem, train_batch, valid_batch):
        """Return the gradients of the alphas of a `Problem`, one for each; an observer is shown its own."""
        if problem.observer is None:
            return problem.average(first_order(problem.supernet, valid_batch))
        found = problem.average(first_order(problem.supernet, valid_batch, problem.observer.parameters))
        alphas = len(found) - len(problem.observer.parameters)
        problem.observer.observe(valid_batch, found[alphas:])
        return found[:alphas]


@dataclasses.dataclass(frozen=True)
class SecondOrder:
    """dL_val(w', α)/dα through one virtual weight step, see `second_order`.

    Attributes:
        difference: 'central' or 'forward'.
        radius: length of the shift of all weights in the difference.
    """

    difference: str = "central"
    radius: float = 0.01

    equation: ClassVar[str] = "dL_val(w', a)/da, w' = w - xi (momentum v + dL_train(w, a)/dw + decay w)"

    def __post_init__(self):
        make_plain(self)
        check_difference(self.difference)
        Rate()("radius", self.radius)

    def gradients(self, problem, train_batch, valid_batch):
        """Return the gradients of the alphas of a `Problem`, one for each."""
        return second_order(
            problem.supernet,
            train_batch,
            valid_batch,
            xi=problem.xi,
            momentum=problem.momentum,
            velocity=problem.velocity(),
            weight_decay=problem.weight_decay,
            radius=self.radius,
            train_loss=problem.train_loss,
            average=problem.average,
            difference=self.difference,
        )


def first_order(supernet, valid_batch, further=()):
    """Return the validation gradient at the present weights, dL_val(w, α)/dα (DARTS, section 2.3, xi = 0).

    Args:
        supernet: offers `_loss(image, label)` and `arch_parameters()`.
        valid_batch: `(image, label)`, image `[N, ...]`, label `[N, 1]` or `[N]`.
        further: weights whose gradients the same pass is to make.

    Returns:
        A list with one gradient per alpha, of its shape, and one for each of `further`; None where the loss does not
        use the parameter.
    """
    weights, alphas = split_parameters(supernet)
    wanted, kept = [*alphas, *further], {id(weight) for weight in further}
    with frozen([weight for weight in weights if id(weight) not in kept]):
        loss = supernet_loss(supernet, *valid_batch)
        return find_gradients(loss, wanted) if wanted else []


def second_order(
    supernet,
    train_batch,
    valid_batch,
    xi,
    momentum=0.0,
    velocity=None,
    weight_decay=0.0,
    radius=0.01,
    train_loss=supernet_loss,
    average=lambda gradients: gradients,
    difference="central",
):
    """Return the validation gradient through one virtual weight step, dL_val(w', α)/dα (DARTS, eq. 7).

    With w' = w - xi r (momentum v + dL_train(w, α)/dw + weight_decay w), where r and another decay are those of the
    `ParamAttr` of each weight, 1 and `weight_decay` without one, it is

        dL_val(w', α)/dα - xi d²L_train(w, α)/dα dw · r dL_val(w', α)/dw',

    the product with the mixed Hessian by a central difference (eq. 8) over w ± eps r dL_val/dw' with
    eps = radius / ||r dL_val/dw'||. With `difference="forward"` it is taken over w + eps dL_val/dw' and w itself, whose
    gradient the virtual step has made along: one pass less, for an error of order eps instead of eps² where the losses
    are smooth. Where they have kinks, as with ReLU, both depend on the radius (`benchmarks/differences.py`).

    Afterwards weights, buffers and random state are what they were, bit-for-bit, also when an exception passes
    through; every pass sees the same random numbers.

    Args:
        supernet: offers `_loss(image, label)` and `arch_parameters()`.
        train_batch: `(image, label)` of the virtual step.
        valid_batch: `(image, label)` of the validation loss.
        xi: rate of the virtual step.
        momentum: factor of the velocity in the virtual step; a number, or one for each trainable weight.
        velocity: one tensor per trainable weight, in the order of `split_parameters`, None for zero; or None.
        weight_decay: factor of the weights in the virtual step (L2); a number, or one for each trainable weight.
        radius: length of the shift of all weights in the difference.
        train_loss: function of (supernet, image, label), L_train; `supernet._loss` unless given.
        average: function of a list of tensors that returns their means over all ranks of a distributed search, so
            that L_train and L_val are the means over the batches of all ranks; the identity unless given.
        difference: 'central' or 'forward'.

    Returns:
        A list with one gradient per alpha, of its shape; None where neither loss uses the alpha.

    Raises:
        ValueError: `difference` is neither.
    """
    check_difference(difference)
    weights, alphas = split_parameters(supernet)
    if not alphas:
        return []
    velocity = velocity or [None] * len(weights)
    with undisturbed(supernet) as state, kept(weights) as originals:

        def gradients_of(loss, batch, wanted, held):
            with frozen(held):
                found = find_gradients(loss(supernet, *batch), wanted)
            state.restore()
            return found

        def train_gradients_at(directions, factor):
            originals.move(directions, factor)
            return gradients_of(train_loss, train_batch, alphas, held=weights)

        if not weights:  # a callback may have frozen all: w' = w
            return average(gradients_of(supernet_loss, valid_batch, alphas, held=[]))
        if difference == "central":
            gradients = gradients_of(train_loss, train_batch, weights, held=alphas)
        else:
            both = gradients_of(train_loss, train_batch, weights + alphas, held=[])
            gradients, behind = both[: len(weights)], both[len(weights) :]
        gradients = average(gradients)
        factors = (
            factor if isinstance(factor, list) else [factor] * len(weights) for factor in (momentum, weight_decay)
        )
        directions = [virtual_step(*of_weight) for of_weight in zip(weights, gradients, velocity, *factors)]
        originals.move(directions, -xi)
        direct_and_vector = gradients_of(supernet_loss, valid_batch, alphas + weights, held=[])
        direct, vector = direct_and_vector[: len(alphas)], direct_and_vector[len(alphas) :]
        # Only weights that moved carry α into w'.
        vector = average([None if d is None else scale(v, rate_of(w)) for w, d, v in zip(weights, directions, vector)])

        eps = radius / global_norm(vector)
        ahead = train_gradients_at(vector, eps)
        if difference == "central":
            behind = train_gradients_at(vector, -eps)
        distance = 2 * eps if difference == "central" else eps
        return average([combine(d, a, b, xi, distance) for d, a, b in zip(direct, ahead, behind)])


def find_gradients(loss, wanted):
    """Return the gradient of the loss in each of the parameters, None where it does not use one.

    Raises:
        RuntimeError: the supernet uses Paddle's recompute, which, inside `paddle.grad`, adds gradients to `.grad` and
            returns nothing of them.
    """
    without = [parameter for parameter in wanted if not has_gradient(parameter)]
    found = paddle.grad(loss, wanted, allow_unused=True)
    left = [parameter for parameter in without if has_gradient(parameter)]
    for parameter in left:
        parameter.clear_gradient(False)  # not to zero; by its name the argument is ignored
    if left:
        raise RuntimeError(
            f"the supernet computes a part with `{left[0].name}` again by Paddle's recompute, which loses gradients "
            "that an architecture step needs; use paddleslim.nas.darts.search_space.recomputed instead, with the layer "
            "that holds it"
        )
    return [None if gradient is None else as_dense(gradient, p)[0] for gradient, p in zip(found, wanted)]


def has_gradient(parameter):
    gradient = parameter.grad  # what was cleared may be a tensor without memory
    return gradient is not None and gradient._is_initialized()


def check_difference(difference):
    """Raise a ValueError unless it is a difference that `second_order` knows."""
    if difference not in DIFFERENCES:
        raise ValueError(f"difference must be 'central' or 'forward', got {difference!r}")


@paddle.no_grad()
def virtual_step(weight, gradient, velocity, momentum, weight_decay):
    """Return r (momentum v + grad + decay w), what one step of SGD subtracts xi times; None without a gradient.

    The rate r is 1, and the decay the optimizer's, unless the `ParamAttr` of the weight has others.
    """
    if gradient is None:
        return None
    step = gradient
    regularizer = getattr(weight, "regularizer", None)
    if isinstance(regularizer, paddle.regularizer.L1Decay):
        step = gradient + regularizer._coeff * weight.sign()
    else:
        decay = weight_decay if regularizer is None else regularizer._coeff
        step = gradient + decay * weight if decay else gradient
    return scale(step if velocity is None else step + momentum * velocity, rate_of(weight))


def rate_of(weight):
    """Return the factor of the learning rate that the `ParamAttr` of a weight has; 1 without one."""
    return (getattr(weight, "optimize_attr", None) or {}).get("learning_rate", 1.0)


def scale(tensor, factor):
    return tensor if factor == 1.0 or tensor is None else tensor * factor


@paddle.no_grad()
def combine(direct, ahead, behind, xi, distance):
    """Return direct - xi (ahead - behind) / distance, where None means zero."""
    if ahead is None:
        return direct
    implicit = xi * (ahead - behind) / distance
    return -implicit if direct is None else direct - implicit


def global_norm(tensors):
    """Return the Euclidean norm of all tensors together, `[]`; at least 1e-30, so that it can be divided by."""
    tensors = [tensor for tensor in tensors if tensor is not None]
    if not tensors:
        return 1.0
    return sum_of_squares(tensors).sqrt().clip(min=1e-30)
