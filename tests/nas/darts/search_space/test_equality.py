import pytest

from paddleslim.nas.darts.search_space import cell
from paddleslim.nas.darts.search_space.darts import DARTSSupernet
from paddleslim.nas.darts.search_space.pc_darts import PCDARTSSupernet

from .compare import TOLERANCES, assert_equal, images, make_pair, results
from .plain import PlainSupernet

SPACES = {"DARTS": (DARTSSupernet, 1), "PC-DARTS": (PCDARTSSupernet, 4)}
SIZES = {"num_classes": 5, "layers": 3, "steps": 3, "multiplier": 2}


@pytest.fixture(params=["kernels", "operators"])
def way(request, monkeypatch):
    """Whether a cell is computed by kernels or by Paddle's operators."""
    if request.param == "operators":
        monkeypatch.setattr(cell, "usable", lambda *tensors: False)
    return request.param


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("dtype", "shape"), [("float64", (2, 8, 8)), ("float64", (1, 9, 7)), ("float32", (2, 10, 6))])
def test_state_by_state_equals_edge_by_edge(way, space, training, dtype, shape):
    fast_class, parts = SPACES[space]
    # two channels through the operations at least: one alone, then normalised, has no gradient but rounding errors
    sizes = {**SIZES, "channels": 4 if parts == 1 else 8}
    fast, plain = make_pair(fast_class, PlainSupernet, dtype, sizes, parts=parts)
    (fast.train if training else fast.eval)()
    (plain.train if training else plain.eval)()
    batch = images(dtype, *shape, classes=5)
    assert_equal(results(fast, *batch), results(plain, *batch, to_fast=fast), TOLERANCES[dtype])
