import numpy as np
import paddle
import pytest
from paddle import nn
from paddle.nn import functional as F

from paddleslim.nas.darts.search_space import cell as cell_module
from paddleslim.nas.darts.search_space import operator_path
from paddleslim.nas.darts.search_space.cell import Cell
from paddleslim.nas.darts.search_space.cell_shape import CellShape
from paddleslim.nas.darts.search_space.operations import PRIMITIVES

EDGES = 5  # of a cell of two steps


@pytest.fixture(params=["kernels", "operators"])
def way(request, monkeypatch):
    """Whether a cell is computed by kernels or by Paddle's operators."""
    if request.param == "operators":
        monkeypatch.setattr(cell_module, "usable", lambda *tensors: False)
    return request.param


@pytest.fixture(params=[1, 4])
def parts(request):
    """How many parts the channels have, of which one passes through the operations."""
    return request.param


def make_cell(edges=(PRIMITIVES,) * EDGES, reduction=False, builders=None, parts=1):
    paddle.seed(2)
    return Cell(CellShape((6, 6), 4 if parts == 1 else 8, reduction, False, 2, 2, edges, parts), builders=builders)


def make_inputs(weights=None, parts=1):
    paddle.seed(7)
    inputs = [paddle.randn([2, 6, 8, 6]), paddle.randn([2, 6, 8, 6])]
    inputs.append(paddle.rand([EDGES, len(PRIMITIVES)]) if weights is None else paddle.to_tensor(weights, "float32"))
    if parts > 1:
        inputs.append(paddle.rand([EDGES]))
    for tensor in inputs:
        tensor.stop_gradient = False
    return inputs


def run(cell, inputs):
    """Return output, gradients and statistics of one pass."""
    out = cell(*inputs)
    paddle.seed(8)
    (out * paddle.randn(out.shape)).sum().backward()
    weights = [p for p in cell.parameters() if p.grad is not None]
    found = [out.numpy(), *(tensor.grad.numpy().copy() for tensor in [*inputs, *weights])]
    statistics = [t.numpy().copy() for n, t in cell.state_dict().items() if n.endswith(("_mean", "_variance"))]
    for tensor in [*inputs, *weights]:
        tensor.clear_grad()
    return found + statistics


@pytest.mark.parametrize("reduction", [False, True])
def test_recomputing_changes_no_bit_and_moves_statistics_once(way, reduction, parts):
    cell, inputs = make_cell(reduction=reduction, parts=parts), make_inputs(parts=parts)
    start = {name: tensor.clone() for name, tensor in cell.state_dict().items()}
    kept = run(cell, inputs)
    cell.set_state_dict(start)
    cell.recompute = True
    again = run(cell, inputs)
    assert len(kept) == len(again)
    assert all(np.array_equal(one, other) for one, other in zip(kept, again))


def test_the_same_bits_from_run_to_run(way, parts):
    cell, inputs = make_cell(parts=parts), make_inputs(parts=parts)
    start = {name: tensor.clone() for name, tensor in cell.state_dict().items()}
    first = run(cell, inputs)
    cell.set_state_dict(start)
    assert all(np.array_equal(one, other) for one, other in zip(first, run(cell, inputs)))


def test_weights_held_constant_get_no_gradient_and_change_no_other(way, parts):
    cell, inputs = make_cell(parts=parts), make_inputs(parts=parts)
    out = cell(*inputs).square().sum()
    expected = [gradient.numpy() for gradient in paddle.grad(out, inputs)]
    weights = [p for p in cell.parameters() if not p.stop_gradient]
    for weight in weights:
        weight.stop_gradient = True
    cell(*inputs).square().sum().backward()
    assert all(weight.grad is None for weight in weights)
    for tensor, gradient in zip(inputs, expected):
        np.testing.assert_allclose(tensor.grad.numpy(), gradient, rtol=1e-4, atol=1e-4 * np.abs(gradient).max())


def test_gradients_of_a_few_inputs_can_be_asked_for(way, parts):
    cell, inputs = make_cell(parts=parts), make_inputs(parts=parts)
    everything = paddle.grad(cell(*inputs).square().sum(), inputs)
    for k, tensor in enumerate(inputs):
        (gradient,) = paddle.grad(cell(*inputs).square().sum(), [tensor])
        np.testing.assert_array_equal(gradient.numpy(), everything[k].numpy())
    weight = cell.preprocess1.conv.weight
    (gradient,) = paddle.grad(cell(*inputs).square().sum(), [weight])
    assert np.abs(gradient.numpy()).max() > 0


def test_none_passes_nothing(way):
    weights = np.zeros([EDGES, len(PRIMITIVES)])
    weights[:, 0] = 1.0
    assert not cell_output(make_cell(), weights).any()


def test_the_kernels_compute_cells_of_several_parts(monkeypatch):
    monkeypatch.setattr(cell_module, "cell_by_operators", None)
    assert make_cell(parts=4)(*make_inputs(parts=4)).shape == [2, 16, 8, 6]


