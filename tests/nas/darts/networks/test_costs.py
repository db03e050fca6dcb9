import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.networks.build import build_network
from paddleslim.nas.darts.networks.costs import COUNT, Costs, costs_of
from paddleslim.nas.darts.networks.measure import count_multiply_adds, count_parameters
from paddleslim.nas.darts.networks.units import UNITS
from paddleslim.nas.darts.retrain.settings import RetrainSettings
from paddleslim.nas.darts.search_space import SPACES

COUNTS = {"flops": count_multiply_adds, "parameters": lambda network, shape: count_parameters(network)}
SIZES = RetrainSettings(channels=4, layers=4)


@pytest.mark.parametrize("of", COUNTS)
@pytest.mark.parametrize(("name", "shape"), [("darts", [1, 9, 7]), ("nas-bench-201", [3, 8, 8])])
def test_the_costs_of_any_genotype_add_up_to_those_of_its_network(name, shape, of):
    space = SPACES[name]
    costs = costs_of(space, of, shape, 10, SIZES, steps=3)
    for seed in range(1, 4):
        genotype = space.draw_genotype(seed, 3)
        network = build_network(genotype, shape, 10, SIZES, space.builders)
        assert costs.of_genotype(genotype) == COUNTS[of](network, shape)


def test_the_expected_cost_is_the_mean_over_genotypes_drawn_by_the_weights():
    space = SPACES["s2"]
    costs = costs_of(space, "flops", [1, 8, 8], 10, SIZES, steps=3)
    uniform = [paddle.full([9, 2], 0.5)] * 2
    drawn = [costs.of_genotype(space.draw_genotype(seed, 3)) for seed in range(400)]
    spread = np.std(drawn) / 20
    assert float(costs.penalty(1.0).expected(uniform)) == pytest.approx(np.mean(drawn), abs=4 * spread)


def test_latency_is_measured_for_every_operation_but_none():
    costs = costs_of(SPACES["s3"], "latency", [1, 8, 8], 10, SIZES, steps=1)
    edge = costs.tables[0][0]
    assert edge["none"] == 0.0
    assert edge["sep_conv_3x3"] > 0.0
    assert costs.unit == "ms"


def test_a_file_of_costs_is_read_back_equal(tmp_path):
    costs = costs_of(SPACES["s2"], "parameters", [1, 8, 8], 10, SIZES, steps=1)
    costs.save(tmp_path / "costs.json")
    assert Costs.load(tmp_path / "costs.json") == costs


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"of": "money", "tables": [], "shares": [], "fixed": 0, "about": {}}']
)
def test_another_file_is_refused(tmp_path, text):
    path = tmp_path / "costs.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"costs\.json"):
        Costs.load(path)


def test_an_operation_without_a_cost_and_another_kind_of_cost_are_refused():
    costs = costs_of(SPACES["s2"], "parameters", [1, 8, 8], 10, SIZES)
    with pytest.raises(ValueError, match="the costs have no 'dil_conv_3x3' on edge 0"):
        costs.of_genotype(SPACES["s2"].draw_genotype(0)._replace(normal=[("dil_conv_3x3", 0)] * 8))
    with pytest.raises(ValueError, match="costs are of flops, parameters, latency, got 'money'"):
        costs_of(SPACES["s2"], "money", [1, 8, 8])


def test_the_verdict_names_cost_and_target():
    costs = costs_of(SPACES["s2"], "parameters", [1, 8, 8], 10, SIZES)
    genotype = SPACES["s2"].draw_genotype(0)
    cost = costs.of_genotype(genotype)
    assert costs.penalty(cost).verdict(genotype).endswith(f"within the target of {cost:.6g}")
    assert "parameters, above the target of 1" in costs.penalty(1.0).verdict(genotype)


def test_a_genotype_of_the_benchmark_and_one_with_less_than_two_edges_a_state_are_judged():
    costs = costs_of(SPACES["nas-bench-201"], "parameters", [1, 8, 8], 10, SIZES)
    dear, cheap = (SPACES["nas-bench-201"].draw_genotype(seed) for seed in (0, 1))
    dear, cheap = sorted((dear, cheap), key=costs.of_genotype, reverse=True)
    budget = costs.penalty((costs.of_genotype(dear) + costs.of_genotype(cheap)) / 2)
    assert "above the target" in budget.verdict(dear)
    assert "within the target" in budget.verdict(cheap)
    costs = costs_of(SPACES["s2"], "parameters", [1, 8, 8], 10, SIZES)
    genotype = SPACES["s2"].draw_genotype(0)
    nothing = genotype._replace(normal=[("none", 0)] * 8, reduce=[("none", 0)] * 8)
    assert costs.of_genotype(nothing) == costs.fixed


def test_everything_with_a_unit_is_counted():
    assert COUNT.keys() == UNITS.keys()
