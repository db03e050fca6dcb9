import numpy as np
import paddle
import pytest

from paddleslim.kernels import foreach
from paddleslim.kernels.foreach import Snapshot, scale_all, sum_of_squares

SHAPES = [[3, 5], [1], [40, 7, 3], []]


@pytest.fixture(params=["kernels", "operators"])
def way(request, monkeypatch):
    """Whether the kernels run, or are not there."""
    if request.param == "operators":
        monkeypatch.setattr(foreach, "installed", lambda: False)
    return request.param


def make_tensors(seed=0):
    """Return tensors of three types, one of them not contiguous."""
    rng = np.random.default_rng(seed)
    found = [paddle.to_tensor(rng.standard_normal(shape), "float32") for shape in SHAPES]
    found.append(paddle.to_tensor(rng.standard_normal([4]), "float64"))
    found.append(paddle.to_tensor(rng.integers(0, 9, [6]), "int64"))
    found.append(paddle.to_tensor(rng.standard_normal([6, 2]), "float32").transpose([1, 0]))
    return found


def bits(tensors):
    return [tensor.numpy().tobytes() for tensor in tensors]


def test_a_snapshot_restores_everything_bit_for_bit(way):
    tensors = make_tensors()
    before, snapshot = bits(tensors), Snapshot(tensors)
    for tensor, other in zip(tensors, make_tensors(seed=1)):
        paddle.assign(other, tensor)
    assert bits(tensors) != before
    assert bits(snapshot.copies()) == before
    snapshot.restore()
    assert bits(tensors) == before


def test_a_snapshot_moves_tensors_from_where_they_were(way):
    tensors, directions = make_tensors()[:5], make_tensors(seed=1)[:5]
    directions[0] = None
    before, snapshot = [tensor.numpy() for tensor in tensors], Snapshot(tensors)
    for factor in (7.0, paddle.to_tensor(0.1), paddle.to_tensor([0.1])):
        snapshot.move(directions, factor)
    assert tensors[0].numpy().tobytes() == before[0].tobytes()
    for tensor, old, direction in list(zip(tensors, before, directions))[1:]:
        np.testing.assert_allclose(tensor.numpy(), old + 0.1 * direction.numpy(), rtol=1e-5, atol=1e-7)


def test_a_snapshot_outlives_that_a_tensor_gets_other_memory(way):
    tensors = make_tensors()
    before, snapshot = bits(tensors), Snapshot(tensors)
    tensors[2].set_value(np.ones(SHAPES[2], "float32"))
    snapshot.restore()
    assert bits(tensors) == before


def test_empty_tensors_do_no_harm():
    tensors = [paddle.zeros([0, 2]), paddle.ones([3])]
    snapshot = Snapshot(tensors)
    tensors[1].zero_()
    snapshot.restore()
    assert tensors[1].tolist() == [1.0, 1.0, 1.0]


def test_directions_may_lie_apart_in_memory(way):
    tensor, direction = paddle.zeros([2, 6]), paddle.to_tensor(np.arange(12.0).reshape(6, 2), "float32")
    Snapshot([tensor]).move([direction.transpose([1, 0])], 1.0)
    np.testing.assert_array_equal(tensor.numpy(), direction.numpy().T)


def test_squares_are_summed_over_all_tensors(way):
    tensors = make_tensors()
    expected = sum((tensor.numpy().astype("float64") ** 2).sum() for tensor in tensors)
    assert float(sum_of_squares(tensors)) == pytest.approx(expected, rel=1e-6)
    assert sum_of_squares(tensors).dtype == paddle.float32
    assert sum_of_squares(tensors[4:5]).dtype == paddle.float64


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_a_sum_of_squares_is_finite_only_if_all_numbers_are(way, bad):
    tensors = make_tensors()
    assert bool(paddle.isfinite(sum_of_squares(tensors)))
    tensors[2][39, 6, 2] = bad
    assert not bool(paddle.isfinite(sum_of_squares(tensors)))


def test_all_tensors_are_scaled_in_place(way):
    tensors = make_tensors()[:5]
    expected = [tensor.numpy() * np.float32(0.5) for tensor in tensors]
    scale_all(tensors, paddle.to_tensor(0.5))
    for tensor, value in zip(tensors, expected):
        np.testing.assert_array_equal(tensor.numpy(), value)


def sparse_gradient():
    """Return the gradient of an embedding that was asked for row 3 twice and row 1 once."""
    embedding = paddle.nn.Embedding(20, 4, sparse=True)
    (embedding(paddle.to_tensor([1, 3, 3])) * paddle.to_tensor([[1.0], [2.0], [3.0]])).sum().backward()
    return embedding.weight.grad


def test_gradients_of_few_rows_and_sparse_tensors_count_with_what_they_hold():
    assert float(sum_of_squares([sparse_gradient(), paddle.ones([3])])) == 4 * (1 + 5**2) + 3
    sparse = paddle.sparse.sparse_coo_tensor([[0, 0, 1], [1, 1, 2]], [1.0, 2.0, 3.0], [3, 3])
    assert float(sum_of_squares([sparse])) == 3**2 + 3**2


def test_what_is_not_dense_is_refused_where_it_would_be_changed():
    with pytest.raises(TypeError, match="sparse; make it dense"):
        scale_all([sparse_gradient()], paddle.to_tensor(0.5))
    with pytest.raises(TypeError, match=r"dense, contiguous tensors of .*float32"):
        Snapshot([paddle.zeros([20, 4])]).move([sparse_gradient()], 1.0)
