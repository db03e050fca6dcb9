"""`fluid.nets`: small networks without parameters of their own."""

from __future__ import annotations

from . import layers
from ._absent import absent

__all__ = ["glu", "scaled_dot_product_attention"]


def glu(input, dim=-1):
    """Return a * sigmoid(b) of the two halves a, b along `dim` (Dauphin et al., 2016)."""
    left, right = layers.split(input, 2, dim)
    return left * layers.sigmoid(right)


def scaled_dot_product_attention(queries, keys, values, num_heads=1, dropout_rate=0.0):
    """Return softmax(Q K' / sqrt(d)) V in `num_heads` heads, [N, queries, depth] (Vaswani et al., 2017)."""
    if keys.shape[-1] % num_heads or values.shape[-1] % num_heads:
        raise ValueError(f"the depths must be divisible by num_heads={num_heads}, got {keys.shape} and {values.shape}")

    def split_heads(x):
        heads = layers.reshape(x, [0, 0, num_heads, x.shape[-1] // num_heads])
        return layers.transpose(heads, [0, 2, 1, 3])

    q, k, v = (split_heads(x) if num_heads > 1 else x for x in (queries, keys, values))
    scaled = layers.scale(q, (keys.shape[-1] // num_heads) ** -0.5)
    weights = layers.softmax(layers.matmul(scaled, k, transpose_y=True))
    if dropout_rate:
        weights = layers.dropout(weights, dropout_rate)
    context = layers.matmul(weights, v)
    if num_heads == 1:
        return context
    together = layers.transpose(context, [0, 2, 1, 3])
    return layers.reshape(together, [0, 0, together.shape[2] * together.shape[3]])


__getattr__ = absent(__name__)
