"""What every public function of the kernels does with tensors that are not dense, contiguous floats on the CPU."""

import numpy as np
import paddle
import pytest

from paddleslim.kernels import avg_pool2d, conv2d, depthwise_conv2d, max_pool2d, usable
from paddleslim.kernels.choice import address_of
from paddleslim.kernels.foreach import Snapshot, scale_all, sum_of_squares

F = paddle.nn.functional
VALUES = np.random.default_rng(0).standard_normal([2, 4, 6, 6]).astype("float32")


def rows():
    """Return Paddle's SelectedRows `[20, 4]`."""
    embedding = paddle.nn.Embedding(20, 4, sparse=True)
    embedding(paddle.to_tensor([1, 3, 3])).sum().backward()
    return embedding.weight.grad


def image(dtype="float32"):
    return paddle.to_tensor(VALUES).astype(dtype)


TENSORS = {
    "selected rows": rows,
    "sparse": lambda: image().to_sparse_coo(4),
    "compressed rows": lambda: image()[0, 0].to_sparse_csr(),
    "transposed": lambda: image().transpose([0, 1, 3, 2]),
    "a slice": lambda: image()[:, :, ::2, 1:],
    "float64": lambda: image("float64"),
    "float16": lambda: image("float16"),
    "bfloat16": lambda: image("bfloat16"),
    "int64": lambda: image("int64"),
    "bool": lambda: image("bool"),
    "complex64": lambda: image("complex64"),
    "no number": lambda: paddle.zeros([0, 4, 6, 6]),
    "no axis": lambda: paddle.to_tensor(3.0),
    "five axes": lambda: image().unsqueeze(0),
    "an array": lambda: VALUES,
    "nothing": lambda: None,
}


def weight_like(x, shape):
    return paddle.ones(shape, getattr(x, "dtype", "float32"))


def scaled(x):
    scale_all([x], paddle.to_tensor(0.5))
    return x


def moved(x):
    Snapshot([x]).move([paddle.ones_like(x)], 1.0)
    return x


def restored(x):
    before = Snapshot([x])
    x.set_value(paddle.zeros_like(x))
    before.restore()
    return x


# name: the function, and what Paddle's operators say
FUNCTIONS = {
    "conv2d": (
        lambda x: conv2d(x, weight_like(x, [3, 4, 3, 3]), padding=1),
        lambda x: F.conv2d(x, weight_like(x, [3, 4, 3, 3]), padding=1),
    ),
    "depthwise_conv2d": (
        lambda x: depthwise_conv2d(x, weight_like(x, [4, 1, 3, 3])),
        lambda x: F.conv2d(x, weight_like(x, [4, 1, 3, 3]), groups=4),
    ),
    "max_pool2d": (max_pool2d, lambda x: F.max_pool2d(x, 3, 1, 1)),
    "avg_pool2d": (avg_pool2d, lambda x: F.avg_pool2d(x, 3, 1, 1)),
    "sum_of_squares": (lambda x: sum_of_squares([x]), lambda x: paddle.to_tensor((dense(x) ** 2).sum())),
    "scale_all": (scaled, lambda x: paddle.to_tensor(dense(x) * 0.5)),
    "Snapshot.move": (moved, lambda x: paddle.to_tensor(dense(x) + 1)),
    "Snapshot.restore": (restored, lambda x: paddle.to_tensor(dense(x))),
}


def dense(x):
    """Return the numbers of any tensor in float64, the rows of SelectedRows added up."""
    if isinstance(x, paddle.Tensor) and x.is_selected_rows():
        table = np.zeros([20, 4])
        np.add.at(table, np.array(x.rows()), x.numpy())
        return table
    x = x.to_dense() if isinstance(x, paddle.Tensor) and not x.is_dense() else x
    return x.astype("float64").numpy() if isinstance(x, paddle.Tensor) else np.asarray(x, "float64")


IMAGES = {"transposed", "a slice", "float64", "no number"}
FLOATS = IMAGES | {"float16", "bfloat16", "no axis", "five axes"}
NUMBERS = FLOATS | {"int64", "bool"}
SENTENCE = "takes? (tensors|floats)|is sparse; make it dense|axes, got one of shape"
RIGHT = {
    **dict.fromkeys(["conv2d", "depthwise_conv2d", "max_pool2d", "avg_pool2d"], IMAGES),
    **dict.fromkeys(["scale_all", "Snapshot.move"], FLOATS),
    "sum_of_squares": NUMBERS | {"complex64", "selected rows", "sparse", "compressed rows"},
    "Snapshot.restore": NUMBERS | {"complex64"},
}


@pytest.mark.parametrize("case", TENSORS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_is_right_or_refused_in_python(name, case):
    function, by_paddle = FUNCTIONS[name]
    x = TENSORS[case]()
    if case not in RIGHT[name]:
        with pytest.raises((TypeError, ValueError), match=SENTENCE) as caught:
            function(x)
        assert "\n" not in str(caught.value)
        return
    found = function(x)
    if case == "no number" and "conv" in name:  # Paddle 2.6 has no convolution of it
        assert found.shape[0] == 0
        return
    np.testing.assert_allclose(dense(found), dense(by_paddle(TENSORS[case]())), rtol=2e-2, atol=1e-5)


@pytest.mark.parametrize("case", TENSORS)
def test_an_address_is_read_of_dense_contiguous_tensors_of_the_type_alone(case):
    x = TENSORS[case]()
    if case in ("an array", "nothing"):
        assert not isinstance(x, paddle.Tensor)  # the functions refuse them before
        return
    if case in ("no number", "no axis", "five axes"):
        assert address_of(x, paddle.float32) == (x.data_ptr() or 0)
        return
    with pytest.raises(TypeError, match="dense, contiguous tensors of"):
        address_of(x, paddle.float32)


@pytest.mark.parametrize("case", sorted(set(TENSORS) - {"an array", "nothing"}))
def test_the_kernels_work_on_dense_floats_alone(case):
    floats = {"transposed", "a slice", "float64", "no number", "no axis", "five axes"}
    assert usable(TENSORS[case]()) == (case in floats)
