"""Scores of a network that is not trained: what a search must beat to be worth its time."""

from __future__ import annotations

import contextlib

import numpy as np
import paddle
from paddle import nn

__all__ = ["gradient_norm", "synflow"]


def synflow(network, image_shape):
    """Return the sum over all weights of |w dR/dw|, R the sum of the logits (SynFlow, Tanaka et al., 2020, eq. 2).

    R is computed with the absolute values of the weights for one image of ones; norms are as at the start of training.
    The network is afterwards what it was.

    Args:
        network: one that is not trained yet.
        image_shape: `[channels, height, width]`.
    """
    weights = [layer.weight for layer in network.sublayers() if isinstance(layer, (nn.Conv2D, nn.Linear))]
    with absolute(weights), evaluating(network):
        total = network(paddle.ones([1, *image_shape])).sum()
        gradients = paddle.grad(total, weights, allow_unused=True)
        products = [(w * g).abs().sum() for w, g in zip(weights, gradients) if g is not None]
        return float(paddle.add_n(products))


def gradient_norm(network, image, label):
    """Return the L2 norm of the gradient of the cross entropy in all parameters (Abdelfattah et al., 2021).

    Running statistics of norms are afterwards what they were.

    Args:
        network: one that is not trained yet; it is used as in training.
        image: `[N, channels, height, width]`.
        label: `[N, 1]`.
    """
    parameters = [p for p in network.parameters() if p.trainable]
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    network.train()
    loss = nn.functional.cross_entropy(network(image), label)
    gradients = paddle.grad(loss, parameters, allow_unused=True)
    network.set_state_dict(before)
    return float(np.sqrt(sum(float((g * g).sum()) for g in gradients if g is not None)))


@contextlib.contextmanager
def absolute(weights):
    """Inside, the weights are their absolute values."""
    before = [weight.clone() for weight in weights]
    try:
        for weight in weights:
            weight.set_value(weight.abs())
        yield
    finally:
        for weight, value in zip(weights, before):
            weight.set_value(value)


@contextlib.contextmanager
def evaluating(network):
    """Inside, the network is in evaluation mode."""
    training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train() if training else network.eval()
