import json
import pathlib
import types

import numpy as np
import paddle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paddle import nn

from paddleslim.nas.darts import DARTS_V2, PC_DARTS, Genotype, get_genotype
from tests.supernets import PRIMITIVES

RECORDED = json.loads((pathlib.Path(__file__).parents[3] / "data" / "genotypes.json").read_text())


def model_of(method="DARTS", steps=4, multiplier=4, primitives=PRIMITIVES, seed=0, **parameters):
    """Return what a genotype is read from: random alphas and betas, but for the `parameters` given."""
    rng, edges = np.random.default_rng(seed), steps * (steps + 3) // 2
    model = types.SimpleNamespace(_method=method, _steps=steps, _multiplier=multiplier, _primitives=list(primitives))
    for cell in ("normal", "reduce"):
        setattr(model, f"alphas_{cell}", rng.standard_normal([edges, len(primitives)]).astype("float32"))
        setattr(model, f"betas_{cell}", rng.standard_normal(edges).astype("float32"))
    for name, value in parameters.items():
        setattr(model, name, value)
    return model


@pytest.mark.parametrize("record", RECORDED, ids=lambda r: f"{r['method']}-{r['steps']}-steps")
def test_genotypes_are_those_of_paddleslim_1_1_and_print_the_same(record):
    parameters = {k: paddle.to_tensor(v) for k, v in record.items() if k.startswith(("alphas", "betas"))}
    model = model_of(record["method"], record["steps"], record["multiplier"], record["primitives"], **parameters)
    assert str(get_genotype(model)) == record["genotype"]


def test_none_is_never_selected():
    alphas = np.zeros([14, 8], "float32")
    alphas[:, 0] = 10.0
    genotype = get_genotype(model_of(alphas_normal=alphas, alphas_reduce=alphas))
    assert "none" not in {op for op, _ in genotype.normal + genotype.reduce}


def test_a_space_without_none_works():
    genotype = get_genotype(model_of(primitives=["skip_connect", "sep_conv_3x3"]))
    assert len(genotype.normal) == 8


def test_a_space_of_nothing_but_none_is_refused():
    with pytest.raises(ValueError, match="other than 'none'"):
        get_genotype(model_of(primitives=["none"]))


def test_of_equals_the_earlier_operation_and_source_win():
    equal = np.zeros([14, 8], "float32")
    genotype = get_genotype(model_of(alphas_normal=equal))
    assert genotype.normal == [("max_pool_3x3", 0), ("max_pool_3x3", 1)] * 4


def test_betas_decide_between_edges_in_pc_darts_only():
    equal, betas = np.zeros([14, 8], "float32"), np.zeros(14, "float32")
    betas[[3, 4]] = 5.0  # the edges from sources 1 and 2 into the second state
    parameters = {"alphas_normal": equal, "betas_normal": betas}
    assert [s for _, s in get_genotype(model_of("PC-DARTS", **parameters)).normal[2:4]] == [1, 2]
    assert [s for _, s in get_genotype(model_of("DARTS", **parameters)).normal[2:4]] == [0, 1]


def test_a_model_with_its_own_genotype_is_asked():
    assert get_genotype(types.SimpleNamespace(genotype=lambda: "|skip~0|")) == "|skip~0|"


@pytest.mark.parametrize("missing", ["_steps", "_primitives", "alphas_reduce", "betas_normal"])
def test_a_missing_attribute_is_named(missing):
    model = model_of("PC-DARTS")
    delattr(model, missing)
    with pytest.raises(AttributeError, match=f"lacks `{missing}`.*it should be"):
        get_genotype(model)


@pytest.mark.parametrize("method", ["GDAS", "pc-darts", None])
def test_every_other_method_is_read_as_darts(method):
    assert get_genotype(model_of(method)) == get_genotype(model_of("DARTS"))


def test_an_attribute_genotype_that_is_no_method_without_arguments_is_not_asked():
    for attribute in ("a name", nn.Linear(1, 1), DARTS_V2, lambda alphas: "|skip~0|"):
        assert get_genotype(model_of(genotype=attribute)) == get_genotype(model_of())


