"""The learning rate of the weights: a cosine in steps of one virtual epoch."""

from __future__ import annotations

import math

import paddle

__all__ = ["CosineByEpoch", "FactorByEpoch", "cosine_factor", "count_virtual_steps"]


def cosine_factor(epoch, num_epochs):
    """Return (cos(pi epoch / num_epochs) + 1) / 2."""
    return 0.5 * (math.cos(math.pi * epoch / num_epochs) + 1)


def count_virtual_steps(num_imgs, batchsize, ranks=1):
    """Return the weight steps of a virtual epoch: half of the images train, the other half validates.

    Raises:
        ValueError: not even one batch fits.
    """
    steps = int(num_imgs * 0.5 / (batchsize * ranks))
    if steps < 1:
        ranks_too = f" on {ranks} ranks" if ranks > 1 else ""
        raise ValueError(
            f"num_imgs={num_imgs} leaves no step in an epoch: half of the images are for validation, and the other "
            f"half is less than one batch of batchsize={batchsize}{ranks_too}; "
            f"num_imgs must be at least {2 * batchsize * ranks}"
        )
    return steps


class Recomputed(paddle.optimizer.lr.LRScheduler):
    """A schedule whose rate is a function of its epoch: a state of a run of other settings brings no rate with it."""

    def set_state_dict(self, state_dict):
        super().set_state_dict(state_dict)
        self.last_lr = self.get_lr()


class FactorByEpoch(Recomputed, paddle.optimizer.lr.LambdaDecay):
    """learning rate times a function of the epoch."""


class CosineByEpoch(Recomputed):
    """end + (lr - end)/2 (cos(pi epoch / num_epochs) + 1), held for the `steps_per_epoch` steps of each epoch.

    After `num_epochs` it stays what it was in the last one.
    """

    def __init__(self, learning_rate, steps_per_epoch, num_epochs, end=0.0):
        self.steps_per_epoch, self.num_epochs, self.end = steps_per_epoch, num_epochs, end
        super().__init__(learning_rate)

    def get_lr(self):
        epoch = min(self.last_epoch // self.steps_per_epoch, self.num_epochs - 1)
        return self.end + (self.base_lr - self.end) * cosine_factor(epoch, self.num_epochs)
