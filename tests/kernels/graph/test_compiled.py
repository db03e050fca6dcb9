"""A graph compiled once for all gradients, and the part of it that a pass wants."""

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.search_space.cell_shape import CellShape
from paddleslim.nas.darts.search_space.cell_tensors import tensors_of

pytest.importorskip("numba")

from paddleslim.kernels.graph.compiled import compiled
from paddleslim.kernels.graph.function import apply
from paddleslim.kernels.graph.lowering import Setting
from paddleslim.nas.darts.search_space.cell_graph import CellGraph


def sampled_graph(short_lived):
    """Return the graph of a cell of which one operation an edge is computed, and the sizes of its tensors."""
    names = ("max_pool_3x3", "skip_connect", "sep_conv_3x3", "dil_conv_5x5")
    shape = CellShape((4, 4), 4, True, False, 2, 2, (names,) * 5)
    graph = CellGraph(shape, ((2,), (1,), (3,), (0,), (2,))).graph
    graph.short_lived = short_lived
    sizes = [[2, 4, 6, 6], [2, 4, 6, 6], [5, 4]]
    for name, owned in tensors_of(shape).items():
        sizes += [owned.shape] if name.endswith("weight") else [owned.shape, owned.shape]
    return graph, sizes


@pytest.mark.parametrize("wanted", ["mixture", "weights", "images", "all"])
def test_a_graph_that_is_compiled_once_makes_the_gradients_that_a_pass_wants(wanted):
    found = []
    for short_lived in (False, True):
        graph, sizes = sampled_graph(short_lived)
        assert graph.tensors == len(sizes)
        rng = np.random.default_rng(0)
        tensors = [paddle.to_tensor(rng.random(size) + 0.1) for size in sizes]
        chosen = {
            "mixture": [2],
            "images": [0, 1],
            "weights": [k for k, size in enumerate(sizes) if k > 2 and len(size) == 4],
        }
        numbers = chosen.get(wanted) or [k for of_kind in chosen.values() for k in of_kind]
        for k in numbers:
            tensors[k].stop_gradient = False
        out = apply(graph, tensors, True)[0]
        direction = paddle.to_tensor(np.random.default_rng(1).standard_normal(out.shape))
        found.append([g.numpy() for g in paddle.grad((out * direction).sum(), [tensors[k] for k in numbers])])
    for one, other in zip(*found):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)
    assert any(np.abs(gradient).max() > 0 for gradient in found[0])


def test_a_program_for_fewer_gradients_is_shorter():
    graph, _ = sampled_graph(True)
    images = tuple((k, (6, 6)) for k in range(2))
    whole = compiled(graph, Setting(2, images, True), frozenset(range(graph.tensors)), "float64")
    rows = len(whole._for(whole.wanted)[0]._table)
    few, touched = whole._for(frozenset([2]))
    assert touched == {2}
    assert len(few._table) < rows
    assert few._phases[-1, 1] == len(few._table)
