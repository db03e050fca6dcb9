"""Places on GPUs that are not there: one sentence, where Paddle would end the process."""

import paddle
import pytest


def machine(monkeypatch, compiled, count):
    monkeypatch.setattr(paddle, "is_compiled_with_cuda", lambda: compiled)
    monkeypatch.setattr(paddle.device.cuda, "device_count", lambda: count)


def uses(fluid):
    return [
        lambda: fluid.CUDAPlace(0),
        lambda: fluid.core.CUDAPlace(0),
        lambda: fluid.CUDAPinnedPlace(),
        lambda: fluid.cuda_places(),
        lambda: fluid.cuda_places([0]),
        lambda: fluid.cuda_pinned_places(1),
    ]


def test_a_paddle_without_gpus_names_the_remedy(fluid, monkeypatch):
    machine(monkeypatch, compiled=False, count=0)
    for use in uses(fluid):
        with pytest.raises(
            ValueError, match=r"without GPUs; write fluid\.CPUPlace\(\), .* or install paddlepaddle-gpu"
        ):
            use()


def test_a_machine_without_gpus_names_the_remedy(fluid, monkeypatch):
    machine(monkeypatch, compiled=True, count=0)
    for use in uses(fluid):
        with pytest.raises(ValueError, match=r"Paddle sees no GPU on this machine; write fluid\.CPUPlace\(\)"):
            use()
    with fluid.dygraph.guard():
        assert fluid.layers.ones([1], "float32").place.is_cpu_place()


def test_a_number_beyond_the_last_gpu_is_refused(fluid, monkeypatch):
    machine(monkeypatch, compiled=True, count=2)
    with pytest.raises(ValueError, match="Paddle sees 2 GPUs on this machine, numbered from 0 to 1"):
        fluid.CUDAPlace(2)
    with pytest.raises(ValueError, match="must be 0 or more"):
        fluid.CUDAPlace(-1)


def test_a_place_on_the_cpu_is_none_on_a_gpu(fluid):
    assert not isinstance(fluid.CPUPlace(), (fluid.CUDAPlace, fluid.CUDAPinnedPlace))
    assert issubclass(paddle.CUDAPlace, fluid.CUDAPlace)
