"""Clipping of the weights' gradients by their global norm."""

from __future__ import annotations

import paddle

from ....kernels import usable
from ....kernels.foreach import TensorLists, scale_all, sum_of_squares

__all__ = ["ClipByGlobalNorm"]


class ClipByGlobalNorm(paddle.nn.ClipGradByGlobalNorm):
    """`paddle.nn.ClipGradByGlobalNorm`; where the kernels can run they take all gradients at once, in place."""

    @paddle.no_grad()
    def __call__(self, params_grads):
        gradients = [gradient for _, gradient in params_grads if gradient is not None]
        dense = all(getattr(weight, "need_clip", True) for weight, _ in params_grads) and all(
            g.is_dense() for g in gradients
        )
        if not (gradients and dense and usable(*gradients)):
            return super().__call__(params_grads)
        lists = TensorLists(gradients)
        norm = sum_of_squares(gradients, lists).sqrt()
        scale_all(gradients, self.clip_norm / norm.clip(min=self.clip_norm), lists)
        return params_grads
