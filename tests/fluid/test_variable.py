"""Variables: fluid's meaning of a tensor, beside today's."""

import copy
import pickle

import numpy as np
import paddle
import pytest

from paddleslim.fluid._variable import Parameter, Variable, as_variable


def variable(fluid, *values, kind="float32"):
    return fluid.dygraph.to_variable(np.array(values, kind))


def test_a_variable_is_a_tensor(fluid):
    x = variable(fluid, 1.0, 2.0)
    assert isinstance(x, paddle.Tensor)
    assert isinstance(fluid.dygraph.Linear(2, 1).weight, Parameter)
    assert type(paddle.exp(x)) is paddle.Tensor


def test_a_variable_shares_memory_and_graph_with_its_tensor():
    tensor = paddle.ones([3])
    tensor.stop_gradient = False
    doubled = tensor * 2
    alias = as_variable(doubled)
    (alias * 3.0).backward()
    np.testing.assert_array_equal(tensor.grad.numpy(), [6, 6, 6])
    np.testing.assert_array_equal(alias.gradient(), [3, 3, 3])


def test_no_result_is_without_dimensions(fluid):
    x = variable(fluid, 1.0, 2.0)
    for result in (x[0], fluid.layers.reduce_sum(x), fluid.layers.mean(x), fluid.layers.matmul(x, x)):
        assert result.shape == [1]


def test_a_tensor_of_today_keeps_adding_gradients_up():
    weight = paddle.ones([1])
    weight.stop_gradient = False
    for _ in range(2):
        (weight * 2).sum().backward()
    assert weight.grad.item() == 4


def test_a_parameter_adds_up_under_a_backward_of_today(fluid):
    weight = fluid.dygraph.Linear(1, 1, bias_attr=False).weight
    for _ in range(2):
        paddle.sum(paddle.Tensor.__mul__(weight, 2)).backward()
    assert weight.gradient() == 4


def test_a_copied_parameter_overwrites_its_gradient_too(fluid):
    weight = copy.deepcopy(fluid.dygraph.Linear(1, 1).weight)
    for _ in range(2):
        (weight * 2.0).backward()
    assert isinstance(weight, Parameter)
    assert weight.gradient() == 2


def test_a_gradient_comes_back_after_freezing(fluid):
    weight = fluid.dygraph.Linear(1, 1).weight
    weight.stop_gradient = True
    weight.stop_gradient = False
    for _ in range(2):
        (weight * 2.0).backward()
    assert weight.gradient() == 2


def test_a_single_value_can_be_used_as_a_number(fluid):
    value = variable(fluid, 1.5).numpy()
    assert "%.2f" % value == "1.50"  # noqa: UP031 - as scripts of 2020 print
    assert (float(value), int(value), value[0]) == (1.5, 1, 1.5)


def test_a_fraction_against_integers_is_refused(fluid):
    with pytest.raises(ValueError, match=r"fluid.layers.cast\(x, 'float32'\)"):
        variable(fluid, 1, 2, kind="int64") + 0.5


def test_a_numpy_scalar_keeps_its_fraction(fluid):
    np.testing.assert_array_equal((variable(fluid, 4.0) * np.float32(0.5)).numpy(), [2.0])


def test_the_left_operand_gives_the_type(fluid):
    whole, real = variable(fluid, 3, kind="int64"), variable(fluid, 2.0)
    assert ((whole * real).dtype, (real * whole).dtype) == (paddle.int64, paddle.float32)


def test_comparison_with_none_is_python_s(fluid):
    x = variable(fluid, 1.0)
    assert (x == None, x != None, x in {x: 1}) == (False, True, True)  # noqa: E711


def test_backward_takes_a_strategy(fluid):
    strategy = fluid.dygraph.BackwardStrategy()
    strategy.sort_sum_gradient = True
    x = variable(fluid, 2.0)
    x.stop_gradient = False
    (x * x).backward(strategy)
    assert x.gradient() == 4


def test_iterating_gives_rows(fluid):
    rows = list(fluid.dygraph.to_variable(np.arange(6).reshape(3, 2)))
    assert [row.shape for row in rows] == [[2], [2], [2]]
    assert all(isinstance(row, Variable) for row in rows)


ARRAYS = ("array({}, dtype=float32)", "{}", "[array({}, dtype=float32)]")


def test_the_array_of_a_loss_prints_compares_and_counts_as_in_2020(fluid):
    loss = fluid.layers.reduce_mean(fluid.layers.fill_constant([2], "float32", 2.5)).numpy()
    assert [repr(loss), str(loss), str([loss])] == [form.format("[2.5]") for form in ARRAYS]
    assert ["%f" % loss, "%d" % loss, float(loss), int(loss), loss[0]] == ["2.500000", "2", 2.5, 2, 2.5]  # noqa: UP031
    assert (loss == 2.5).tolist() == [True]
    assert type(pickle.loads(pickle.dumps(loss))) is np.ndarray
