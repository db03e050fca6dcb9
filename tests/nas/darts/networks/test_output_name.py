import paddle
import pytest

from paddleslim.nas.darts.networks.export import Deployed, export_paddle
from paddleslim.nas.darts.networks.output_name import name_output


def test_an_exported_model_calls_its_output_logits(tmp_path):
    deployed = Deployed(paddle.nn.Sequential(paddle.nn.Flatten(), paddle.nn.Linear(12, 2)), [0.5] * 3, [2.0] * 3)
    deployed.eval()
    assert export_paddle(deployed, [3, 2, 2], tmp_path / "model") < 1e-5
    assert list_outputs(tmp_path) == ["logits"]
    name_output(tmp_path / "model", "answers")
    assert list_outputs(tmp_path) == ["answers"]
    loaded = paddle.jit.load(str(tmp_path / "model"))
    image = paddle.rand([2, 3, 2, 2])
    assert paddle.allclose(loaded(image), deployed(image)).item()


def list_outputs(folder):
    from paddle import inference

    (model,) = (file for file in folder.iterdir() if file.suffix in (".json", ".pdmodel"))
    config = inference.Config(str(model), str(folder / "model.pdiparams"))
    config.disable_glog_info()
    return inference.create_predictor(config).get_output_names()


def test_a_missing_model_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"model\.pdmodel"):
        name_output(tmp_path / "model", "logits")
