import numpy as np
import paddle
import pytest


def test_batch_norm_statistics_are_parameters_and_buffers(fluid):
    norm = fluid.dygraph.BatchNorm(3)
    names = [name for name, _ in norm.named_parameters()]
    assert names == ["weight", "bias", "_mean", "_variance"] == list(norm.state_dict())
    assert [name for name, _ in norm.named_buffers()] == ["_mean", "_variance"]
    assert [p.trainable for p in norm.parameters()] == [True, True, False, False]


def test_a_fixed_scale_leaves_the_shift_its_gradient(fluid):
    norm = fluid.dygraph.BatchNorm(2, param_attr=fluid.ParamAttr(trainable=False))
    x = fluid.dygraph.to_variable(np.random.RandomState(0).randn(4, 2).astype("float32"))
    fluid.layers.reduce_sum(norm(x)).backward()
    np.testing.assert_allclose(norm.bias.gradient(), [4, 4])
    assert norm.weight.gradient() is None


def test_one_attribute_serves_several_parameters(fluid):
    attr = fluid.ParamAttr(initializer=fluid.initializer.Constant(2.0))
    layers = [fluid.dygraph.Linear(1, 1, param_attr=attr, bias_attr=attr) for _ in range(2)]
    assert [p.numpy().item() for layer in layers for p in layer.parameters()] == [2, 2, 2, 2]


def test_an_initializer_of_today_works_too(fluid):
    attr = paddle.ParamAttr(initializer=paddle.nn.initializer.Constant(3.0))
    assert fluid.dygraph.Linear(1, 1, param_attr=attr).weight.numpy() == 3


def test_set_dict_refuses_what_does_not_fit(fluid):
    layer = fluid.dygraph.Linear(2, 1)
    with pytest.raises(RuntimeError, match="no value for parameter bias"):
        layer.set_dict({"weight": np.zeros((2, 1), "float32")})
    with pytest.raises(ValueError, match=r"weight has shape \[2, 1\], its value \[1, 2\]"):
        layer.set_dict({"weight": np.zeros((1, 2)), "bias": np.zeros(1)})
    with pytest.warns(UserWarning, match="extra"):
        layer.set_dict({"weight": np.ones((2, 1)), "bias": np.ones(1), "extra": np.ones(1)})
    assert layer.weight.numpy().tolist() == [[1], [1]]


def test_set_dict_takes_parameters_by_their_own_names(fluid):
    layer = fluid.dygraph.Linear(1, 1)
    layer.load_dict({p.name: np.full(p.shape, 5.0) for p in layer.parameters()}, use_structured_name=False)
    assert [p.numpy().item() for p in layer.parameters()] == [5, 5]


def test_sublayers_leave_the_layer_itself_out(fluid):
    inner = fluid.dygraph.Linear(1, 1)
    outer = fluid.dygraph.Sequential(fluid.dygraph.Sequential(inner))
    assert len(outer.sublayers()) == 2
    assert outer.sublayers(False) == []
    assert len(outer.parameters(False)) == 0


def test_class_names_become_snake_case(fluid):
    class MyLeNet2D(fluid.dygraph.Layer):
        pass

    assert MyLeNet2D().full_name() == "my_le_net2d_0"
    assert MyLeNet2D("own").full_name() == "own_0"


def test_hooks_see_and_change_inputs_and_outputs(fluid):
    layer = fluid.dygraph.Linear(1, 1, bias_attr=False)
    x = fluid.layers.ones([1, 1], "float32")
    plain = layer(x).numpy()
    before = layer.register_forward_pre_hook(lambda layer, inputs: (inputs[0] * 2,))
    after = layer.register_forward_post_hook(lambda layer, inputs, output: output * 3)
    np.testing.assert_allclose(layer(x).numpy(), 6 * plain, rtol=1e-6)
    before.remove()
    after.remove()
    np.testing.assert_allclose(layer(x).numpy(), plain)


def test_containers_hold_their_parts(fluid):
    linears = fluid.dygraph.LayerList([fluid.dygraph.Linear(1, 1) for _ in range(3)])
    linears.append(fluid.dygraph.Linear(1, 2))
    del linears[0]
    assert (len(linears), linears[2].weight.shape, len(list(linears.parameters()))) == (3, [1, 2], 6)
    assert list(linears.state_dict())[:2] == ["0.weight", "0.bias"]
    parameters = fluid.dygraph.ParameterList([linears[0].weight])
    assert list(parameters.state_dict()) == ["0"]
    with pytest.raises(TypeError, match="ParameterList holds parameters"):
        fluid.dygraph.ParameterList([1])


def test_a_layer_built_at_its_first_call_is_built_once(fluid):
    class Late(fluid.dygraph.Layer):
        def _build_once(self, x):
            self.weight = self.create_parameter([x.shape[1], 1])

        def forward(self, x):
            return fluid.layers.matmul(x, self.weight)

    late, x = Late(), fluid.layers.ones([1, 3], "float32")
    np.testing.assert_array_equal(late(x).numpy(), late(x).numpy())


def test_a_tensor_of_today_enters_as_a_variable(fluid):
    class Kind(fluid.dygraph.Layer):
        def forward(self, x):
            return x[0]

    assert Kind()(paddle.ones([2])).shape == [1]