def cell_output(cell, weights):
    with paddle.no_grad():
        return cell(*make_inputs(weights)).numpy()


@pytest.mark.parametrize("reduction", [False, True])
def test_edges_may_differ_in_their_operations(monkeypatch, reduction):
    lists = (("skip_connect", "none"), ("sep_conv_3x3", "max_pool_3x3"), ("dil_conv_5x5", "sep_conv_7x7"))
    lists += (("skip_connect", "avg_pool_3x3"), ("sep_conv_3x3", "skip_connect"))
    cell, inputs = make_cell(lists, reduction), make_inputs(np.random.default_rng(0).random([EDGES, 2]))
    by_kernels = run(cell, inputs)
    monkeypatch.setattr(cell_module, "usable", lambda *tensors: False)
    monkeypatch.setattr(operator_path, "depthwise_conv2d", convolve_by_paddle)
    by_operators = run(make_cell(lists, reduction), inputs)
    for one, other in zip(by_kernels, by_operators):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-4 * max(1.0, np.abs(other).max()))


def test_an_operation_named_twice_on_an_edge_is_refused():
    with pytest.raises(ValueError, match="edge 4 must have every operation once, got 'skip_connect' 2 times"):
        make_cell((PRIMITIVES,) * 4 + (("skip_connect",) * 2,))


def convolve_by_paddle(x, weight, stride, padding, dilation):
    return F.conv2d(x, weight, None, stride, padding, dilation, groups=x.shape[1])


class Noise(nn.Layer):
    """An operation the cell does not know: so much times its input."""

    def __init__(self, channels, stride, affine):
        super().__init__()
        self.stride, self.factor = stride, self.create_parameter([1], default_initializer=nn.initializer.Constant(2.0))

    def forward(self, x):
        return self.factor * x[:, :, :: self.stride, :: self.stride]


def test_operations_of_ones_own_run_beside_the_known_ones():
    known = make_cell((("skip_connect", "max_pool_3x3"),) * EDGES)
    cell = make_cell((("noise", "max_pool_3x3"),) * EDGES, builders={"noise": Noise})
    cell.set_state_dict(known.state_dict())
    weights = np.random.default_rng(0).random([EDGES, 2])
    found = cell_output(cell, weights)
    weights[:, 0] *= 2.0
    np.testing.assert_allclose(found, cell_output(known, weights), rtol=1e-4, atol=1e-5)


def test_a_cell_may_have_nothing_but_operations_of_ones_own():
    known, cell = make_cell((("skip_connect",),) * EDGES), make_cell((("noise",),) * EDGES, builders={"noise": Noise})
    cell.set_state_dict(known.state_dict())
    weights = np.ones([EDGES, 1])
    np.testing.assert_allclose(cell_output(cell, weights), cell_output(known, 2 * weights), rtol=1e-4, atol=1e-5)


def test_an_unknown_operation_is_refused():
    with pytest.raises(ValueError, match="'noise' is unknown"):
        make_cell((("noise",),) * EDGES)


def test_a_replaced_norm_is_called():
    cell, inputs = make_cell(), make_inputs()
    calls = []

    class Counted(nn.BatchNorm2D):
        def forward(self, x):
            calls.append(x.shape)
            return super().forward(x)

    plain = cell(*inputs).numpy()
    cell = make_cell()
    cell.preprocess.add_sublayer("bn", Counted(8, weight_attr=False, bias_attr=False))
    np.testing.assert_allclose(cell(*inputs).numpy(), plain, rtol=1e-4, atol=1e-4)
    assert calls == [[2, 8, 8, 6]]


def test_convolutions_rounded_to_bfloat16_change_the_output_by_their_rounding(monkeypatch):
    """Automatic mixed precision rounds what convolutions read and write; Paddle has it on GPUs only."""
    cell, inputs = make_cell(), make_inputs()
    expected = cell(*inputs).numpy()

    class Rounding:
        relu, pad, max_pool2d, batch_norm = F.relu, F.pad, F.max_pool2d, F.batch_norm

        @staticmethod
        def conv2d(x, weight, *args, **kwargs):
            return rounded(F.conv2d(rounded(x), rounded(weight), *args, **kwargs))

    monkeypatch.setattr(cell_module, "usable", lambda *tensors: False)
    monkeypatch.setattr(operator_path, "F", Rounding)
    monkeypatch.setattr(operator_path, "depthwise_conv2d", lambda x, w, *a: rounded(convolve_by_paddle(x, w, *a)))
    error = np.abs(make_cell()(*inputs).numpy() - expected).max() / np.abs(expected).max()
    assert 0 < error < 0.05


def rounded(tensor):
    return tensor.astype("bfloat16").astype("float32")


def test_parts_of_lower_precision_are_added_up_in_the_firsts():
    found = operator_path.add_up([paddle.ones([2]), paddle.ones([2], "float64")])
    assert found.dtype == paddle.float32
    assert found.tolist() == [2.0, 2.0]
