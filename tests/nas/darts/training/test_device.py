import numpy as np
import paddle
import pytest
from click.testing import CliRunner

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.retrain import Retraining, RetrainSettings
from paddleslim.nas.darts.training import device_names
from paddleslim.nas.darts.training.device import name_device, on_device
from tests.searches import make_search


@pytest.mark.parametrize("place", [paddle.CPUPlace(), "CPU", " cpu ", "cpu:0", np.str_("cpu"), paddle.ones([1]).place])
def test_places_and_strings_name_the_device(place):
    named = name_device(place)
    assert named == "cpu"
    assert type(named) is str


@pytest.mark.parametrize(
    "place", [3, None, b"cpu", ["cpu"], paddle.CPUPlace, paddle.CUDAPinnedPlace, 0.5, np.array("cpu")]
)
def test_what_is_no_place_is_refused(place):
    with pytest.raises(TypeError, match=r"^place must be paddle\.CPUPlace\(\), .* got [^\n]*$"):
        name_device(place)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("cuda", "which Paddle does not know; give 'cpu', 'gpu' or 'gpu:0'; did you mean 'gpu'?"),
        ("cuda:1", "did you mean 'gpu:1'?"),
        ("cpu:1", "there is one CPU for Paddle, whatever its cores; give 'cpu'"),
        ("gpu:-1", "which Paddle does not know"),
        ("gpu:x", "which Paddle does not know"),
        ("gpu:", "which Paddle does not know"),
        ("gpu:²", "which Paddle does not know"),
        ("", "which Paddle does not know"),
        ("a" * 70000, "which Paddle does not know"),
        ("abacus:0", "which Paddle does not know"),
    ],
)
def test_what_is_no_device_is_refused_by_its_name(place, message):
    with pytest.raises(ValueError, match=r"^place is ") as caught:
        name_device(place)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(paddle.is_compiled_with_cuda(), reason="this Paddle has GPU support")
@pytest.mark.parametrize("place", ["gpu", "gpu:0", np.str_("gpu:7")])
def test_a_gpu_without_gpu_support_is_refused_with_the_remedy(place):
    with pytest.raises(ValueError, match=rf"place is '{place}', but this Paddle has no GPU support; use 'cpu'"):
        name_device(place)


@pytest.fixture
def gpus(monkeypatch):
    """Let Paddle be one for GPUs, of which it sees as many as asked for; it must not be asked to go there."""

    def see(count):
        monkeypatch.setattr(paddle, "is_compiled_with_cuda", lambda: True)
        monkeypatch.setattr(device_names, "is_for_cpus", lambda: False)
        monkeypatch.setattr(paddle.device.cuda, "device_count", lambda: count)

    def never(name):
        raise AssertionError(f"Paddle would end the process at {name}")

    monkeypatch.setattr(paddle, "set_device", never)
    return see


@pytest.mark.parametrize(
    ("place", "count", "message"),
    [
        ("gpu", 0, "but Paddle sees no GPU on this machine; use 'cpu'"),
        ("gpu:0", 0, "but Paddle sees no GPU on this machine; use 'cpu'"),
        ("gpu:7", 2, "which Paddle does not see on this machine; there are 'gpu:0' to 'gpu:1'"),
        ("gpu:1", 1, "which Paddle does not see on this machine; 'gpu:0' is the only one"),
    ],
)
def test_a_gpu_that_is_not_there_is_one_sentence_everywhere(place, count, message, gpus, tmp_path):
    search = make_search(tmp_path)
    gpus(count)

    def set_on_search(place):
        search.place = place

    def build(place):
        DARTSearch(search.model, [], [], place)

    def retrain_on(place):
        Retraining(search.model, [], [], RetrainSettings(), place)

    for use in (name_device, set_on_search, build, retrain_on):
        with pytest.raises(ValueError, match=r"^place is ") as caught:
            use(place)
        assert message in str(caught.value)
    for command in ("search", "retrain", "evaluate", "predict"):
        arguments = {"evaluate": [tmp_path], "predict": [tmp_path, tmp_path]}
        result = CliRunner().invoke(main, [command, *map(str, arguments.get(command, [])), "--device", place])
        assert result.exit_code == 2, result.output
        assert message in " ".join(result.output.replace("│", " ").split())


def test_a_gpu_that_is_there_is_named(gpus):
    gpus(2)
    assert [name_device(place) for place in ("gpu", "GPU:1", "gpu:01")] == ["gpu", "gpu:1", "gpu:1"]


def test_a_driver_that_fails_is_a_sentence(gpus, monkeypatch):
    gpus(0)

    def fail():
        raise OSError("driver\n  too old")

    monkeypatch.setattr(paddle.device.cuda, "device_count", fail)
    with pytest.raises(ValueError, match=r"sees no GPU on this machine \(driver too old\); use 'cpu'"):
        name_device("gpu")


def test_an_unknown_device_is_refused():
    with pytest.raises(ValueError, match="place is 'abacus', where this Paddle cannot compute"), on_device("abacus"):
        pass


def test_the_device_is_what_it_was_also_after_an_exception(monkeypatch):
    present = ["gpu:3"]
    monkeypatch.setattr(paddle, "get_device", lambda: present[-1])
    monkeypatch.setattr(paddle, "set_device", present.append)
    with pytest.raises(ZeroDivisionError), on_device("cpu"):
        raise ZeroDivisionError
    assert present == ["gpu:3", "cpu", "gpu:3"]
