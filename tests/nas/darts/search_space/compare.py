"""Running a supernet and its oracle side by side."""

import numpy as np
import paddle

from paddleslim.nas.darts.search_space.convert import from_per_edge, to_per_edge

# what the two may differ by, relative to the largest number of a tensor
TOLERANCES = {"float64": 1e-10, "float32": 1e-4}


def make_pair(fast_class, plain_class, dtype, sizes, **plain_arguments):
    """Return a fast supernet and a plain one with the same numbers; running statistics are not where they begin."""
    paddle.seed(3)
    before = paddle.get_default_dtype()
    paddle.set_default_dtype(dtype)
    try:
        fast, plain = fast_class(**sizes), plain_class(**sizes, **plain_arguments)
    finally:
        paddle.set_default_dtype(before)
    shuffle_statistics(fast)
    plain.set_state_dict(to_per_edge(fast, fast.state_dict()))
    return fast, plain


def shuffle_statistics(supernet):
    for name, tensor in supernet.state_dict().items():
        if name.endswith(("_mean", "_variance")):
            tensor.set_value(paddle.rand(tensor.shape, tensor.dtype) + (0.5 if name.endswith("_variance") else 0))


def images(dtype, count, height, width, classes):
    rng = np.random.default_rng(4)
    return (
        paddle.to_tensor(rng.standard_normal([count, 3, height, width]).astype(dtype)),
        paddle.to_tensor(rng.integers(0, classes, [count])),
    )


def results(supernet, image, label, to_fast=None):
    """Return logits, loss, all gradients and running statistics by name; `to_fast` converts the per-edge layout's."""
    logits = supernet(image)
    loss = paddle.nn.functional.cross_entropy(logits, label)
    loss.backward()
    gradients = {name: p.grad for name, p in supernet.named_parameters() if p.grad is not None}
    statistics = {n: t for n, t in supernet.state_dict().items() if n.endswith(("_mean", "_variance"))}
    if to_fast is not None:
        state = from_per_edge(to_fast, {**supernet.state_dict(), **gradients})
        statistics = {name: tensor for name, tensor in state.items() if name.endswith(("_mean", "_variance"))}
        gradients = {name: tensor for name, tensor in state.items() if name not in statistics}
    found = {"logits": logits, "loss": loss, **{f"gradient of {n}": g for n, g in gradients.items()}, **statistics}
    found = {name: tensor.numpy().copy() for name, tensor in found.items()}
    supernet.clear_gradients()
    return found


def assert_equal(found, expected, tolerance, floor=1e-3):
    """Compare relative to a tensor's largest number, or to `floor`.

    For one image the mean over the pixels of a norm is constant, so most gradients are nothing but rounding errors.
    """
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        scale = max(np.abs(value).max(), floor)
        assert np.abs(found[name] - value).max() <= tolerance * scale, name
