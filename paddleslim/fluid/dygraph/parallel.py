"""`fluid.dygraph.parallel`: one process for each device, gradients summed between them."""

from __future__ import annotations

import os

import paddle

from ...common.sparse_rows import as_dense
from .._absent import absent
from .._variable import plain
from .base import no_grad
from .layers import Layer

__all__ = ["DataParallel", "ParallelEnv", "prepare_context"]


class ParallelEnv:
    """What the launcher wrote into the environment: rank, number of ranks, device, addresses."""

    def __init__(self):
        self.nranks = int(os.getenv("PADDLE_TRAINERS_NUM", "1"))
        self.local_rank = int(os.getenv("PADDLE_TRAINER_ID", "0"))
        self.dev_id = int(os.getenv("FLAGS_selected_gpus", "0").split(",")[0])  # noqa: SIM112
        self.trainer_endpoints = os.getenv("PADDLE_TRAINER_ENDPOINTS", "").split(",")
        self.current_endpoint = os.getenv("PADDLE_CURRENT_ENDPOINT", "")


Env = ParallelEnvironment = ParallelStrategy = ParallelEnv


def prepare_context(strategy=None):
    """Connect the processes of a launch; return the strategy for DataParallel, None for a single process."""
    strategy = strategy or ParallelEnv()
    if strategy.nranks < 2:
        return None
    paddle.distributed.init_parallel_env()
    return strategy


class DataParallel(Layer):
    """A layer that is trained by all processes of a launch, each on its own share of the data.

    The parameters of rank 0 become those of all. After `scale_loss(loss).backward()`, `apply_collective_grads()`
    leaves the mean gradient in every process.

    Args:
        layers: the network.
        strategy: what `prepare_context` returned; None for one process.
    """

    def __init__(self, layers, strategy=None):
        super().__init__(layers.full_name() + "_data_parallel")
        self._layers = layers
        self._strategy = strategy or ParallelEnv()
        self._synchronised = False

    def _is_data_parallel_mode(self):
        return self._strategy.nranks > 1

    def forward(self, *inputs, **kwargs):
        if self._is_data_parallel_mode() and not self._synchronised:
            self._synchronised = True
            for parameter in self._layers.parameters():
                paddle.distributed.broadcast(parameter, src=0)
        return self._layers(*inputs, **kwargs)

    def scale_loss(self, loss):
        """Return the loss divided by the number of processes."""
        return loss / self._strategy.nranks if self._is_data_parallel_mode() else loss

    @no_grad
    def apply_collective_grads(self):
        """Sum the gradients of all processes, in one message."""
        if not self._is_data_parallel_mode():
            return
        parameters = [p for p in self._layers.parameters() if p.trainable and p.grad is not None]
        for parameter in parameters:
            if parameter.grad.is_selected_rows():
                parameter.grad = as_dense(parameter.grad, plain(parameter))[0]
        gradients = [parameter.grad for parameter in parameters]
        message = paddle.concat([gradient.flatten() for gradient in gradients])
        paddle.distributed.all_reduce(message)
        parts = message.split([gradient.size for gradient in gradients])
        for gradient, part in zip(gradients, parts):
            paddle.assign(part.reshape(gradient.shape), gradient)

    def state_dict(self, *args, **kwargs):
        """Return the state dict of the network, under its own names."""
        return self._layers.state_dict(*args, **kwargs)

    def set_dict(self, *args, **kwargs):
        """Copy a state dict into the network; see `Layer.set_dict`."""
        return self._layers.set_dict(*args, **kwargs)

    load_dict = set_dict


__getattr__ = absent(__name__)
