import paddle
import pytest

from paddleslim.nas.darts.search_space.custom_operations import make_operation
from paddleslim.nas.darts.search_space.operations import Convolution, SepConv


def test_a_builder_goes_before_an_operation_of_darts():
    calls = []

    def build(*arguments):
        calls.append(arguments)
        return paddle.nn.Identity()

    assert isinstance(make_operation("sep_conv_3x3", 4, 2, True, {"sep_conv_3x3": build}), paddle.nn.Identity)
    assert calls == [(4, 2, True)]
    assert isinstance(make_operation("sep_conv_3x3", 4, 2, True, {"other": build}), SepConv)


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="operation 'other' is unknown"):
        make_operation("other", 4, 1, True)


def test_a_depthwise_convolution_is_paddles():
    layer = Convolution(6, 6, 5, stride=2, padding=4, dilation=2, groups=6, bias_attr=False)
    x = paddle.randn([3, 6, 9, 7])
    expected = paddle.nn.functional.conv2d(x, layer.weight, None, 2, 4, 2, 6)
    assert float((layer(x) - expected).abs().max()) < 1e-5
