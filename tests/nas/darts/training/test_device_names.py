import importlib.metadata

import pytest

from paddleslim.nas.darts.training import device_names
from paddleslim.nas.darts.training.device import name_device
from paddleslim.nas.darts.training.device_names import check_without_paddle


@pytest.fixture
def installed(monkeypatch):
    """Let these distributions be installed, and no plug-in of Paddle."""

    def version(name):
        if name not in names:
            raise importlib.metadata.PackageNotFoundError(name)
        return "3.3.1"

    names: set[str] = set()
    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.setattr(device_names, "has_plugins", lambda: False)
    return names


@pytest.mark.parametrize("place", ["cuda", "abacus:0", "gpu:x", "cpu:1", "", "gpu:²"])
def test_what_is_no_device_is_refused_in_the_words_of_name_device(place, installed):
    with pytest.raises(ValueError, match=r"^place is ") as late:
        name_device(place)
    with pytest.raises(ValueError, match=r"^place is ") as early:
        check_without_paddle(place)
    assert str(early.value) == str(late.value)


@pytest.mark.parametrize("place", ["cpu", "GPU:01", " xpu:0"])
def test_what_may_be_a_device_is_left_to_paddle(place, installed):
    check_without_paddle(place)


def test_a_gpu_is_refused_where_paddle_is_the_distribution_for_cpus_alone(installed):
    installed.add("paddlepaddle")
    with pytest.raises(ValueError, match="place is 'gpu:1', but this Paddle has no GPU support"):
        check_without_paddle("GPU:01")
    installed.add("paddlepaddle-gpu")
    check_without_paddle("gpu")


def test_a_device_of_a_plug_in_is_left_to_paddle(installed, monkeypatch):
    monkeypatch.setattr(device_names, "has_plugins", lambda: True)
    check_without_paddle("abacus:0")
