"""Noise-contrastive estimation."""

from __future__ import annotations

import numpy as np
import paddle
from paddle.nn import functional as F
from paddle.utils import unique_name

from .. import _random
from .._variable import fluid_function
from .layers import Layer

__all__ = ["NCE"]


class NCE(Layer):
    """Noise-contrastive loss of [N, dim] against labels [N, T], over `num_total_classes` (Gutmann, Hyvärinen, 2010).

    The noise classes are drawn anew in each call, one set for the batch; `seed` makes them the same every time.
    Their generator is numpy's, not that of Paddle 1.8. A bias exists only where `bias_attr` is given, as in 1.8.
    """

    def __init__(
        self,
        num_total_classes,
        dim,
        sample_weight=None,
        param_attr=None,
        bias_attr=None,
        num_neg_samples=None,
        sampler="uniform",
        custom_dist=None,
        seed=0,
        is_sparse=False,
        dtype="float32",
    ):
        super().__init__(dtype=dtype)
        self._num_neg_samples = 10 if num_neg_samples is None else int(num_neg_samples)
        self._probabilities = noise_distribution(sampler, num_total_classes, custom_dist)
        self._seed, self._sample_weight, self._is_sparse = seed, sample_weight, is_sparse
        if sampler == "custom_dist":
            # Fluid made three parameters of the distribution first; the names of the others count on from there.
            for _ in range(3):
                unique_name.generate(f"{self._full_name}.w")
        self.weight = self.create_parameter([num_total_classes, dim], param_attr, dtype)
        self.bias = self.create_parameter([num_total_classes, 1], bias_attr, dtype, is_bias=True) if bias_attr else None

    def forward(self, input, label, sample_weight=None):
        """Return the loss of each sample, [N, 1], divided by the number of noise classes and one."""
        generator = np.random.default_rng(_random.choose_seed(self._seed))
        probabilities, count = self._probabilities, self._num_neg_samples
        noise = generator.choice(len(probabilities), count, p=probabilities)
        sample_weight = self._sample_weight if sample_weight is None else sample_weight
        parameters = self.weight, self.bias, self._is_sparse
        return nce_loss(input, label, *parameters, noise, probabilities, sample_weight)


def noise_distribution(sampler, num_classes, custom_dist):
    """Return the probability of each class as noise, float64 [num_classes].

    Raises:
        ValueError: there is no such sampler, or 'custom_dist' without its probabilities.
    """
    if sampler == "uniform":
        return np.full(num_classes, 1.0 / num_classes)
    if sampler == "log_uniform":
        # P(c) = log((c + 2) / (c + 1)) / log(num_classes + 1)
        classes = np.arange(num_classes)
        return np.log((classes + 2) / (classes + 1)) / np.log(num_classes + 1)
    if sampler == "custom_dist" and custom_dist is not None:
        return np.asarray(custom_dist, dtype=np.float64) / np.sum(custom_dist)
    raise ValueError(f"sampler must be 'uniform', 'log_uniform' or 'custom_dist' with custom_dist=, got {sampler!r}")


@fluid_function
def nce_loss(x, label, weight, bias, is_sparse, noise, probabilities, sample_weight):
    """Sum of -log(o / (o + k q)) over the labels and -log(k q / (o + k q)) over the noise, o = sigmoid(logit)."""
    label = label.reshape([x.shape[0], -1])
    noise = paddle.to_tensor(np.broadcast_to(noise, (x.shape[0], len(noise))).copy())
    classes = paddle.concat([label, noise.cast(label.dtype)], axis=1)
    logits = (F.embedding(classes, weight, sparse=is_sparse) * x.unsqueeze(1)).sum(-1)
    if bias is not None:
        logits = logits + F.embedding(classes, bias, sparse=is_sparse).squeeze(-1)
    chance = F.embedding(classes, paddle.to_tensor(probabilities.astype("float32")).unsqueeze(1)).squeeze(-1)
    score, chance = F.sigmoid(logits), chance * noise.shape[1]
    genuine = paddle.arange(classes.shape[1]) < label.shape[1]
    share = paddle.where(genuine.expand_as(score), score, chance) / (score + chance)
    loss = -share.log().sum(1, keepdim=True)
    if sample_weight is not None:
        loss = loss * sample_weight.reshape([-1, 1])
    return loss / (noise.shape[1] + 1)
