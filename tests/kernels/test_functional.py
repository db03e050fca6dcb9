import multiprocessing
import warnings

import numpy as np
import paddle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paddle.nn import functional as F

from paddleslim import kernels
from paddleslim.kernels import choice


def tensor(*shape, dtype="float64", seed=0):
    found = paddle.to_tensor(np.random.default_rng(seed).standard_normal(shape).astype(dtype))
    found.stop_gradient = False
    return found


def with_gradients(function, *inputs):
    """Return the output of a function and the gradients of its inputs under a fixed random loss."""
    out = function(*inputs)
    towards = tensor(*out.shape, seed=9)
    gradients = paddle.grad((out * towards.astype(out.dtype)).sum(), list(inputs))
    return [found.numpy() for found in (out, *gradients)]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_depthwise_convolution_equals_paddles(data):
    size, stride = data.draw(st.sampled_from([1, 2, 3, 5, 7])), data.draw(st.integers(1, 3))
    dilation, padding = data.draw(st.integers(1, 2)), [data.draw(st.integers(0, 6)) for _ in range(2)]
    reach = dilation * (size - 1) + 1
    height, width = (data.draw(st.integers(max(1, reach - 2 * p), 14)) for p in padding)
    channels = data.draw(st.integers(1, 20))
    x, weight = tensor(data.draw(st.integers(1, 3)), channels, height, width), tensor(channels, 1, size, size, seed=1)
    found = with_gradients(lambda x, w: kernels.depthwise_conv2d(x, w, stride, padding, dilation), x, weight)
    expected = with_gradients(lambda x, w: F.conv2d(x, w, None, stride, padding, dilation, channels), x, weight)
    for one, other in zip(found, expected):
        np.testing.assert_allclose(one, other, atol=1e-11)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_convolution_equals_paddles(data):
    size = data.draw(st.integers(1, 5))
    padding = [data.draw(st.integers(0, size)) for _ in range(2)]
    height, width = (data.draw(st.integers(max(1, size - 2 * p), 14)) for p in padding)
    inputs, outputs = data.draw(st.integers(1, 20)), data.draw(st.integers(1, 20))
    stride, dilation = data.draw(st.sampled_from([(1, 1), (2, 1), (1, 2)]))
    if dilation * (size - 1) + 1 > min(height + 2 * padding[0], width + 2 * padding[1]):
        dilation = 1
    x = tensor(data.draw(st.integers(1, 3)), inputs, height, width)
    weight = tensor(outputs, inputs, size, size, seed=1)
    found = with_gradients(lambda x, w: kernels.conv2d(x, w, None, stride, padding, dilation), x, weight)
    expected = with_gradients(lambda x, w: F.conv2d(x, w, None, stride, padding, dilation), x, weight)
    for one, other in zip(found, expected):
        np.testing.assert_allclose(one, other, atol=1e-11)


@pytest.mark.parametrize(("outputs", "groups", "stride"), [(4, 1, 1), (6, 6, 1), (6, 3, 2), (4, 1, 2)])
def test_a_convolutions_bias_is_added(outputs, groups, stride):
    x, weight, bias = tensor(2, 6, 7, 5), tensor(outputs, 6 // groups, 3, 3, seed=1), tensor(outputs, seed=2)
    found = with_gradients(lambda *args: kernels.conv2d(*args, stride, 1, 1, groups), x, weight, bias)
    expected = with_gradients(lambda *args: F.conv2d(*args, stride, 1, 1, groups), x, weight, bias)
    for one, other in zip(found, expected):
        np.testing.assert_allclose(one, other, atol=1e-11)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("shape", [(2, 5, 8, 8), (1, 3, 5, 12), (1, 17, 7, 5), (1, 1, 1, 2)])
def test_max_pooling_equals_paddles(shape, stride):
    x = tensor(*shape)
    found = with_gradients(lambda x: kernels.max_pool2d(x, stride), x)
    expected = with_gradients(lambda x: F.max_pool2d(x, 3, stride, 1), x)
    for one, other in zip(found, expected):
        np.testing.assert_array_equal(one, other)


def test_the_first_of_equal_numbers_gets_the_gradient_of_their_maximum():
    x = paddle.zeros([1, 1, 5, 5])
    x.stop_gradient = False
    found, expected = (with_gradients(pool, x)[1] for pool in (kernels.max_pool2d, lambda x: F.max_pool2d(x, 3, 1, 1)))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("shape", [(2, 5, 8, 8), (1, 3, 5, 12), (1, 17, 7, 5)])
def test_average_pooling_equals_paddles(shape, stride):
    x = tensor(*shape)
    found = with_gradients(lambda x: kernels.avg_pool2d(x, stride), x)
    expected = with_gradients(lambda x: F.avg_pool2d(x, 3, stride, 1), x)
    # Paddle rounds the shares of a gradient to single precision
    for one, other, tolerance in zip(found, expected, (1e-14, 1e-6)):
        np.testing.assert_allclose(one, other, atol=tolerance)


def test_gradients_can_be_asked_for_one_by_one():
    scale, x, weight = tensor(1), tensor(2, 3, 6, 6), tensor(3, 1, 3, 3, seed=1)

    def loss(convolve):
        return convolve(convolve(scale * x, weight), weight).square().sum()

    ours = loss(lambda x, w: kernels.depthwise_conv2d(x, w, 1, 1))
    theirs = loss(lambda x, w: F.conv2d(x, w, None, 1, 1, 1, 3))
    for wanted in ([x], [weight], [scale], [scale, weight], [weight, x]):
        found, expected = (paddle.grad(loss, wanted, retain_graph=True) for loss in (ours, theirs))
        for one, other in zip(found, expected):
            np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-10)


