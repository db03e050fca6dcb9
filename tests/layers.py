"""Layers that several tests put into networks."""

import paddle


class Doubled(paddle.autograd.PyLayer):
    """Doubles; its gradient is that of something else."""

    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, gradient):
        return gradient * 3
