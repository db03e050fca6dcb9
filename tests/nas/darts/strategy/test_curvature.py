import numpy as np
import paddle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paddleslim.nas.darts.strategy.curvature import dominant_eigenvalue, hessian_product, largest_eigenvalue
from tests.supernets import NormSupernet, random_batches, snapshot


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 30), st.integers(0, 10**6))
def test_lanczos_finds_the_largest_eigenvalue_of_any_symmetric_matrix(size, seed):
    matrix = np.random.default_rng(seed).standard_normal([size, size])
    matrix = matrix + matrix.T
    found = largest_eigenvalue(lambda vector: matrix @ vector, size, iterations=size, tolerance=1e-12)
    assert found == pytest.approx(np.linalg.eigvalsh(matrix)[-1], rel=1e-8, abs=1e-8)


def test_lanczos_is_near_after_few_products():
    rng = np.random.default_rng(0)
    basis, _ = np.linalg.qr(rng.standard_normal([224, 224]))
    matrix = basis * np.concatenate([np.linspace(0, 1, 223), [2.0]]) @ basis.T
    assert largest_eigenvalue(lambda vector: matrix @ vector, 224) == pytest.approx(2.0, rel=1e-3)


class Quadratic(paddle.nn.Layer):
    """The loss 1/2 a'Ma of two alphas of different shapes, whose Hessian is M."""

    def __init__(self, matrix):
        super().__init__()
        self.matrix = paddle.to_tensor(matrix)
        normal = paddle.nn.initializer.Normal()
        self.alphas = [
            self.create_parameter(shape, dtype="float64", default_initializer=normal) for shape in ([2, 3], [4])
        ]
        self.normal, self.reduce = self.alphas

    def _loss(self, image, label):
        a = paddle.concat([alpha.flatten() for alpha in self.alphas])
        return 0.5 * (a * (self.matrix @ a)).sum()

    def arch_parameters(self):
        return self.alphas


def test_the_product_with_the_hessian_of_a_quadratic_loss_is_exact():
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal([10, 10])
    matrix = matrix + matrix.T
    supernet = Quadratic(matrix)
    vector = rng.standard_normal(10)
    vector /= np.linalg.norm(vector)
    np.testing.assert_allclose(hessian_product(supernet, (None, None), vector), matrix @ vector, atol=1e-10)
    eigenvalue = dominant_eigenvalue(supernet, (None, None))
    assert eigenvalue == pytest.approx(np.linalg.eigvalsh(matrix)[-1], rel=1e-5)


def test_the_eigenvalue_of_a_supernet_is_that_of_its_whole_hessian():
    paddle.seed(3)
    supernet = NormSupernet()
    ((image, label),) = random_batches(1, samples=32)
    batch = paddle.to_tensor(image), paddle.to_tensor(label)
    columns = [hessian_product(supernet, batch, unit, radius=0.03) for unit in np.eye(2)]
    expected = np.linalg.eigvalsh(np.stack(columns) / 2 + np.stack(columns).T / 2)[-1]
    assert dominant_eigenvalue(supernet, batch) == pytest.approx(expected, rel=0.02)


def test_looking_leaves_no_trace():
    supernet = NormSupernet(dropout=0.5)
    ((image, label),) = random_batches(1)
    before, random_state = snapshot(supernet), str(paddle.get_rng_state()[0])
    dominant_eigenvalue(supernet, (paddle.to_tensor(image), paddle.to_tensor(label)))
    after = snapshot(supernet)
    assert all(before[name].tobytes() == after[name].tobytes() for name in before)
    assert str(paddle.get_rng_state()[0]).split()[1] == random_state.split()[1]


def test_an_alpha_that_the_loss_does_not_use_bends_nothing():
    supernet = Quadratic(np.diag([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10]))
    supernet._loss = lambda image, label: supernet.normal.square().sum()
    assert dominant_eigenvalue(supernet, (None, None)) == pytest.approx(2.0, rel=1e-6)
