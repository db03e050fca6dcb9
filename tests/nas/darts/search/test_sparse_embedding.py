"""A supernet with `Embedding(sparse=True)` is searched like one with a dense table."""

from __future__ import annotations

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import DARTSearch


class Words(paddle.nn.Layer):
    def __init__(self, sparse):
        super().__init__()
        paddle.seed(0)
        self._method, self._steps, self._multiplier, self._primitives = "DARTS", 1, 1, ["none", "skip_connect"]
        self.table = paddle.nn.Embedding(7, 4, sparse=sparse)
        self.classifier = paddle.nn.Linear(4, 3)
        self.alphas_normal, self.alphas_reduce = self.create_parameter([2, 2]), self.create_parameter([2, 2])

    def arch_parameters(self):
        return [self.alphas_normal, self.alphas_reduce]

    def forward(self, words):
        rows = self.table(words)
        mixed = rows * self.alphas_normal[0][0] + rows.tanh() * self.alphas_reduce[0][1]
        return self.classifier(mixed.sum(1))

    def _loss(self, words, label):
        return paddle.nn.functional.cross_entropy(self(words), label)


def make_reader(seed):
    def read():
        generator = np.random.RandomState(seed)
        for _ in range(3):
            yield generator.randint(0, 7, (4, 5)).astype("int64"), generator.randint(0, 3, (4, 1))

    return read


def search(sparse, unrolled, folder):
    supernet = Words(sparse)
    rates = {"learning_rate": 0.5, "arch_learning_rate": 0.01}
    sizes = {"batchsize": 4, "num_imgs": 24, "num_epochs": 2}
    DARTSearch(
        supernet, make_reader(1), make_reader(2), "cpu", unrolled=unrolled, save_dir=str(folder), **rates, **sizes
    ).train()
    return np.concatenate([parameter.numpy().reshape(-1) for parameter in supernet.parameters()])


@pytest.mark.parametrize("unrolled", [False, True])
def test_a_sparse_table_ends_where_a_dense_one_does(tmp_path, unrolled):
    dense, sparse = (search(kind, unrolled, tmp_path / str(kind)) for kind in (False, True))
    np.testing.assert_allclose(sparse, dense, rtol=0, atol=5e-6)