@pytest.mark.parametrize("method", ["DARTS", "PC-DARTS"])
def test_of_more_rows_than_the_steps_need_the_first_are_read(method):
    large = model_of(method)
    first = {
        name: getattr(large, name)[:5] for name in ("alphas_normal", "alphas_reduce", "betas_normal", "betas_reduce")
    }
    large._steps = 2
    assert get_genotype(large) == get_genotype(model_of(method, steps=2, **first))


def test_the_documented_supernet_concatenates_from_minus_one_on():
    model = model_of()
    model._steps = 1
    genotype = get_genotype(model)
    assert (len(genotype.normal), genotype.normal_concat, genotype.reduce_concat) == (2, range(-1, 3), range(-1, 3))


def test_a_cell_of_no_step_is_empty():
    genotype = get_genotype(model_of(steps=0))
    assert (genotype.normal, genotype.normal_concat) == ([], range(-2, 2))


def test_columns_without_a_name_enter_the_softmax_and_are_never_selected():
    # Paddle 1.8.5: the edge of source 2 is weakest, since most of its weight is in the column that has no name
    alphas = np.zeros([5, 3], "float32")
    alphas[2:, 1] = [2.0, 1.0, 3.0]
    alphas[4, 2] = 4.0
    model = model_of(steps=2, multiplier=2, primitives=["none", "a"], alphas_normal=alphas, alphas_reduce=alphas)
    assert get_genotype(model).normal == [("a", 0), ("a", 1), ("a", 0), ("a", 1)]


def test_names_without_a_column_are_never_selected():
    few = model_of(alphas_normal=np.zeros([14, 2], "float32"))
    assert {op for op, _ in get_genotype(few).normal} == {"max_pool_3x3"}


def test_betas_of_two_dimensions_weigh_along_the_last_as_in_paddleslim_1_1():
    model = model_of("PC-DARTS")
    ones = model_of("PC-DARTS", betas_normal=np.arange(14.0)[:, None], betas_reduce=np.arange(14.0)[:, None])
    assert get_genotype(ones) == get_genotype(model_of("DARTS"))
    assert get_genotype(ones) != get_genotype(model)


@pytest.mark.parametrize("name", ["alphas_normal", "betas_normal"])
def test_too_few_rows_are_refused(name):
    with pytest.raises(ValueError, match=rf"{name} must be of shape \[14(, 8)?\], or of more rows.*got \[13"):
        get_genotype(model_of("PC-DARTS", **{name: np.zeros([13, 8] if name[0] == "a" else [13])}))


def test_an_alpha_that_is_not_finite_is_named():
    alphas = np.zeros([14, 8])
    alphas[3, 2] = np.nan
    with pytest.raises(ValueError, match=r"alphas_reduce\[3, 2\] is nan"):
        get_genotype(model_of(alphas_reduce=alphas))


@given(st.integers(1, 6), st.integers(0, 2**32 - 1), st.booleans())
def test_every_state_keeps_two_edges_from_earlier_states(steps, seed, partial):
    model = model_of("PC-DARTS" if partial else "DARTS", steps=steps, multiplier=1, seed=seed)
    genotype = get_genotype(model)
    for gene in (genotype.normal, genotype.reduce):
        assert len(gene) == 2 * steps
        for state in range(steps):
            (_, first), (_, second) = gene[2 * state : 2 * state + 2]
            assert first != second
            assert max(first, second) < state + 2
    assert list(genotype.normal_concat) == [steps + 1]


@pytest.mark.parametrize(
    "genotype", [DARTS_V2, PC_DARTS, DARTS_V2._replace(normal_concat=[2, 4], reduce_concat=range(-1, 3))]
)
def test_json_gives_the_same_genotype_back(genotype):
    again = Genotype.from_json(genotype.to_json())
    assert again == genotype
    assert str(again) == str(genotype)


def test_a_genotype_prints_as_the_tuple_it_is():
    assert str(DARTS_V2).startswith("Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ")
    assert eval(str(DARTS_V2)) == DARTS_V2


@pytest.mark.parametrize("text", ["", "[]", "{}", "3", '{"normal": [["skip", "x"]]}', "{"])
def test_other_json_is_refused_with_what_a_genotype_looks_like(text):
    with pytest.raises(ValueError, match="a genotype in JSON is an object with"):
        Genotype.from_json(text)
