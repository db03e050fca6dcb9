"""Dense layers, embedding, pooling and units of `fluid.dygraph.nn`."""

from __future__ import annotations

import numpy as np
import paddle
from paddle.nn import functional as F

from ...common.sparse_rows import look_up_sparse
from .._functions.activations import append_activation
from .._functions.dropout import drop
from .._functions.lengths import repeat
from .._functions.pooling import pool
from .._program import default_main_program
from .._variable import fluid_function
from ..initializer import Constant
from .layers import Layer

__all__ = ["FC", "BilinearTensorProduct", "Dropout", "Embedding", "GRUUnit", "Linear", "PRelu", "Pool2D"]

linear = fluid_function(F.linear)
embed = fluid_function(F.embedding)
embed_sparse = fluid_function(look_up_sparse)
bilinear = fluid_function(F.bilinear)


class Linear(Layer):
    """input @ weight + bias, weight [input_dim, output_dim]."""

    def __init__(self, input_dim, output_dim, param_attr=None, bias_attr=None, act=None, dtype="float32"):
        super().__init__(dtype=dtype)
        self._act = act
        self.weight = self.create_parameter([input_dim, output_dim], param_attr, dtype)
        self.bias = self.create_parameter([output_dim], bias_attr, dtype, is_bias=True)

    def forward(self, input):
        return append_activation(linear(input, self.weight, self.bias), self._act)


class FC(Layer):
    """input @ weight + bias of Paddle 1.6: the weight is made at the first call, for the length of that input.

    Args:
        name_scope: prefix of the parameters' names.
        size: number of outputs.
        num_flatten_dims: how many dimensions of the input count samples; the others are flattened.
        param_attr, bias_attr, act, dtype: as for `Linear`.
        is_test: accepted and not used.
    """

    def __init__(
        self,
        name_scope,
        size,
        num_flatten_dims=1,
        param_attr=None,
        bias_attr=None,
        act=None,
        is_test=False,
        dtype="float32",
    ):
        super().__init__(name_scope, dtype)
        self._size, self._num_flatten_dims, self._act = size, num_flatten_dims, act
        self._param_attr, self._bias_attr, self._kind = param_attr, bias_attr, dtype

    def _build_once(self, input):
        length = int(np.prod(input.shape[self._num_flatten_dims :]))
        self.weight = self.create_parameter([length, self._size], self._param_attr, self._kind)
        self.bias = self.create_parameter([self._size], self._bias_attr, self._kind, is_bias=True)

    def forward(self, input):
        """Return [the first `num_flatten_dims` lengths, size]."""
        return append_activation(fully_connect(input, self.weight, self.bias, self._num_flatten_dims), self._act)


@fluid_function
def fully_connect(x, weight, bias, samples):
    rows = x.reshape([*x.shape[:samples], -1])
    return F.linear(rows, weight, bias)


class Pool2D(Layer):
    """Max or average pooling of [N, C, H, W]; averages leave padding out unless exclusive=False."""

    def __init__(
        self,
        pool_size=-1,
        pool_type="max",
        pool_stride=1,
        pool_padding=0,
        global_pooling=False,
        use_cudnn=True,
        ceil_mode=False,
        exclusive=True,
    ):
        super().__init__()
        if not global_pooling and pool_size == -1:
            raise ValueError("pool_size must be given unless global_pooling is True")
        self._arguments = (
            pool_type,
            repeat(pool_size, 2, "pool_size"),
            repeat(pool_stride, 2, "pool_stride"),
            repeat(pool_padding, 2, "pool_padding"),
            global_pooling,
            ceil_mode,
            exclusive,
        )

    def forward(self, input):
        return pool(input, *self._arguments)


class Dropout(Layer):
    """Zeroes each element with probability `p` in training; see `fluid.layers.dropout` for the implementations."""

    def __init__(self, p=0.5, seed=None, dropout_implementation="downgrade_in_infer", is_test=False):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"p must be between 0 and 1, got {p}")
        self._dropout_prob, self._seed, self._implementation = p, seed, dropout_implementation

    def forward(self, input):
        # The seed of the program is taken at the first call, and kept.
        self._seed = self._seed or default_main_program().random_seed or None
        return drop(input, self._dropout_prob, self.training, self._seed, self._implementation)