def test_a_graph_can_be_gone_through_twice():
    x = tensor(1, 2, 5, 5)
    loss = kernels.max_pool2d(x).square().sum()
    first, second = (paddle.grad(loss, x, retain_graph=True)[0].numpy() for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_strided_tensors_are_read_as_they_are():
    x, weight = tensor(2, 6, 7, 3).transpose([0, 3, 1, 2]), tensor(3, 1, 3, 3)
    np.testing.assert_allclose(
        kernels.depthwise_conv2d(x, weight, 1, 1).numpy(), F.conv2d(x, weight, None, 1, 1, 1, 3).numpy(), atol=1e-12
    )


def test_other_geometries_and_types_go_to_paddles_operator():
    x, weight = tensor(1, 2, 6, 6), tensor(4, 1, 3, 3)
    assert kernels.depthwise_conv2d(x, weight, 1, 1).shape == [1, 4, 6, 6]  # two kernels for every channel
    assert kernels.depthwise_conv2d(x, tensor(2, 1, 3, 1), [1, 2], "SAME").shape == [1, 2, 6, 3]
    assert not kernels.usable(x, weight.astype("float32"))
    assert not kernels.usable(x.astype("float16"))


def test_the_same_bits_from_run_to_run_and_with_any_number_of_threads():
    numba = pytest.importorskip("numba")
    x, weight = tensor(5, 19, 9, 9, dtype="float32"), tensor(19, 1, 5, 5, dtype="float32")
    runs = []
    for threads in (1, numba.config.NUMBA_NUM_THREADS, 1):
        numba.set_num_threads(threads)
        runs.append(with_gradients(lambda x, w: kernels.depthwise_conv2d(x, w, 1, 2), x, weight))
    numba.set_num_threads(numba.config.NUMBA_NUM_THREADS)
    for other in runs[1:]:
        assert all(np.array_equal(one, again) for one, again in zip(runs[0], other))


def pool_in_child(queue, numbers):
    queue.put(kernels.max_pool2d(paddle.to_tensor(numbers)).numpy())


def test_a_forked_process_can_use_the_kernels():
    numbers = np.random.default_rng(0).standard_normal([4, 3, 6, 6])
    expected = kernels.max_pool2d(paddle.to_tensor(numbers)).numpy()  # now there are threads, which a fork loses
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=pool_in_child, args=(queue, numbers))
    child.start()
    np.testing.assert_array_equal(queue.get(timeout=60), expected)
    child.join(timeout=60)
    assert child.exitcode == 0


def test_without_numba_paddles_operators_run_and_one_warning_says_so(monkeypatch):
    monkeypatch.setattr(choice, "has", lambda name: False)
    choice.installed.cache_clear()
    x = tensor(1, 2, 4, 4)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        pooled = [kernels.max_pool2d(x).numpy() for _ in range(2)]
    choice.installed.cache_clear()
    np.testing.assert_array_equal(pooled[0], F.max_pool2d(x, 3, 1, 1).numpy())
    assert [str(w.message) for w in caught if "numba" in str(w.message)] == [
        "numba is not installed, so Paddle's own, slower operators run on the CPU; "
        "`pip install numba` brings faster ones."
    ]
    assert {w.filename for w in caught if "numba" in str(w.message)} == {__file__}


def test_a_zlib_that_paddle_2_would_break_keeps_numba_away(monkeypatch):
    monkeypatch.setattr(choice, "is_zlib_safe", lambda: False)
    monkeypatch.setattr(choice.sys, "builtin_module_names", ())
    choice.installed.cache_clear()
    with pytest.warns(UserWarning, match="write `import paddleslim` before `import paddle`"):
        assert not kernels.usable(tensor(1))
    choice.installed.cache_clear()
