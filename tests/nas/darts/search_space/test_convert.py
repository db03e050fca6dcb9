import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.search_space import DARTSSupernet, PCDARTSSupernet, from_per_edge, to_per_edge

from .compare import shuffle_statistics
from .plain import PlainSupernet

SIZES = {"channels": 4, "num_classes": 3, "layers": 3, "steps": 2, "multiplier": 2}


@pytest.fixture(params=[(DARTSSupernet, 1), (PCDARTSSupernet, 4)], ids=["DARTS", "PC-DARTS"])
def pair(request):
    fast_class, parts = request.param
    fast = fast_class(**SIZES)
    shuffle_statistics(fast)
    return fast, PlainSupernet(**SIZES, parts=parts)


def test_the_plain_form_has_the_names_and_shapes_of_the_plain_network(pair):
    fast, plain = pair
    found = to_per_edge(fast, fast.state_dict())
    assert {name: tensor.shape for name, tensor in found.items()} == {
        name: tensor.shape for name, tensor in plain.state_dict().items()
    }


def test_there_and_back_again_changes_nothing(pair):
    fast, _ = pair
    state = fast.state_dict()
    back = from_per_edge(fast, to_per_edge(fast, state))
    assert back.keys() == state.keys()
    assert all(np.array_equal(back[name].numpy(), tensor.numpy()) for name, tensor in state.items())


def test_pools_that_differ_though_they_read_one_state_are_refused(pair):
    fast, _ = pair
    state = to_per_edge(fast, fast.state_dict())
    state["cells.0._ops.0._ops.1.1._mean"] += 1.0
    with pytest.raises(ValueError, match=r"cells\.0\.out_edges\.0\.max_pool_3x3\.bn\._mean"):
        from_per_edge(fast, state)


def test_a_missing_tensor_is_named(pair):
    fast, _ = pair
    state = to_per_edge(fast, fast.state_dict())
    del state["cells.0._ops.1._ops.4.conv1.weight"]
    with pytest.raises(KeyError, match=r"cells\.0\._ops\.1\._ops\.4\.conv1\.weight"):
        from_per_edge(fast, state)


def test_numbers_of_parameters_are_equal(pair):
    def count(supernet):
        return sum(int(np.prod(p.shape)) for p in supernet.parameters() if not p.stop_gradient)

    assert count(pair[0]) == count(pair[1])


def test_paddle_saves_and_loads_the_plain_form(pair, tmp_path):
    fast, plain = pair
    paddle.save(to_per_edge(fast, fast.state_dict()), str(tmp_path / "params.pdparams"))
    plain.set_state_dict(paddle.load(str(tmp_path / "params.pdparams")))
    image = paddle.randn([1, 3, 8, 8])
    fast.eval()
    plain.eval()
    np.testing.assert_allclose(fast(image).numpy(), plain(image).numpy(), rtol=1e-3, atol=1e-4)
