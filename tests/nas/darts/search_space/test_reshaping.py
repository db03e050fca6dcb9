import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.search_space import DARTSSupernet, PCDARTSSupernet, to_per_edge
from paddleslim.nas.darts.search_space.operations import build_operation
from paddleslim.nas.darts.search_space.pruning import (
    PRUNED,
    all_columns,
    kept_columns,
    restored_columns,
    strongest_columns,
)
from paddleslim.nas.darts.search_space.reshaping import channel_map
from tests.supernets import PRIMITIVES, snapshot

from .compare import shuffle_statistics

SIZES = {"channels": 12, "num_classes": 3, "layers": 3, "in_channels": 1, "steps": 1, "multiplier": 1}


def reshaped(supernet, parts, kept, seed=0):
    """Reshape `supernet`, its tensors carried over."""
    before = snapshot(supernet)
    carry = supernet.reshape(parts, kept, np.random.default_rng(seed))
    after = carry(before, fill=True)
    for name, tensor in supernet.state_dict().items():
        if not name.startswith("alphas"):
            tensor.set_value(after[name])
    return supernet


def everything(supernet):
    return tuple(map(all_columns, supernet.edge_operations()))


def one_operation(state, cell, edge, name, stride):
    """Return an operation of DARTS with the tensors that a state dict of the per-edge layout has for it."""
    prefix = f"cells.{cell}._ops.{edge}._ops.{PRIMITIVES.index(name)}."
    own = {key[len(prefix) :]: value for key, value in state.items() if key.startswith(prefix)}
    (channels,) = next(value.shape for key, value in own.items() if key.endswith("_mean"))
    operation = build_operation(name, channels, stride, affine=False)
    operation.set_state_dict(own)
    operation.eval()
    return operation, channels


def copies_in(cell, seed=0):
    """Return which old channel each new one of a cell is, and which each is in the halves of a reduction."""
    generator = np.random.default_rng(seed)
    for c in (2, 4, 8)[: cell + 1]:
        d = 3 * c // 2
        whole = channel_map(c, d, generator)
        halves = [channel_map(*size, generator) for size in ((c // 2, d // 2), (c - c // 2, d - d // 2))]
        halves = halves[1:] * 2 if d % 2 == 0 else halves  # equal sizes have one map
    return whole, np.concatenate([halves[0], c // 2 + halves[1]])


@pytest.mark.parametrize(
    ("cell", "edge", "name"),
    [(0, 1, "sep_conv_3x3"), (0, 0, "dil_conv_5x5"), (1, 1, "sep_conv_5x5"), (1, 0, "skip_connect")],
)
def test_a_widened_operation_computes_what_it_did_on_channels_that_are_copies(cell, edge, name):
    paddle.seed(2)
    supernet = PCDARTSSupernet(**SIZES)
    reshaped(supernet, 6, everything(supernet))
    shuffle_statistics(supernet)
    stride = 1 + cell
    old, few = one_operation(to_per_edge(supernet, supernet.state_dict()), cell, edge, name, stride)
    reshaped(supernet, 4, everything(supernet))
    new, many = one_operation(to_per_edge(supernet, supernet.state_dict()), cell, edge, name, stride)
    read, written = copies_in(cell)
    assert (few, many) == (len(set(read.tolist())), len(read))
    x = paddle.randn([2, few, 6, 6])
    expected = old(x).numpy()[:, written if name == "skip_connect" else read]
    found = new(paddle.to_tensor(x.numpy()[:, read])).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("supernet_class", [DARTSSupernet, PCDARTSSupernet])
def test_a_pruned_supernet_computes_what_the_whole_one_does_with_weights_of_zero(supernet_class):
    paddle.seed(4)
    supernet = supernet_class(**SIZES)
    generator = np.random.default_rng(3)
    tables = [generator.random([2, 8]) for _ in range(2)]
    kept = tuple(strongest_columns(table, 3, names) for table, names in zip(tables, supernet.edge_operations()))
    x = paddle.randn([2, 1, 8, 8])
    weights = [np.zeros([2, 8], "float32"), np.zeros([2, 8], "float32")]
    for k, columns in enumerate(kept):
        for edge, own in enumerate(columns):
            weights[k][edge, list(own)] = generator.random(3)
    supernet.mixture = lambda alphas, index=0: paddle.to_tensor(weights[index])
    expected = supernet(x).numpy()
    reshaped(supernet, supernet._parts, kept)
    supernet.mixture = lambda alphas, index=0: kept_columns(paddle.to_tensor(weights[index]), kept[index])
    np.testing.assert_allclose(supernet(x).numpy(), expected, rtol=1e-4, atol=1e-5)
    assert [len(cell.shape.edges[0]) for cell in supernet.cells] == [3, 3, 3]
    assert ((supernet.alphas_normal.numpy() == PRUNED).sum(axis=1) == 5).all()


def test_reshaping_to_the_shape_that_is_there_changes_nothing():
    supernet = PCDARTSSupernet(**SIZES)
    before = snapshot(supernet)
    reshaped(supernet, 4, everything(supernet))
    assert {key: value.tobytes() for key, value in snapshot(supernet).items()} == {
        key: value.tobytes() for key, value in before.items()
    }


def test_what_a_stage_cannot_make_is_refused_with_the_reason():
    with pytest.raises(ValueError, match=r"use the supernet of PC-DARTS \(space pc-darts\)"):
        DARTSSupernet(**SIZES).check_parts(4)
    with pytest.raises(ValueError, match="channels must be a multiple of 5 for a stage, got 12"):
        PCDARTSSupernet(**SIZES).check_parts(5)
    own = PCDARTSSupernet(
        **SIZES,
        primitives=("twice", "skip_connect"),
        builders={"twice": lambda channels, stride, affine: paddle.nn.Conv2D(channels, channels, 1, stride)},
    )
    with pytest.raises(ValueError, match="cannot make 'twice' anew"):
        own.check_parts(4)


def test_the_strongest_are_kept_and_none_goes_first():
    names = [("none", "a", "b"), ("a", "none", "b")]
    table = [[0.9, 0.05, 0.05], [0.2, 0.7, 0.1]]
    assert strongest_columns(table, 2, names) == ((1, 2), (0, 2))
    assert strongest_columns(table, 1, names) == ((1,), (0,))
    assert strongest_columns(table, 9, names) == ((0, 1, 2), (0, 1, 2))


def test_columns_are_taken_out_and_put_back_exactly():
    alphas = paddle.to_tensor(np.array([[1.5, PRUNED, 0.1], [PRUNED, 2.5, -0.3]], "float32"))
    taken = kept_columns(alphas, ((0, 2), (1, 2)))
    np.testing.assert_array_equal(taken.numpy(), np.array([[1.5, 0.1], [2.5, -0.3]], "float32"))
    back = restored_columns(paddle.concat([taken, paddle.ones([2, 1])], axis=1), ((0, 2), (1, 2)), 3)
    np.testing.assert_array_equal(back.numpy(), np.array([[1.5, 0, 0.1, 1], [0, 2.5, -0.3, 1]], "float32"))
