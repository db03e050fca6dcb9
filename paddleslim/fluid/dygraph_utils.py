"""`fluid.dygraph_utils`: what layers did to their results, activation and bias."""

from __future__ import annotations

from ._absent import absent
from ._functions.activations import append_activation
from ._functions.elementwise import elementwise_add
from ._functions.lengths import repeat

__all__ = ["append_activation", "repeat"]


def _append_activation_in_dygraph(input, act=None, use_cudnn=None, use_mkldnn=None):
    return append_activation(input, act)


def _append_bias_in_dygraph(input, bias=None, axis=1):
    return input if bias is None else elementwise_add(input, bias, axis)


__getattr__ = absent(__name__)
