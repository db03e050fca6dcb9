"""Operators by name: those that Paddle has dropped since are named in a sentence."""

import paddle
import pytest

from paddleslim.fluid._names import OPERATORS, list_names
from paddleslim.fluid._operators import find_operator


def dropped():
    return [name for name in list_names(OPERATORS) if name not in vars(paddle._legacy_C_ops)]


def test_every_operator_of_1_8_runs_or_is_named_as_dropped():
    assert "cos_sim" in dropped()
    for name in list_names(OPERATORS):
        if name not in dropped():
            assert callable(find_operator(name))
            continue
        with pytest.raises(NotImplementedError, match=f"has dropped the operator '{name}'; today's equivalent: "):
            find_operator(name)


def test_what_is_named_in_place_of_an_operator_exists(fluid):
    for name in dropped():
        with pytest.raises(NotImplementedError) as caught:
            find_operator(name)
        named = str(caught.value).rpartition("equivalent: ")[2]
        if named.startswith("fluid.layers."):
            assert callable(getattr(fluid.layers, named.split(".")[2].split(",")[0].split(" ")[0])), named


def test_a_layer_names_the_operator_that_is_dropped(fluid):
    class Similarity(fluid.dygraph.Layer):
        def forward(self, x):
            out = self._helper.create_variable_for_type_inference("float32")
            self._helper.append_op(type="cos_sim", inputs={"X": [x], "Y": [x]}, outputs={"Out": [out]})
            return out

    x = fluid.layers.ones([2, 2], "float32")
    for use in (lambda: Similarity()(x), lambda: fluid.core.ops.cos_sim(x, x)):
        with pytest.raises(NotImplementedError, match=r"dropped the operator 'cos_sim'; .* fluid\.layers\.cos_sim"):
            use()
    with pytest.raises(AttributeError, match="has an operator 'never'"):
        fluid.core.ops.never  # noqa: B018


def test_types_are_attributes_too(fluid):
    from paddle.fluid.layer_helper import LayerHelper

    helper = LayerHelper("cast")
    x, out = fluid.layers.ones([2], "float32"), helper.create_variable_for_type_inference("int64")
    kinds = fluid.core.VarDesc.VarType
    helper.append_op("cast", {"X": x}, {"Out": out}, {"in_dtype": x.dtype, "out_dtype": kinds.INT64})
    assert (out.dtype, out.numpy().tolist()) == (kinds.INT64, [1, 1])
