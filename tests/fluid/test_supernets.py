"""Supernets that PaddleSlim 1.1.1 on Paddle 1.8.5 searched: each of these ran there for two epochs."""

from __future__ import annotations

import numpy as np
import pytest

from paddleslim.nas.darts import DARTSearch, Genotype
from paddleslim.nas.darts.report import Report, read_recording
from paddleslim.nas.darts.report.drawing import draw_genotype

PRIMITIVES = ["none", "max_pool_3x3", "skip_connect", "sep_conv_3x3"]


def make_supernet(fluid, method="DARTS", steps=1, multiplier=4, shape=(14, 4), betas=None):
    class SuperNet(fluid.dygraph.Layer):
        def __init__(self):
            super().__init__()
            self._method, self._steps, self._multiplier, self._primitives = method, steps, multiplier, PRIMITIVES
            self.alphas_normal = fluid.layers.create_parameter(shape=list(shape), dtype="float32")
            self.alphas_reduce = fluid.layers.create_parameter(shape=list(shape), dtype="float32")
            self.scale = fluid.layers.create_parameter(shape=[1], dtype="float32")
            self._arch = [self.alphas_normal, self.alphas_reduce]
            if betas:
                self.betas_normal = fluid.layers.create_parameter(shape=betas, dtype="float32")
                self.betas_reduce = fluid.layers.create_parameter(shape=betas, dtype="float32")
                self._arch += [self.betas_normal, self.betas_reduce]
            self.classifier = fluid.dygraph.Linear(16, 5)

        def arch_parameters(self):
            return self._arch

        def forward(self, image):
            out = fluid.layers.reshape(image, [0, -1]) * self.scale
            for alphas in self._arch[:4]:
                out = out * fluid.layers.reduce_mean(alphas)
            return self.classifier(out)

        def _loss(self, image, label):
            return fluid.layers.reduce_mean(fluid.layers.softmax_with_cross_entropy(self.forward(image), label))

    return SuperNet()


def reader():
    rng = np.random.RandomState(0)
    for _ in range(2):
        yield rng.rand(4, 1, 4, 4).astype("float32"), np.zeros([4, 1], "int64")


def no_alphas(fluid):
    model = make_supernet(fluid)
    model._arch = []
    return model


def frozen_alphas(fluid):
    model = make_supernet(fluid)
    model.alphas_reduce.stop_gradient = True
    return model


def an_extra_alpha(fluid):
    model = make_supernet(fluid)
    model._arch.append(model.scale)
    return model


def an_unused_alpha(fluid):
    model = make_supernet(fluid)
    model.forward = lambda image: model.classifier(fluid.layers.reshape(image, [0, -1]) * model.alphas_normal[0][0])
    return model


def alphas_that_are_not_registered(fluid):
    model = make_supernet(fluid)
    for name in ("alphas_normal", "alphas_reduce"):
        object.__setattr__(model, name, model._parameters.pop(name))
    model._arch = tuple(model._arch)
    return model


def a_loss_for_each_sample(fluid):
    model = make_supernet(fluid)
    model._loss = lambda image, label: fluid.layers.softmax_with_cross_entropy(model.forward(image), label)
    return model


def an_attribute_genotype(fluid):
    model = make_supernet(fluid)
    model.genotype = "a name"
    return model


def an_alpha_listed_twice(fluid):
    model = make_supernet(fluid)
    model._arch.append(model.alphas_normal)
    return model


SUPERNETS = {
    "an alpha listed twice": an_alpha_listed_twice,
    "alphas of three dimensions": lambda fluid: make_supernet(fluid, shape=(14, 4, 1)),
    "more rows": make_supernet,
    "another method": lambda fluid: make_supernet(fluid, "GDAS"),
    "fewer columns": lambda fluid: make_supernet(fluid, shape=(14, 2)),
    "no multiplier": lambda fluid: make_supernet(fluid, multiplier=0),
    "long betas": lambda fluid: make_supernet(fluid, "PC-DARTS", steps=2, betas=[20]),
    "betas of two dimensions": lambda fluid: make_supernet(fluid, "PC-DARTS", steps=2, betas=[14, 1]),
    "betas that no method reads": lambda fluid: make_supernet(fluid, "DARTS", betas=[3]),
    "no alphas": no_alphas,
    "frozen alphas": frozen_alphas,
    "an extra alpha": an_extra_alpha,
    "an unused alpha": an_unused_alpha,
    "alphas that are not registered": alphas_that_are_not_registered,
    "a loss for each sample": a_loss_for_each_sample,
    "an attribute genotype": an_attribute_genotype,
}


