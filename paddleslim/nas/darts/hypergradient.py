"""The gradient of the validation loss in the alphas, first and second order.

Notation of DARTS (Liu et al., 2019): w weights, α alphas, xi the rate of the virtual step, L_train and L_val the
losses of one batch each. Both functions leave the supernet as a caller expects: `first_order` is an ordinary
training pass (batch-norm statistics move), `second_order` leaves no trace at all.
"""

from __future__ import annotations

import contextlib
import random

import numpy as np
import paddle

from .supernet import frozen, split_parameters

__all__ = ["check_difference", "first_order", "second_order", "shifted", "undisturbed", "virtual_step"]


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
        return paddle.grad(supernet._loss(*valid_batch), alphas, allow_unused=True)


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
    gradient the virtual step has made along: one pass less, for an error of order eps instead of eps².

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
    statistics = [tensor for _, tensor in named_statistics(supernet)]

    def train_gradients(wanted, held):
        with restored(statistics), frozen(held):
            return paddle.grad(train_loss(supernet, *train_batch), wanted, allow_unused=True)

    with undisturbed(supernet):
        if difference == "central":
            gradients = train_gradients(weights, held=alphas)
        else:
            both = train_gradients(weights + alphas, held=[])
            gradients, behind = both[: len(weights)], both[len(weights) :]
        gradients = average(gradients)
        velocity = velocity or [None] * len(weights)
        directions = [virtual_step(w, g, v, momentum, weight_decay) for w, g, v in zip(weights, gradients, velocity)]
        with shifted(weights, directions, -xi), restored(statistics):
            loss = supernet._loss(*valid_batch)
            direct_and_vector = paddle.grad(loss, alphas + weights, allow_unused=True)
        direct, vector = direct_and_vector[: len(alphas)], direct_and_vector[len(alphas) :]
        # Only weights that moved carry α into w'.
        vector = average([None if d is None else v for d, v in zip(directions, vector)])

        eps = radius / global_norm(vector)
        with shifted(weights, vector, eps):
            ahead = train_gradients(alphas, held=weights)
        if difference == "central":
            with shifted(weights, vector, -eps):
                behind = train_gradients(alphas, held=weights)
        distance = 2 * eps if difference == "central" else eps
        return average([combine(d, a, b, xi, distance) for d, a, b in zip(direct, ahead, behind)])


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


@paddle.no_grad()
def global_norm(tensors):
    """Return the Euclidean norm of all tensors together; at least 1e-30, so that it can be divided by."""
    squares = [t.square().sum() for t in tensors if t is not None]
    if not squares:
        return 1.0
    return paddle.add_n(squares).sqrt().clip(min=1e-30)


@contextlib.contextmanager
def shifted(weights, directions, scale):
    """Hold every weight at w + scale * direction; on leaving it is w again, to the bit.

    Args:
        weights: parameters, changed in place.
        directions: tensors of the same shapes; None leaves its weight alone.
        scale: a number or a tensor of one element.
    """
    moving = [(w, d) for w, d in zip(weights, directions) if d is not None]
    with paddle.no_grad():
        originals = [w.clone() for w, _ in moving]
    try:
        with paddle.no_grad():
            for weight, direction in moving:
                paddle.assign(weight + scale * direction, weight)
        yield
    finally:
        with paddle.no_grad():
            for (weight, _), original in zip(moving, originals):
                paddle.assign(original, weight)


@contextlib.contextmanager
def undisturbed(supernet):
    """On leaving, the buffers of `supernet` and the random states of Paddle, numpy and Python are as before."""
    before = dict(named_statistics(supernet))
    with restored(list(before.values())) as copies:
        try:
            yield
        finally:
            values = dict(zip(before, copies))
            with paddle.no_grad():
                for name, tensor in named_statistics(supernet):
                    if name in before and tensor is not before[name]:  # a pass has put another tensor in its place
                        paddle.assign(values[name], tensor)


@contextlib.contextmanager
def restored(tensors):
    """On leaving, these tensors and the random states are as before; copies of the tensors are yielded."""
    with paddle.no_grad():
        copies = [tensor.clone() for tensor in tensors]
    states = paddle.get_rng_state(), np.random.get_state(), random.getstate()
    try:
        yield copies
    finally:
        paddle.set_rng_state(states[0])
        np.random.set_state(states[1])
        random.setstate(states[2])
        with paddle.no_grad():
            for tensor, copy in zip(tensors, copies):
                paddle.assign(copy, tensor)


def named_statistics(supernet):
    """Return names and tensors of all that a pass may move: buffers, and the parameters that are not trained.

    Paddle keeps the running statistics of batch norm as such parameters.
    """
    untrained = [(name, p) for name, p in supernet.named_parameters() if p.stop_gradient]
    return untrained + list(supernet.named_buffers())
