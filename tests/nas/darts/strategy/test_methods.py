"""The contract of strategies: what every method keeps to, on a small supernet."""

import dataclasses

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.genotype.edges import softmax
from paddleslim.nas.darts.report.recording import collect_figures, method_of
from paddleslim.nas.darts.search.architect import Architect, penalty_gradients
from paddleslim.nas.darts.strategy.decaying_skip import WithDecayingSkip
from paddleslim.nas.darts.strategy.expected_cost import ExpectedCost
from paddleslim.nas.darts.strategy.gumbel_softmax import GumbelSoftmax
from paddleslim.nas.darts.strategy.methods import METHODS, find_strategy
from paddleslim.nas.darts.strategy.mixture import mixed_by
from paddleslim.nas.darts.strategy.names import METHOD_NAMES
from paddleslim.nas.darts.strategy.perturbation import Perturbation
from paddleslim.nas.darts.strategy.progress import Progress
from paddleslim.nas.darts.strategy.selection import Strongest
from paddleslim.nas.darts.strategy.strategy import Strategy, complete
from tests.supernets import snapshot

from .differences import differentiate, in_float64
from .mixed_supernet import MixedSupernet, batch_of

SECOND_EPOCH = Progress(1, 0, 3, 4)


def make_generator(index):
    return np.random.default_rng([11, index])


def method(name):
    """Return the strategy of a name; selection and stages are left out where they ask for cells of DARTS."""
    strategy = dataclasses.replace(METHODS[name], stages=None)
    return dataclasses.replace(strategy, selection=Strongest()) if name == "fair-darts" else strategy


def supernet_of(name):
    supernet = MixedSupernet()
    supernet.auxiliary_skip = True  # it takes a further column for one
    return supernet


def objective(supernet, strategy, train_batch, valid_batch, xi):
    """Return L_val(w - xi dL_train/dw) + all penalties, by carrying the step out on the weights."""
    weights = [p for p in supernet.parameters() if not any(p is alpha for alpha in supernet.alphas)]
    weights = [p for p in weights if not p.stop_gradient]
    saved = [w.numpy().copy() for w in weights]
    if xi:
        for weight, gradient in zip(weights, paddle.grad(supernet._loss(*train_batch), weights)):
            weight.set_value(weight - xi * gradient)
    value = float(supernet._loss(*valid_batch))
    mixed = [supernet.mixture(alphas, k) for k, alphas in enumerate(supernet.alphas)]
    value += sum(float(penalty(supernet.alphas, mixed, SECOND_EPOCH)) for penalty in strategy.penalties)
    for weight, old in zip(weights, saved):
        weight.set_value(old)
    return value


FIRST = [name for name in METHODS if name not in ("darts-2nd", "gdas")]  # a one-hot has no differences
SECOND = ["darts-2nd", "beta-darts", "darts-minus", "drnas", "gumbel", "fair-darts"]


@pytest.mark.parametrize(("name", "unrolled"), [(n, False) for n in FIRST] + [(n, True) for n in SECOND])
def test_the_hypergradient_is_the_derivative_with_the_noise_held_fixed(name, unrolled):
    with in_float64():
        paddle.seed(3)
        supernet, strategy = supernet_of(name), complete(method(name), unrolled)
        train, valid = batch_of(0, "float64"), batch_of(1, "float64")
        xi = 0.1 if unrolled else 0.0
        architect = Architect(supernet, xi, 1e-3, unrolled, momentum=0.0, weight_decay=0.0, strategy=strategy)
        with mixed_by(supernet, strategy.mixture, SECOND_EPOCH, make_generator):
            found = architect.hypergradient(train, valid, SECOND_EPOCH)
            for alphas, gradient in zip(supernet.alphas, found):
                expected = differentiate(lambda: objective(supernet, strategy, train, valid, xi), alphas)
                error = np.abs(gradient.numpy() - expected).max() / np.abs(expected).max()
                assert error < (2e-4 if unrolled else 1e-5)


@pytest.mark.parametrize("wrap", [lambda mixture: mixture, WithDecayingSkip])
def test_the_budget_of_a_drawn_operation_is_its_mean_and_reaches_every_alpha(wrap):
    costs = ((1.0, 5.0, 2.0), (4.0, 0.0, 3.0))
    budget = ExpectedCost((costs, costs), target=0.5, weight=2.0)
    strategy = complete(Strategy(mixture=wrap(GumbelSoftmax(hard=True)), penalties=[budget]))
    with in_float64():
        paddle.seed(3)
        supernet = supernet_of("gdas")
        with mixed_by(supernet, strategy.mixture, SECOND_EPOCH, make_generator):
            found = penalty_gradients(strategy, supernet, supernet.alphas, SECOND_EPOCH)
        for alphas, gradient in zip(supernet.alphas, found):
            p, c = softmax(alphas.numpy()), np.array(costs)
            mean = (p * c).sum(axis=1, keepdims=True)  # over the draws, since o is drawn with probability p_o
            np.testing.assert_allclose(gradient.numpy(), 2 / 0.5 * p * (c - mean), rtol=1e-9)


