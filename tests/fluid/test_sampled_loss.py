"""Sampled losses in a search: fluid's NCE, with dense and sparse gradients, in both orders, resumed bit-for-bit."""

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import Callback, DARTSearch

RNG = np.random.default_rng(0)
BATCHES = [(RNG.integers(0, 20, [8, 1]), RNG.integers(0, 20, [8, 1])) for _ in range(2)]


class Stop(Callback):
    def on_epoch_end(self, search, report):
        search.stop()


def make_search(fluid, folder, sampler="uniform", sparse=False, **options):
    class Sampled(fluid.dygraph.Layer):
        """Words to words: an embedding, scaled by the alphas, and the noise-contrastive loss of it."""

        def __init__(self):
            super().__init__()
            self.words = fluid.dygraph.Embedding([20, 6], is_sparse=sparse)
            shares = [1 / 20] * 20 if sampler == "custom_dist" else None
            kind = {"num_neg_samples": 4, "sampler": sampler, "custom_dist": shares, "is_sparse": sparse}
            self.sampled = fluid.dygraph.NCE(20, 6, **kind)
            self.alphas = self.create_parameter([1, 2], default_initializer=fluid.initializer.Constant(0.1))

        def arch_parameters(self):
            return [self.alphas]

        def forward(self, words):
            return self.words(words).reshape([-1, 6]) * (1 + fluid.layers.softmax(self.alphas)[0, 0])

        def criterion(self, outputs, label):
            return fluid.layers.mean(self.sampled(outputs, label))

        def _loss(self, words, label):
            return self.criterion(self(words), label)

        def genotype(self):
            return "found"

    paddle.seed(3)
    np.random.seed(3)
    model = Sampled()
    sizes = {"batchsize": 8, "num_imgs": 32, "num_epochs": 2, "valid_freq": 1, "metrics": ()}
    readers = BATCHES, BATCHES[::-1]
    return DARTSearch(model, *readers, "cpu", **sizes, save_dir=str(folder), criterion=model.criterion, **options)


def bits(search):
    return [p.numpy().tobytes() for p in search.model.parameters()], [
        (r.train_loss, r.valid_loss) for r in search.history
    ]


@pytest.mark.parametrize("unrolled", [False, True])
@pytest.mark.parametrize(("sampler", "sparse"), [("uniform", False), ("log_uniform", True), ("custom_dist", True)])
def test_a_search_with_a_sampled_loss_trains_and_resumes_bit_for_bit(fluid, tmp_path, sampler, sparse, unrolled):
    options = {"sampler": sampler, "sparse": sparse, "unrolled": unrolled}
    whole = make_search(fluid, tmp_path / "whole", **options)
    begun = [p.numpy() for p in whole.model.parameters()]
    whole.train()
    assert all((p.numpy() != before).any() for p, before in zip(whole.model.parameters(), begun))
    make_search(fluid, tmp_path / "halves", callbacks=[Stop()], **options).train()
    resumed = make_search(fluid, tmp_path / "halves", **options)
    resumed.train(resume=True)
    assert bits(resumed) == bits(whole)