@pytest.mark.parametrize("unrolled", [False, True])
@pytest.mark.parametrize("name", list(SUPERNETS))
def test_what_paddleslim_1_1_searched_is_searched_reported_and_resumed(fluid, tmp_path, name, unrolled):
    model = SUPERNETS[name](fluid)
    arguments = {"batchsize": 4, "num_imgs": 16, "unrolled": unrolled, "save_dir": str(tmp_path)}
    arguments["callbacks"] = [Report(tmp_path, animation=False)]
    DARTSearch(model, reader, reader, fluid.CPUPlace(), num_epochs=1, **arguments).train()
    genotype = DARTSearch(model, reader, reader, fluid.CPUPlace(), num_epochs=2, **arguments).train(resume=True)
    assert Genotype.from_json((tmp_path / "genotype.json").read_text()) == genotype
    recording = read_recording(tmp_path / "recording.json")
    assert [record.epoch for record in recording.epochs] == [0, 1, 2]
    assert recording.epochs[-1].genotype == genotype
    assert '<svg class="cell"' in (tmp_path / "report.html").read_text()
    if min(genotype.normal_concat, default=0) >= 2:
        draw_genotype(genotype, tmp_path / "genotype.svg")
    else:  # its cells are seen in the report; it is no network
        with pytest.raises(
            ValueError, match=r"`normal_concat` should name inner states.* `_multiplier` of 1 to `_steps`"
        ):
            draw_genotype(genotype, tmp_path / "genotype.svg")


def test_no_loss_of_the_alphas_is_needed_where_they_rest(fluid, tmp_path):
    model = make_supernet(fluid)
    del type(model)._loss
    before = model.alphas_normal.numpy()
    arguments = {"num_epochs": 1, "epochs_no_archopt": 1, "batchsize": 4, "num_imgs": 16, "save_dir": str(tmp_path)}
    DARTSearch(model, reader, reader, fluid.CPUPlace(), **arguments).train()
    np.testing.assert_array_equal(model.alphas_normal.numpy(), before)


def test_a_supernet_may_be_completed_between_the_search_and_its_training(fluid, tmp_path):
    model = make_supernet(fluid)
    alphas = model._arch
    model._arch = None
    for name in ("_multiplier", "_primitives"):
        delattr(model, name)
    arguments = {"num_epochs": 1, "batchsize": 4, "num_imgs": 16, "save_dir": str(tmp_path)}
    search = DARTSearch(model, reader, reader, fluid.CPUPlace(), **arguments)
    model._arch = alphas[:1]
    with pytest.raises(AttributeError, match="lacks `_multiplier`"):
        search.train()
    model._multiplier, model._primitives = 4, PRIMITIVES
    before = [alpha.numpy() for alpha in alphas]
    assert search.train().normal_concat == range(-1, 3)
    assert np.abs(alphas[0].numpy() - before[0]).max() > 1e-5
    np.testing.assert_array_equal(alphas[1].numpy(), before[1])


def test_a_supernet_of_no_steps_has_cells_without_operations(fluid, tmp_path):
    model = make_supernet(fluid, steps=0, multiplier=2)
    arguments = {"num_epochs": 1, "batchsize": 4, "num_imgs": 16, "save_dir": str(tmp_path)}
    genotype = DARTSearch(model, reader, reader, fluid.CPUPlace(), **arguments).train()
    assert genotype == Genotype([], range(0, 2), [], range(0, 2))
