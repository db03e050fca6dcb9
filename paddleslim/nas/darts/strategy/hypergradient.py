"""The gradient of the validation loss in the alphas, first and second order.

Notation of DARTS (Liu et al., 2019): w weights, α alphas, xi the rate of the virtual step, L_train and L_val the
losses of one batch each. Both functions leave the supernet as a caller expects: `first_order` is an ordinary
training pass (batch-norm statistics move), `second_order` leaves no trace at all.
"""

from __future__ import annotations

import contextlib

import paddle

from ....kernels.foreach import Snapshot, sum_of_squares
from ..search_space.contract import frozen, places_of_statistics, split_parameters
from ..state.random_states import read_random_states, write_random_states

__all__ = ["State", "check_difference", "first_order", "second_order", "shifted", "undisturbed", "virtual_step"]


def supernet_loss(supernet, image, label):
    return supernet._loss(image, label)


def first_order(supernet, valid_batch):
    """Return the validation gradient at the present weights, dL_val(w, α)/dα (DARTS, section 2.3, xi = 0).

    Args:
        supernet: offers `_loss(image, label)` and `arch_parameters()`.
        valid_batch: `(image, label)`, image `[N, ...]`, label `[N, 1]` or `[N]`.

    Returns:
        A list with one gradient per alpha, of its shape; None where the loss does not use the alpha.
    """
    weights, alphas = split_parameters(supernet)
    with frozen(weights):
        loss = supernet._loss(*valid_batch)
        return find_gradients(loss, alphas) if alphas else []


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

    With w' = w - xi (momentum v + dL_train(w, α)/dw + weight_decay w) it is

        dL_val(w', α)/dα - xi d²L_train(w, α)/dα dw · dL_val(w', α)/dw',

    the product with the mixed Hessian by a central difference (eq. 8) over w ± eps dL_val/dw' with
    eps = radius / ||dL_val/dw'||. With `difference="forward"` it is taken over w + eps dL_val/dw' and w itself, whose
    gradient the virtual step has made along: one pass less, for an error of order eps instead of eps² where the losses
    are smooth. Where they have kinks, as with ReLU, both depend on the radius (`benchmarks/differences.py`).

    Afterwards weights, buffers and random state are what they were, to the bit, also when an exception passes
    through; every pass sees the same random numbers.

    Args:
        supernet: offers `_loss(image, label)` and `arch_parameters()`.
        train_batch: `(image, label)` of the virtual step.
        valid_batch: `(image, label)` of the validation loss.
        xi: rate of the virtual step.
        momentum: factor of the velocity in the virtual step.
        velocity: one tensor per trainable weight, in the order of `split_parameters`, None for zero; or None.
        weight_decay: factor of the weights in the virtual step (L2).
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

        if difference == "central":
            gradients = gradients_of(train_loss, train_batch, weights, held=alphas)
        else:
            both = gradients_of(train_loss, train_batch, weights + alphas, held=[])
            gradients, behind = both[: len(weights)], both[len(weights) :]
        gradients = average(gradients)
        directions = [virtual_step(w, g, v, momentum, weight_decay) for w, g, v in zip(weights, gradients, velocity)]
        originals.move(directions, -xi)
        direct_and_vector = gradients_of(supernet_loss, valid_batch, alphas + weights, held=[])
        direct, vector = direct_and_vector[: len(alphas)], direct_and_vector[len(alphas) :]
        # Only weights that moved carry α into w'.
        vector = average([None if d is None else v for d, v in zip(directions, vector)])

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
            "that an architecture step needs; use paddleslim.nas.darts.search_space.recomputed instead"
        )
    return found


def has_gradient(parameter):
    gradient = parameter.grad  # what was cleared may be a tensor without memory
    return gradient is not None and gradient._is_initialized()


def check_difference(difference):
    """Raise a ValueError unless it is a difference that `second_order` knows."""
    if difference not in ("central", "forward"):
        raise ValueError(f"difference must be 'central' or 'forward', got {difference!r}")


@paddle.no_grad()
def virtual_step(weight, gradient, velocity, momentum, weight_decay):
    """Return momentum v + grad + decay w, what one step of SGD subtracts xi times; None without a gradient."""
    if gradient is None:
        return None
    step = gradient + weight_decay * weight if weight_decay else gradient
    return step if velocity is None else step + momentum * velocity


@paddle.no_grad()
def combine(direct, ahead, behind, xi, distance):
    """Return direct - xi (ahead - behind) / distance, where None stands for zero."""
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


@contextlib.contextmanager
def kept(tensors):
    """Yield a `Snapshot` of the tensors; on leaving they are again what they were, to the bit."""
    before = Snapshot(tensors)
    try:
        yield before
    finally:
        before.restore()


@contextlib.contextmanager
def shifted(weights, directions, scale):
    """Hold every weight at w + scale * direction; on leaving it is w again, to the bit.

    Args:
        weights: parameters, changed in place.
        directions: tensors of the same shapes; None leaves its weight alone.
        scale: a number or a tensor of one element.
    """
    with kept(weights) as originals:
        originals.move(directions, scale)
        yield


@contextlib.contextmanager
def undisturbed(supernet):
    """Yield the present `State` of `supernet`; on leaving, it is restored."""
    state = State(supernet)
    try:
        yield state
    finally:
        state.restore()


class State:
    """What a pass may move: the buffers of a supernet, and the random states of Paddle, numpy and Python."""

    def __init__(self, supernet):
        self._places = places_of_statistics(supernet)
        self._before = Snapshot([tensor for _, _, tensor in self._places])
        self._random = read_random_states()

    def restore(self):
        """Make everything what it was, to the bit."""
        write_random_states(self._random)
        self._before.restore()
        now = [holder.get(name) for holder, name, _ in self._places]
        replaced = [k for k, (_, _, tensor) in enumerate(self._places) if now[k] is not tensor and now[k] is not None]
        if replaced:  # a pass has put other tensors in their place
            copies = self._before.copies()
            with paddle.no_grad():
                for k in replaced:
                    paddle.assign(copies[k], now[k])