def make_search(tmp_path, name, epochs=3, batches=3, **settings):
    paddle.seed(5)
    np.random.seed(5)
    supernet = supernet_of(name)
    strategy = method(name)
    if name == "darts-pt":
        strategy = dataclasses.replace(strategy, selection=Perturbation(epochs=1))
    readers = [[batch_of(10 * k + step) for step in range(batches)] for k in (1, 2)]
    return DARTSearch(
        supernet,
        *readers,
        "cpu",
        0.05,
        6,
        36,
        3e-3,
        num_epochs=epochs,
        save_dir=str(tmp_path),
        strategy=strategy,
        **settings,
    )


class Stop(Exception):
    pass


def stop_at(search, epoch, step):
    """Let `search` end by an exception after a step."""
    from paddleslim.nas.darts.training.callbacks import Callback

    class Stopping(Callback):
        def on_step_end(self, search, report):
            if (report.phase, report.epoch, report.step) == ("Train", epoch, step):
                raise Stop

    search.callbacks.insert(0, Stopping())
    search.callbacks.append(search.callbacks.pop(0))
    return search


@pytest.mark.parametrize("name", METHODS)
def test_a_search_resumes_bit_for_bit(tmp_path, name):
    whole = make_search(tmp_path / "whole", name)
    genotype = whole.train()
    stopped = stop_at(make_search(tmp_path / "parts", name, checkpoint_steps=1), 1, 1)
    with pytest.raises(Stop):
        stopped.train()
    resumed = make_search(tmp_path / "parts", name, checkpoint_steps=1)
    assert resumed.train(resume=True) == genotype
    one, other = snapshot(whole.model), snapshot(resumed.model)
    assert one.keys() == other.keys()
    for key in one:
        assert one[key].tobytes() == other[key].tobytes(), key
    for alphas, others in zip(whole.model.alphas, resumed.model.alphas):
        assert alphas.numpy().tobytes() == others.numpy().tobytes()
    assert [r.method for r in resumed.history] == [r.method for r in whole.history]


@pytest.mark.parametrize("name", METHODS)
def test_an_architecture_step_touches_alphas_alone_and_no_gradient_stays(tmp_path, name):
    search = make_search(tmp_path, name)
    supernet = search.model
    mixture, architect = supernet.mixture, search.architect
    before = snapshot(supernet)
    with mixed_by(supernet, search.strategy.mixture, SECOND_EPOCH, make_generator):
        architect.step(*batch_of(0), *batch_of(1), progress=SECOND_EPOCH)
    after = snapshot(supernet)
    changed = {key for key, value in before.items() if value.tobytes() != after[key].tobytes()}
    # the statistics move with a first-order pass, as in an ordinary step of training
    assert {key for key in changed if not key.startswith("norm.")} == {"normal", "reduce"}
    assert supernet.mixture is mixture
    assert all(p.grad is None for p in supernet.parameters())


def test_two_mixtures_of_one_step_draw_apart():
    supernet = MixedSupernet()
    supernet.alphas[1].set_value(supernet.alphas[0])
    with mixed_by(supernet, METHODS["gumbel"].mixture, SECOND_EPOCH, make_generator):
        normal, reduce = (supernet.mixture(alphas, k).numpy() for k, alphas in enumerate(supernet.alphas))
        np.testing.assert_array_equal(normal, supernet.mixture(supernet.alphas[0], 0).numpy())
    assert np.abs(normal - reduce).max() > 1e-3


CURVES = {  # what the report of a method shows of its course
    "beta-darts": ["lambda"],
    "darts-minus": ["beta"],
    "drnas-two-stage": ["stage"],
    "gdas": ["temperature"],
    "gumbel": ["temperature"],
    "sdarts-rs": ["epsilon"],
    "sdarts-adv": ["epsilon"],
    "oles": ["resting operations"],
    "budget": ["expected cost", "target cost"],
}


@pytest.mark.parametrize("name", [*METHODS, "budget"])
def test_the_report_of_every_method_shows_equations_settings_and_its_curve(tmp_path, name):
    if name == "budget":
        costs = (((1.0, 2.0, 3.0),) * 2,) * 2
        strategy = Strategy(penalties=[ExpectedCost(costs, target=0.5)])
    else:
        strategy = METHODS[name]
    search = make_search(tmp_path, "darts" if name == "budget" else name, epochs=1, batches=1)
    shown = dataclasses.replace(complete(strategy), selection=strategy.selection)
    for part, text in shown.describe().items():
        settings, _, equation = text.partition("): ")
        assert settings.startswith(type(shown.parts()[part]).__name__ + "("), name
        assert len(equation) > 5, (name, part)
        assert f"{part}: {text}" in [f"{key[8:]}: {value}" for key, value in method_of(Shown(shown)).items()]
    if name == "budget":
        search.task.strategy = dataclasses.replace(search.strategy, penalties=strategy.penalties)
    search.train()
    found = search.history[-1].method
    expected = [key for key in CURVES.get(name, []) if key != "stage"]
    assert sorted(found) == sorted(expected)
    assert [key for key in CURVES.get(name, []) if key in shown.curves(SECOND_EPOCH) or key in found] == CURVES.get(
        name, []
    )
    assert all(f"method/{key}" in collect_figures(search.history[-1]) for key in expected)


class Shown:
    """A search of which the report asks for nothing but its strategy."""

    def __init__(self, strategy):
        self.strategy = strategy


def test_the_names_known_without_paddle_are_those_of_the_methods():
    assert tuple(METHODS) == METHOD_NAMES


def test_a_method_that_is_unknown_is_named():
    with pytest.raises(ValueError, match="strategy 'drnass' is unknown; known are darts, "):
        find_strategy("drnass")
