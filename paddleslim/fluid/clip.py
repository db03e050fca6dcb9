"""`fluid.clip`: gradients held within bounds, given to an optimizer as `grad_clip`."""

from __future__ import annotations

import paddle

from ._absent import absent

__all__ = ["GradientClipByGlobalNorm", "GradientClipByNorm", "GradientClipByValue"]


class GradientClipBase:
    """Base of all: calling it with `[(parameter, gradient), ...]` returns the list with clipped gradients.

    Args:
        need_clip: function of a parameter; where it returns False the gradient stays as it is.
    """

    def __init__(self, need_clip=None):
        if need_clip is not None and not callable(need_clip):
            raise TypeError(f"need_clip must be a function of a parameter, got {type(need_clip).__name__}")
        self.need_clip = need_clip

    def __call__(self, params_grads):
        params_grads = [(p, g) for p, g in params_grads if g is not None]
        chosen = [self.need_clip is None or self.need_clip(p) for p, _ in params_grads]
        clipped = iter(self.clip([g for (_, g), c in zip(params_grads, chosen) if c]))
        return [(p, next(clipped) if c else g) for (p, g), c in zip(params_grads, chosen)]

    def clip(self, gradients):
        raise NotImplementedError(f"{type(self).__name__} needs a method `clip(gradients)` that returns a list")


class GradientClipByValue(GradientClipBase):
    """Each element between `min` and `max`; `min` is -max where it is not given."""

    def __init__(self, max, min=None, need_clip=None):
        super().__init__(need_clip)
        if min is None and max <= 0:
            raise ValueError(f"max must be positive where min is not given, got {max}")
        self.max, self.min = float(max), float(-max if min is None else min)

    def clip(self, gradients):
        return [gradient.clip(self.min, self.max) for gradient in gradients]


class GradientClipByNorm(GradientClipBase):
    """Each gradient scaled down to norm `clip_norm` where it is longer."""

    def __init__(self, clip_norm, need_clip=None):
        super().__init__(need_clip)
        self.clip_norm = float(clip_norm)

    def clip(self, gradients):
        norms = [gradient.square().sum().sqrt() for gradient in gradients]
        return [g * (self.clip_norm / paddle.clip(n, min=self.clip_norm)) for g, n in zip(gradients, norms)]


class GradientClipByGlobalNorm(GradientClipBase):
    """All gradients scaled by one factor, so that their common norm is at most `clip_norm`."""

    def __init__(self, clip_norm, group_name="default_group", need_clip=None):
        super().__init__(need_clip)
        self.clip_norm, self.group_name = float(clip_norm), group_name

    def clip(self, gradients):
        if not gradients:
            return []
        norm = paddle.add_n([gradient.square().sum() for gradient in gradients]).sqrt()
        # clip_norm / max(norm, clip_norm)
        factor = self.clip_norm / paddle.clip(norm, min=self.clip_norm)
        return [gradient * factor for gradient in gradients]


__getattr__ = absent(__name__)
