"""The alphas of the supernets here are trained by the criterion of the search."""

import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.search_space import DARTSSupernet, NASBench201Supernet, PCDARTSSupernet
from paddleslim.nas.darts.strategy.hypergradient import first_order

RNG = np.random.default_rng(0)
BATCHES = [
    (RNG.standard_normal([2, 1, 8, 8]).astype("float32"), RNG.integers(0, 2, [2, 3]).astype("float32"))
    for _ in range(2)
]
MAKERS = [
    lambda: DARTSSupernet(2, 3, 2, in_channels=1, steps=1, multiplier=1),
    lambda: PCDARTSSupernet(4, 3, 2, in_channels=1, steps=1, multiplier=1),
    lambda: NASBench201Supernet(2, 3, 1, in_channels=1),
]


@pytest.mark.parametrize("make", MAKERS, ids=["darts", "pc-darts", "nas-bench-201"])
def test_several_labels_are_searched_in_built_in_supernets(make, tmp_path):
    paddle.seed(0)
    supernet, loss = make(), nn.BCEWithLogitsLoss(weight=None)
    sizes = {"batchsize": 2, "num_imgs": 8, "num_epochs": 1, "save_dir": str(tmp_path)}
    options = {"criterion": loss, "metrics": ["binary_accuracy"], "unrolled": True, "learning_rate": 0.01}
    DARTSearch(supernet, lambda: iter(BATCHES), lambda: iter(BATCHES), "cpu", **sizes, **options).train()
    image, label = (paddle.to_tensor(part) for part in BATCHES[0])
    supernet.eval()
    assert float(supernet._loss(image, label)) == pytest.approx(float(loss(supernet(image), label)))
    alphas = supernet.arch_parameters()
    used = min(1, len(alphas) - 1)  # two cells are two reductions
    expected = paddle.grad(loss(supernet(image), label), alphas[used])[0]
    np.testing.assert_allclose(first_order(supernet, (image, label))[used].numpy(), expected.numpy(), 1e-5, 1e-7)
    assert not any(layer is loss for layer in supernet.sublayers())


def test_the_next_search_without_a_criterion_has_cross_entropy_again(tmp_path):
    supernet = MAKERS[0]()
    supernet.use_criterion(nn.functional.mse_loss)
    data = [(BATCHES[0][0], np.array([0, 2]))]
    DARTSearch(
        supernet,
        lambda: iter(data),
        lambda: iter(data),
        "cpu",
        num_epochs=1,
        batchsize=2,
        num_imgs=4,
        save_dir=tmp_path,
    ).train()
    assert supernet.criterion is nn.functional.cross_entropy
