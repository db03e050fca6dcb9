"""A stand-in for Paddle's mixed precision, which the CPU does not have: it rounds what that would round."""

import contextlib
from unittest import mock

import paddle
from paddle import _C_ops

from paddleslim.kernels import choice

PRODUCTS = ("conv2d", "depthwise_conv2d", "matmul", "linear", "linear_v2")


def rounded(value):
    """Return a float32 tensor rounded to bfloat16, with its gradient; anything else as it is."""
    if not isinstance(value, paddle.Tensor) or value.dtype != paddle.float32:
        return value
    return value.astype("bfloat16").astype("float32")


class Rounding:
    """Inside `autocast`, convolutions and matrix products read and write numbers of bfloat16, forwards and backwards.

    Attributes:
        inside: whether they do so now.
    """

    def __init__(self):
        self.inside = False

    def autocast(self, amp):
        return self._switched(amp is not None)

    def full_precision(self):
        return self._switched(False)

    @contextlib.contextmanager
    def _switched(self, inside):
        before, self.inside = self.inside, inside
        try:
            yield
        finally:
            self.inside = before

    @contextlib.contextmanager
    def of_paddles_operators(self):
        """Let this object switch Paddle's operators, which compute everything meanwhile, as on a GPU."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.object(choice, "installed", return_value=False))
            for name in PRODUCTS:
                if hasattr(_C_ops, name):
                    stack.enter_context(mock.patch.object(_C_ops, name, self._rounding(getattr(_C_ops, name))))
            yield

    def _rounding(self, product):
        def compute(*args):
            return rounded(product(*map(rounded, args))) if self.inside else product(*args)

        return compute