class Embedding(Layer):
    """Rows of weight [size[0], size[1]] by their numbers; the row of `padding_idx` counts as zero.

    With `is_sparse` the gradient holds the rows of the batch alone, `gradient()` returns their values and numbers, and
    `Adam` moves as 1.8 did for such gradients. `is_distributed` is accepted and changes nothing.
    """

    def __init__(self, size, is_sparse=False, is_distributed=False, padding_idx=None, param_attr=None, dtype="float32"):
        super().__init__(dtype=dtype)
        self._padding_idx, self._is_sparse = padding_idx, is_sparse
        self.weight = self.create_parameter(list(size), param_attr, dtype)

    def forward(self, input):
        return (embed_sparse if self._is_sparse else embed)(input, self.weight, self._padding_idx)


class BilinearTensorProduct(Layer):
    """out[:, i] = x W_i y' + bias_i, weight [output_dim, input1_dim, input2_dim]."""

    def __init__(
        self,
        input1_dim,
        input2_dim,
        output_dim,
        name=None,
        act=None,
        param_attr=None,
        bias_attr=None,
        dtype="float32",
    ):
        super().__init__(dtype=dtype)
        self._act = act
        self.weight = self.create_parameter([output_dim, input1_dim, input2_dim], param_attr, dtype)
        self.bias = self.create_parameter([1, output_dim], bias_attr, dtype, is_bias=True)

    def forward(self, x, y):
        return append_activation(bilinear(x, y, self.weight, self.bias), self._act)


class PRelu(Layer):
    """x where positive, weight * x elsewhere; one weight for 'all', one a 'channel', or one an 'element'."""

    def __init__(self, mode, channel=None, input_shape=None, param_attr=None, dtype="float32"):
        super().__init__("prelu", dtype)
        shapes = {
            "all": [1],
            "channel": [1, channel, 1, 1],
            "element": [1, *list(input_shape or [])[1:]],
        }
        if mode not in shapes or (mode == "channel" and not channel) or (mode == "element" and not input_shape):
            raise ValueError(
                f"mode must be 'all', 'channel' (with channel=) or 'element' (with input_shape=), got {mode!r}"
            )
        self._mode = mode
        self.weight = self.create_parameter(shapes[mode], param_attr, default_initializer=Constant(1.0))

    def forward(self, input):
        return leak(input, self.weight, self._mode)


@fluid_function
def leak(x, weight, mode):
    if mode == "channel":
        weight = weight.reshape([1, -1] + [1] * (x.ndim - 2))
    return paddle.where(x > 0, x, weight * x)


class GRUUnit(Layer):
    """One step of a gated recurrent unit; `size` is three times the hidden length D.

    The first 2 D^2 numbers of the weight [D, 3 D] are the matrix [D, 2 D] of update and reset gate, the rest that
    of the candidate. `origin_mode` had no effect in dygraph and has none.
    """

    def __init__(
        self,
        size,
        param_attr=None,
        bias_attr=None,
        activation="tanh",
        gate_activation="sigmoid",
        origin_mode=False,
        dtype="float32",
    ):
        super().__init__(dtype=dtype)
        for name in (activation, gate_activation):
            if name not in ("identity", "sigmoid", "tanh", "relu"):
                raise ValueError(f"an activation must be identity, sigmoid, tanh or relu, got {name!r}")
        self.activation, self.gate_activation = activation, gate_activation
        size = size // 3
        self.weight = self.create_parameter([size, 3 * size], param_attr, dtype)
        self.bias = self.create_parameter([1, 3 * size], bias_attr, dtype, is_bias=True)

    def forward(self, input, hidden):
        """Return the new hidden state [N, D], the reset old one [N, D], and the gates [N, 3 D]."""
        return gru_step(input, hidden, self.weight, self.bias, self.activation, self.gate_activation)


@fluid_function
def gru_step(x, hidden, weight, bias, activation, gate_activation):
    """u, r = gates(x + h W_g); c = act(x + (r h) W_c); h' = (1 - u) h + u c, which alone passes a gradient."""
    activate, open_gate = (
        (lambda v: v) if name == "identity" else getattr(F, name) for name in (activation, gate_activation)
    )
    size = hidden.shape[1]
    gates_weight, candidate_weight = weight.reshape([-1]).split([2 * size * size, size * size])
    if bias is not None:
        x = x + bias
    x_gates, x_candidate = x.split([2 * size, size], axis=1)
    gates = open_gate(x_gates + paddle.matmul(hidden, gates_weight.reshape([size, 2 * size])))
    update, reset = gates.split(2, axis=1)
    reset_hidden = reset * hidden
    candidate = activate(x_candidate + paddle.matmul(reset_hidden, candidate_weight.reshape([size, size])))
    updated = (1 - update) * hidden + update * candidate
    return updated, reset_hidden.detach(), paddle.concat([gates, candidate], axis=1).detach()
