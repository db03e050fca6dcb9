import importlib.metadata
import os
import sys

import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts import DARTS_V2
from paddleslim.nas.darts.networks import export as export_module
from paddleslim.nas.darts.networks.export import Deployed, brief, check_onnx_packages, compare, export_paddle, quiet
from paddleslim.nas.darts.retrain import RetrainSettings, build_network

NO_RELEASE = sys.version_info >= (3, 13)
MAJOR = int(paddle.__version__.split(".")[0])


def deployed(channels=3):
    paddle.seed(0)
    network = build_network(DARTS_V2, [channels, 9, 9], 4, RetrainSettings(channels=4, layers=3))
    made = Deployed(network, [100.0] * channels, [50.0] * channels)
    made.eval()
    return made


def test_a_deployed_network_normalises_by_itself():
    made = deployed()
    image = np.random.default_rng(0).uniform(0, 255, [2, 3, 9, 9]).astype("float32")
    expected = made.network(paddle.to_tensor((image - 100) / 50)).numpy()
    np.testing.assert_allclose(made(paddle.to_tensor(image)).numpy(), expected, rtol=1e-5, atol=1e-6)


def test_an_exported_network_takes_any_number_of_images(tmp_path):
    made = deployed()
    assert export_paddle(made, [3, 9, 9], tmp_path / "model") < 1e-4
    loaded = paddle.jit.load(str(tmp_path / "model"))
    loaded.eval()
    for count in (1, 5):
        image = paddle.uniform([count, 3, 9, 9], min=0, max=255)
        np.testing.assert_allclose(loaded(image).numpy(), made(image).numpy(), rtol=1e-4, atol=1e-5)


def test_the_network_computes_after_the_export_what_it_did_before(tmp_path):
    made, image = deployed(), paddle.uniform([2, 3, 9, 9], min=0, max=255)
    before = made(image).numpy()
    export_paddle(made, [3, 9, 9], tmp_path / "model")
    np.testing.assert_allclose(made(image).numpy(), before, rtol=1e-5, atol=1e-6)
    made.train()
    made(image).sum().backward()
    assert made.network.classifier.weight.grad is not None


def test_a_file_that_gives_other_logits_is_of_no_use():
    class Halved(nn.Layer):
        mean, std = paddle.zeros([1, 1, 1, 1]), paddle.ones([1, 1, 1, 1])

        def forward(self, image):
            return image.flatten(1)

    with pytest.raises(ValueError, match=r"model gives logits that differ by .* it is of no use"):
        compare(Halved(), lambda image: image.reshape(4, -1) / 2, [1, 2, 2], "model")
    with pytest.raises(ValueError, match="differ by nan"):
        compare(Halved(), lambda image: image.reshape(4, -1) * np.nan, [1, 2, 2], "model")


@pytest.mark.parametrize(
    ("versions", "message"),
    [
        (
            {},
            "ONNX needs paddle2onnx, which" if NO_RELEASE else "ONNX needs paddle2onnx: run `pip install 'paddle2onnx",
        ),
        ({"paddle2onnx": "1.3.1" if MAJOR >= 3 else "2.1.0"}, "does not fit Paddle"),
        (
            {"paddle2onnx": "2.1.0" if MAJOR >= 3 else "1.3.1"},
            "ONNX needs onnxruntime: run `pip install 'onnxruntime'`",
        ),
    ],
)
def test_what_onnx_needs_is_said_in_a_sentence(versions, message, monkeypatch):
    def version(name):
        if name not in versions:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(export_module.importlib.metadata, "version", version)
    with pytest.raises(ImportError, match=message):
        check_onnx_packages()


def test_what_libraries_print_is_kept_for_a_message(capfd):
    with quiet() as said:
        print("on the way")
        os.write(2, b"from C++\n")
    assert said[0].splitlines() in (["on the way", "from C++"], ["from C++"])
    assert "from C++" not in capfd.readouterr().err
    assert brief(ValueError(""), said) == "from C++"
    assert brief(ValueError("first\nlast\n"), said) == "from C++"
