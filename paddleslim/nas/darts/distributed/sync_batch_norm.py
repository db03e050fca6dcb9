"""Batch norm over the batches of all ranks."""

from __future__ import annotations

import paddle
import paddle.distributed as dist
from paddle import nn
from paddle.autograd import PyLayer

__all__ = ["SyncBatchNormCPU", "synchronise_batch_norm"]


def synchronise_batch_norm(model):
    """Let every `paddle.nn.BatchNorm` layer inside `model` take its statistics over the batches of all ranks.

    On a GPU it becomes Paddle's `SyncBatchNorm`; Paddle has none for the CPU, where it becomes `SyncBatchNormCPU`.
    Parameters, statistics and the names in the state dict stay.

    Raises:
        ValueError: there is no such layer.
    """
    count = 0
    for parent in list(model.sublayers(include_self=True)):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, (nn.BatchNorm1D, nn.BatchNorm2D, nn.BatchNorm3D)):
                on_gpu = paddle.get_device().startswith("gpu")
                new = nn.SyncBatchNorm.convert_sync_batchnorm(layer) if on_gpu else SyncBatchNormCPU(layer)
                parent.add_sublayer(name, new)
                count += 1
    if not count:
        raise ValueError(
            f"sync_batch_norm=True, but {type(model).__name__} has no paddle.nn.BatchNorm layer to synchronise"
        )


class SyncBatchNormCPU(nn.Layer):
    """The batch norm `layer`, with its parameters and running statistics, over the batches of all ranks.

    Images are `[N, channels, ...]`; every rank must give as many.
    """

    def __init__(self, layer):
        super().__init__()
        self.weight, self.bias = layer.weight, layer.bias
        self._mean, self._variance = layer._mean, layer._variance
        self._momentum, self._epsilon = layer._momentum, layer._epsilon

    def forward(self, x):
        channels = [1, -1] + [1] * (x.ndim - 2)
        if self.training:
            found: list = []
            normalised = NormaliseOverRanks.apply(x, self._epsilon, found)
            with paddle.no_grad():
                for running, batch in zip((self._mean, self._variance), found):
                    paddle.assign(self._momentum * running + (1 - self._momentum) * batch, running)
        else:
            mean, variance = (s.reshape(channels) for s in (self._mean, self._variance))
            normalised = (x - mean) * (variance + self._epsilon).rsqrt()
        weight = 1.0 if self.weight is None else self.weight.reshape(channels)
        bias = 0.0 if self.bias is None else self.bias.reshape(channels)
        return normalised * weight + bias


class NormaliseOverRanks(PyLayer):
    """(x - mean) / sqrt(variance + epsilon), both taken over batch, places and ranks (Ioffe and Szegedy, 2015)."""

    @staticmethod
    def forward(ctx, x, epsilon, found):
        mean = mean_over_ranks(x)
        variance = mean_over_ranks((x - mean).square())
        scale = (variance + epsilon).rsqrt()
        normalised = (x - mean) * scale
        ctx.save_for_backward(normalised, scale)
        found += [mean.flatten(), variance.flatten()]  # as outputs they would need gradients
        return normalised

    @staticmethod
    def backward(ctx, gradient):
        normalised, scale = ctx.saved_tensor()
        along = normalised * mean_over_ranks(gradient * normalised)
        return scale * (gradient - mean_over_ranks(gradient) - along)


def mean_over_ranks(x):
    """Return the mean of `[N, channels, ...]` over all axes but the channels, and over the ranks; broadcastable."""
    mean = x.mean(axis=[0, *range(2, x.ndim)], keepdim=True)
    dist.all_reduce(mean)
    return mean / dist.get_world_size()
