import numpy as np
import pytest


def train(fluid, steps, state=None):
    """Return model and optimizer after so many steps on the same data."""
    fluid.default_main_program().random_seed = 3
    model = fluid.dygraph.Linear(3, 2)
    decay = fluid.dygraph.ExponentialDecay(0.1, 2, 0.5)
    optimizer = fluid.optimizer.Adam(decay, parameter_list=model.parameters())
    if state:
        model.set_dict(state[0])
        optimizer.set_dict(state[1])
    x = fluid.dygraph.to_variable(np.random.RandomState(1).randn(4, 3).astype("float32"))
    for _ in range(steps):
        loss = fluid.layers.mean(fluid.layers.square(model(x)))
        loss.backward()
        optimizer.minimize(loss)
        model.clear_gradients()
    return model, optimizer


def test_training_continues_from_a_checkpoint_as_if_never_stopped(fluid, tmp_path):
    with fluid.dygraph.guard(fluid.CPUPlace()):
        expected = [p.numpy() for p in train(fluid, 5)[0].parameters()]
    with fluid.dygraph.guard(fluid.CPUPlace()):
        model, optimizer = train(fluid, 3)
        fluid.save_dygraph(model.state_dict(), str(tmp_path / "a" / "model"))
        fluid.save_dygraph(optimizer.state_dict(), str(tmp_path / "a" / "model"))
    with fluid.dygraph.guard(fluid.CPUPlace()):
        state = fluid.load_dygraph(str(tmp_path / "a" / "model.pdparams"))
        continued = [p.numpy() for p in train(fluid, 2, state)[0].parameters()]
    np.testing.assert_array_equal(continued[0], expected[0])
    np.testing.assert_array_equal(continued[1], expected[1])


def test_a_running_optimizer_takes_a_state(fluid):
    _, first = train(fluid, 2)
    state = {name: value if name == "LR_Scheduler" else value.numpy() for name, value in first.state_dict().items()}
    state = {name.replace("linear_0", "linear_1"): value for name, value in state.items()}
    _, second = train(fluid, 1)
    second.set_dict(state)
    for name, value in second.state_dict().items():
        if name != "LR_Scheduler":
            np.testing.assert_array_equal(value.numpy(), state[name])


def test_a_state_without_an_accumulator_is_refused(fluid):
    _, optimizer = train(fluid, 1)
    with pytest.raises(KeyError, match="moment1"):
        optimizer.set_dict({"LR_Scheduler": {"step_num": 1}, "global_step": np.array([1])})


def test_a_path_needs_a_name_and_a_file(fluid, tmp_path):
    with pytest.raises(ValueError, match="file name"):
        fluid.save_dygraph({"a": fluid.layers.ones([1], "float32")}, "folder/")
    with pytest.raises(ValueError, match="empty"):
        fluid.save_dygraph({}, "model")
    with pytest.raises(RuntimeError, match=r"no file .*none.pdparams"):
        fluid.load_dygraph(str(tmp_path / "none"))
