"""`fluid.contrib.layers.rnn_impl`: one step of a GRU and of an LSTM."""

from __future__ import annotations

from ... import layers
from ..._absent import absent
from ...dygraph import Layer

__all__ = ["BasicGRUUnit", "BasicLSTMUnit"]


class BasicGRUUnit(Layer):
    """r, u = gate([x, h] W_g + b_g); c = activation([x, r h] W_c + b_c); h' = u h + (1 - u) c.

    Its parameters are made at the first call, for the length of that input.
    """

    def __init__(
        self,
        name_scope,
        hidden_size,
        param_attr=None,
        bias_attr=None,
        gate_activation=None,
        activation=None,
        dtype="float32",
    ):
        super().__init__(name_scope, dtype)
        self._hidden_size, self._param_attr, self._bias_attr = hidden_size, param_attr, bias_attr
        self._gate, self._activation = gate_activation or layers.sigmoid, activation or layers.tanh
        self._kind = dtype

    def _build_once(self, input, pre_hidden):
        size, length = self._hidden_size, input.shape[-1]
        make = self.create_parameter
        self._gate_weight = make([length + size, 2 * size], self._param_attr, self._kind)
        self._candidate_weight = make([length + size, size], self._param_attr, self._kind)
        self._gate_bias = make([2 * size], self._bias_attr, self._kind, is_bias=True)
        self._candidate_bias = make([size], self._bias_attr, self._kind, is_bias=True)

    def forward(self, input, pre_hidden):
        """Return the new hidden state [N, hidden_size]."""
        both = layers.concat([input, pre_hidden], 1)
        gates = self._gate(layers.matmul(both, self._gate_weight) + self._gate_bias)
        reset, update = layers.split(gates, 2, dim=1)
        candidate = layers.matmul(layers.concat([input, reset * pre_hidden], 1), self._candidate_weight)
        candidate = self._activation(candidate + self._candidate_bias)
        return update * pre_hidden + (1 - update) * candidate


class BasicLSTMUnit(Layer):
    """i, j, f, o = [x, h] W + b; c' = c gate(f + forget_bias) + gate(i) activation(j); h' = activation(c') gate(o).

    Its parameters are made at the first call, for the length of that input.
    """

    def __init__(
        self,
        name_scope,
        hidden_size,
        param_attr=None,
        bias_attr=None,
        gate_activation=None,
        activation=None,
        forget_bias=1.0,
        dtype="float32",
    ):
        super().__init__(name_scope, dtype)
        self._hidden_size, self._param_attr, self._bias_attr = hidden_size, param_attr, bias_attr
        self._gate, self._activation = gate_activation or layers.sigmoid, activation or layers.tanh
        self._forget_bias, self._kind = forget_bias, dtype

    def _build_once(self, input, pre_hidden, pre_cell):
        size = self._hidden_size
        self._weight = self.create_parameter([input.shape[-1] + size, 4 * size], self._param_attr, self._kind)
        self._bias = self.create_parameter([4 * size], self._bias_attr, self._kind, is_bias=True)

    def forward(self, input, pre_hidden, pre_cell):
        """Return the new hidden and cell state, both [N, hidden_size]."""
        gates = layers.matmul(layers.concat([input, pre_hidden], 1), self._weight) + self._bias
        i, j, f, o = layers.split(gates, 4, dim=-1)
        cell = pre_cell * self._gate(f + self._forget_bias) + self._gate(i) * self._activation(j)
        return self._activation(cell) * self._gate(o), cell


__getattr__ = absent(__name__)
