import numpy as np
import paddle
import pytest


def test_a_guard_starts_names_afresh_and_restores_them(fluid):
    outside = fluid.dygraph.Linear(1, 1).weight.name
    with fluid.dygraph.guard(fluid.CPUPlace()):
        assert fluid.dygraph.Linear(1, 1).weight.name == "linear_0.w_0"
    assert outside == "linear_0.w_0"
    assert fluid.dygraph.Linear(1, 1).weight.name == "linear_1.w_0"


def test_a_guard_has_a_random_seed_of_its_own(fluid):
    fluid.default_main_program().random_seed = 5
    with fluid.dygraph.guard(fluid.CPUPlace()):
        assert fluid.default_main_program().random_seed == 0
    assert fluid.default_main_program().random_seed == 5


def test_a_guard_restores_the_device_when_an_error_passes(fluid):
    with pytest.raises(ZeroDivisionError), fluid.dygraph.guard(fluid.CPUPlace()):
        raise ZeroDivisionError
    assert paddle.device.get_device() == "cpu"


def test_without_a_seed_paddle_s_seed_rules(fluid):
    weights = []
    for _ in range(2):
        paddle.seed(3)
        weights.append(fluid.dygraph.Linear(3, 3).weight.numpy())
    np.testing.assert_array_equal(*weights)
    assert (fluid.dygraph.Linear(3, 3).weight.numpy() != weights[0]).all()


def test_a_place_must_be_a_place(fluid):
    with pytest.raises(TypeError, match=r"fluid.CPUPlace\(\)"), fluid.dygraph.guard("cpu"):
        pass


def test_no_grad_is_a_context_and_a_decorator(fluid):
    weight = fluid.dygraph.Linear(1, 1).weight

    @fluid.dygraph.no_grad
    def doubled(x):
        return x * 2

    with fluid.dygraph.no_grad():
        inside = weight * 2
    assert inside.stop_gradient
    assert doubled(weight).stop_gradient
    assert doubled.__name__ == "doubled"
    assert not (weight * 2).stop_gradient


def test_dropout_rests_inside_no_grad_and_after_eval(fluid):
    x = fluid.layers.ones([100], "float32")
    with fluid.dygraph.no_grad():
        assert (fluid.layers.dropout(x, 0.5).numpy() == 0.5).all()
    layer = fluid.dygraph.Linear(1, 1)
    layer.eval()
    assert (fluid.layers.dropout(x, 0.5).numpy() == 0.5).all()
    layer.train()
    assert 0 < (fluid.layers.dropout(x, 0.5).numpy() == 0).mean() < 1


def test_to_variable_keeps_the_type_and_takes_variables(fluid):
    x = fluid.dygraph.to_variable(np.arange(2.0), name="data")
    assert (x.dtype, x.name, x.stop_gradient) == (paddle.float64, "data", True)
    assert fluid.dygraph.to_variable(x) is x
    with pytest.raises(TypeError, match=r"numpy\.array"):
        fluid.dygraph.to_variable([1, 2])


def test_grad_returns_variables(fluid):
    x = fluid.dygraph.to_variable(np.array([3.0], "float32"))
    x.stop_gradient = False
    (first,) = fluid.dygraph.grad(x * x, x, create_graph=True)
    (second,) = fluid.dygraph.grad(first, x)
    assert (first.numpy(), second.numpy()) == (6, 2)
    assert isinstance(first, fluid.framework.Variable)
