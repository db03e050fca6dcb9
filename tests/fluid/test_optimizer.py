import pytest


def test_an_optimizer_says_what_it_needs(fluid):
    parameters = fluid.dygraph.Linear(1, 1).parameters()
    with pytest.raises(TypeError, match="float or a decay, got int"):
        fluid.optimizer.SGD(1, parameter_list=parameters)
    with pytest.raises(AttributeError, match=r"model.parameters\(\)"):
        fluid.optimizer.SGD(0.1)
    with pytest.raises(TypeError, match=r"one of fluid\.clip"):
        fluid.optimizer.SGD(0.1, parameters, grad_clip=5.0)


def test_minimize_returns_the_gradients_it_used(fluid):
    layer = fluid.dygraph.Linear(1, 1)
    optimizer = fluid.optimizer.SGD(0.1, parameter_list=layer.parameters())
    loss = fluid.layers.mean(layer(fluid.layers.ones([1, 1], "float32")))
    loss.backward()
    _, params_grads = optimizer.minimize(loss)
    assert [(p.name, float(g)) for p, g in params_grads] == [(layer.weight.name, 1), (layer.bias.name, 1)]
    optimizer.clear_gradients()
    assert layer.weight.gradient() == 0


def test_noise_of_dpsgd_moves_the_whole_parameter_alike(fluid):
    layer = fluid.dygraph.Linear(3, 1, bias_attr=False)
    before = layer.weight.numpy()
    optimizer = fluid.optimizer.Dpsgd(0.1, clip=1.0, batch_size=1.0, sigma=1.0, parameter_list=layer.parameters())
    loss = fluid.layers.mean(layer(fluid.layers.zeros([1, 3], "float32")))
    loss.backward()
    optimizer.minimize(loss)
    moved = (layer.weight.numpy() - before).reshape(-1)
    assert moved[0] != 0
    assert moved == pytest.approx([moved[0]] * 3, abs=1e-6)
