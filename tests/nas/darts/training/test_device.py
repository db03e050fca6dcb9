import paddle
import pytest

from paddleslim.nas.darts.training.device import name_device, on_device


def test_places_and_strings_name_the_device():
    assert name_device(paddle.CPUPlace()) == "cpu"
    assert name_device("CPU") == "cpu"


def test_what_is_no_place_is_refused():
    with pytest.raises(TypeError, match=r"place must be paddle\.CPUPlace\(\).*got 3"):
        name_device(3)


@pytest.mark.skipif(paddle.is_compiled_with_cuda(), reason="this Paddle has GPU support")
def test_a_gpu_without_gpu_support_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"place is 'gpu:0', but this Paddle has no GPU support; use 'cpu'"):
        name_device("gpu:0")


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
