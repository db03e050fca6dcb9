import paddle

from paddleslim.common import AvgrageMeter


def test_the_mean_is_weighted_by_the_samples():
    meter = AvgrageMeter()
    meter.update(1.0, n=3)
    meter.update(5.0)
    assert (meter.avg, meter.sum, meter.cnt) == (2.0, 8.0, 4)


def test_reset_forgets_everything():
    meter = AvgrageMeter()
    meter.update(1.0)
    meter.reset()
    assert (meter.avg, meter.sum, meter.cnt) == (0, 0, 0)


def test_tensors_stay_tensors():
    meter = AvgrageMeter()
    meter.update(paddle.to_tensor(2.0), n=2)
    meter.update(paddle.to_tensor(5.0), n=1)
    assert isinstance(meter.avg, paddle.Tensor)
    assert float(meter.avg) == 3.0
