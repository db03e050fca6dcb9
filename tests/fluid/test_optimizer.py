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


def step(fluid, optimizer, layer):
    loss = fluid.layers.mean(layer(fluid.layers.ones([1, 1], "float32")))
    loss.backward()
    optimizer.minimize(loss)
    layer.clear_gradients()


@pytest.mark.parametrize("name", ["SGD", "Momentum", "Adam", "Adamax", "Adagrad", "RMSProp", "Lamb", "LarsMomentum"])
def test_the_learning_rate_is_returned_as_it_was_given(fluid, name):
    layer = fluid.dygraph.Linear(1, 1)
    keywords = {"momentum": 0.9} if "Momentum" in name else {}
    decays = [
        fluid.dygraph.PiecewiseDecay([2], [0.1, 0.05], 0),
        fluid.dygraph.StepDecay(0.1, 2),
        fluid.dygraph.MultiStepDecay(0.1, [5]),
        fluid.dygraph.LambdaDecay(0.1, lambda epoch: 1.0),
        fluid.dygraph.ReduceLROnPlateau(0.1),
        fluid.dygraph.CosineDecay(0.1, 5, 4),
    ]
    for rate in [0.1, *decays]:
        optimizer = getattr(fluid.optimizer, name)(rate, parameter_list=layer.parameters(), **keywords)
        rates = [optimizer.current_step_lr()]
        step(fluid, optimizer, layer)
        rates.append(optimizer.current_step_lr())
        assert rates == [0.1, 0.1]
        assert (str(rates[1]), type(rates[1])) == ("0.1", float)


def test_gradients_are_clipped_by_minimize_as_in_1_7(fluid):
    from paddle.fluid.dygraph_grad_clip import GradClipByGlobalNorm, GradClipByNorm, GradClipByValue

    for clip, size in (
        (GradClipByGlobalNorm(0.1), 0.1 / 2**0.5),
        (GradClipByNorm(0.2), 0.2),
        (GradClipByValue(0.3), 0.3),
        (GradClipByValue(-1.0, 0.4), 0.4),
    ):
        layer = fluid.dygraph.Linear(1, 1)
        before = [float(p) for p in layer.parameters()]
        optimizer = fluid.optimizer.SGD(1.0, parameter_list=layer.parameters())
        loss = fluid.layers.mean(layer(fluid.layers.ones([1, 1], "float32")))
        loss.backward()
        optimizer.minimize(loss, grad_clip=clip)
        assert [b - float(p) for b, p in zip(before, layer.parameters())] == pytest.approx([size, size], rel=1e-5)
