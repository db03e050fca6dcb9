"""What holds for the genotype of any alphas whatever."""

import math

import numpy as np
import paddle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from paddleslim.nas.darts import Genotype, get_genotype

OPERATIONS = ["none", "max_pool_3x3", "skip_connect", "sep_conv_3x3", "dil_conv_5x5", "café"]


class Space:
    """As much of a supernet as its genotype needs."""

    def __init__(self, method, steps, multiplier, primitives, alphas, betas):
        self._method, self._steps, self._multiplier, self._primitives = method, steps, multiplier, primitives
        self.alphas_normal, self.alphas_reduce = (paddle.to_tensor(a) for a in alphas)
        self.betas_normal, self.betas_reduce = (paddle.to_tensor(b) for b in betas)


def edges_into(steps):
    """Return for each state the indices of the edges that end in it."""
    first = [sum(range(2, 2 + state)) for state in range(steps)]
    return [range(start, start + 2 + state) for state, start in enumerate(first)]


def numbers(**bounds):
    # few different values, so that there are ties
    return st.floats(width=32, **bounds) | st.sampled_from([0.0, 1.0, -1.0])


@st.composite
def spaces(draw, values):
    steps = draw(st.integers(1, 4))
    primitives = draw(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=6, unique=True))
    edges = edges_into(steps)[-1].stop

    def table(*shape):
        flat = draw(st.lists(values, min_size=math.prod(shape), max_size=math.prod(shape)))
        return np.array(flat, "float32").reshape(shape)

    alphas = [table(edges, len(primitives)) for _ in range(2)]
    betas = [table(edges) for _ in range(2)]
    method, multiplier = draw(st.sampled_from(["DARTS", "PC-DARTS"])), draw(st.integers(1, steps))
    return Space(method, steps, multiplier, primitives, alphas, betas)


@settings(deadline=None, max_examples=150)
@given(spaces(numbers(min_value=-50, max_value=50)))
def test_every_state_keeps_its_two_strongest_edges_with_their_strongest_operation(space):
    if space._primitives == ["none"]:
        with pytest.raises(ValueError, match="needs an operation other than 'none'"):
            get_genotype(space)
        return
    genotype = get_genotype(space)
    assert Genotype.from_json(genotype.to_json()) == genotype
    assert list(genotype.normal_concat) == list(range(2 + space._steps - space._multiplier, 2 + space._steps))
    for cell, alphas, betas in (
        (genotype.normal, space.alphas_normal, space.betas_normal),
        (genotype.reduce, space.alphas_reduce, space.betas_reduce),
    ):
        # Paddle's softmax counts what is more than 64 below the largest as 64 below it
        strengths = softmax(alphas.numpy().astype("float64"), -1)
        for state, edges in enumerate(edges_into(space._steps)):
            into = strengths[list(edges)]
            if space._method == "PC-DARTS":
                into = into * softmax(betas.numpy()[list(edges)].astype("float64"), 0)[:, None]
            kept = cell[2 * state : 2 * state + 2]
            assert len({source for _, source in kept}) == 2
            columns = [i for i, name in enumerate(space._primitives) if name != "none"]
            strongest = into[:, columns].max(axis=1)
            for operation, source in kept:
                assert operation != "none"
                assert 0 <= source < len(edges)
                assert into[source, space._primitives.index(operation)] == pytest.approx(strongest[source], rel=1e-12)
            left = [strongest[s] for s in range(len(edges)) if s not in [source for _, source in kept]]
            weakest = min(strongest[source] for _, source in kept)
            assert all(strength <= weakest * (1 + 1e-12) for strength in left)


@settings(deadline=None, max_examples=150)
@given(spaces(numbers() | st.sampled_from([math.nan, math.inf, -math.inf])))
def test_alphas_that_are_not_finite_are_refused_by_name(space):
    used = [space.alphas_normal, space.alphas_reduce]
    used += [space.betas_normal, space.betas_reduce] if space._method == "PC-DARTS" else []
    finite = all(bool(paddle.isfinite(tensor).all()) for tensor in used)
    if finite and space._primitives != ["none"]:
        assert len(get_genotype(space).normal) == 2 * space._steps
    elif not finite:
        with pytest.raises(ValueError, match=r"(alphas|betas)_(normal|reduce)\[.*\] is -?(nan|inf)|other than 'none'"):
            get_genotype(space)
