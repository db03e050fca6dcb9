import json
import pathlib
import types

import numpy as np
import paddle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paddleslim.nas.darts import DARTS_V2, PC_DARTS, Genotype, get_genotype
from tests.supernets import PRIMITIVES

RECORDED = json.loads((pathlib.Path(__file__).parents[2] / "data" / "genotypes.json").read_text())


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


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="_method must be 'DARTS' or 'PC-DARTS', got 'GDAS'"):
        get_genotype(model_of("GDAS"))


def test_alphas_of_the_wrong_shape_are_refused():
    with pytest.raises(ValueError, match=r"alphas_normal must be of shape \[14, 8\].*got \[13, 8\]"):
        get_genotype(model_of(alphas_normal=np.zeros([13, 8])))


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


@pytest.mark.parametrize("genotype", [DARTS_V2, PC_DARTS, DARTS_V2._replace(normal_concat=[2, 4])])
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
