"""Layers of fluid written for deployment, and read back."""

import numpy as np
import pytest


def make_net(fluid):
    class Net(fluid.dygraph.Layer):
        def __init__(self):
            super().__init__()
            self.stem = fluid.dygraph.Conv2D(1, 2, 3, padding=1, act="relu")
            self.norm = fluid.dygraph.BatchNorm(2)
            self.head = fluid.dygraph.Linear(32, 3)

        @fluid.dygraph.declarative
        def forward(self, x):
            kept = fluid.layers.dropout(self.norm(self.stem(x)), 0.5)
            return fluid.layers.softmax(self.head(fluid.layers.reshape(kept, [-1, 32])))

    return Net()


@pytest.fixture
def net(fluid):
    return make_net(fluid)


@pytest.fixture
def image(fluid):
    return fluid.dygraph.to_variable(np.random.RandomState(0).rand(2, 1, 4, 4).astype("float32"))


def evaluate(layer, image):
    layer.eval()
    result = layer(image).numpy()
    layer.train()
    return result


def test_a_saved_layer_is_loaded_and_evaluates_alike(fluid, net, image, tmp_path):
    net(image)
    fluid.dygraph.jit.save(net, str(tmp_path / "net"))
    assert net.training
    assert net.norm.training
    loaded = fluid.dygraph.jit.load(str(tmp_path / "net"))
    np.testing.assert_allclose(evaluate(loaded, image), evaluate(net, image), atol=1e-6)


def test_inputs_come_from_a_variable_where_there_was_no_call(fluid, net, image, tmp_path):
    with pytest.raises(ValueError, match="give input_spec="):
        fluid.dygraph.jit.save(net, str(tmp_path / "net"))
    fluid.dygraph.jit.save(net, str(tmp_path / "net"), input_spec=[image])
    assert list(tmp_path.glob("net.pdiparams"))


def test_a_traced_layer_computes_and_is_saved(fluid, net, image, tmp_path):
    net.eval()
    expected = net(image).numpy()
    out, traced = fluid.dygraph.TracedLayer.trace(net, inputs=[image])
    np.testing.assert_array_equal(out.numpy(), expected)
    np.testing.assert_array_equal(traced([image])[0], expected)
    traced.save_inference_model(str(tmp_path), feed=[0], fetch=[0])
    loaded = fluid.dygraph.jit.load(str(tmp_path / "model"))
    loaded.eval()
    np.testing.assert_allclose(loaded(image).numpy().reshape(2, 3), expected, atol=1e-6)
    with pytest.raises(ValueError, match="name all 1 inputs"):
        traced.save_inference_model(str(tmp_path), feed=[])


def test_the_translator_has_a_switch_without_effect(fluid):
    translator = fluid.dygraph.ProgramTranslator()
    translator.enable(False)
    assert translator is fluid.dygraph.ProgramTranslator.get_instance()
    assert translator.get_output(lambda x: x + 1, 1) == 2
    with pytest.raises(AttributeError, match="static graphs"):
        translator.get_code(len)


def test_files_of_something_else_are_refused_in_a_sentence(fluid, tmp_path):
    for name in ("model.json", "model.pdmodel", "model.pdiparams"):
        (tmp_path / name).write_bytes(b"other things")
    with pytest.raises(ValueError, match=r"model holds no layer that Paddle .* can read") as caught:
        fluid.dygraph.jit.load(str(tmp_path / "model"))
    assert "\n" not in str(caught.value)
