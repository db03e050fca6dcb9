import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.search_space import SPACES, recompute_cells
from paddleslim.nas.darts.strategy.hypergradient import first_order
from tests.supernets import NormSupernet


@pytest.mark.parametrize("name", SPACES)
def test_a_supernet_of_any_space_recomputes_its_cells_to_the_same_bits(name):
    paddle.seed(0)
    supernet = SPACES[name].build_supernet(channels=4, num_classes=5, layers=3, in_channels=1)
    batch = paddle.randn([2, 1, 8, 8]), paddle.to_tensor([[0], [3]])
    state = {name: tensor.numpy() for name, tensor in supernet.state_dict().items()}
    paddle.seed(1)
    kept = [gradient.numpy() for gradient in first_order(supernet, batch)]
    moved = {name: tensor.numpy() for name, tensor in supernet.state_dict().items()}
    supernet.set_state_dict({name: paddle.to_tensor(value) for name, value in state.items()})
    recompute_cells(supernet)
    paddle.seed(1)
    for one, other in zip(first_order(supernet, batch), kept):
        np.testing.assert_array_equal(one.numpy(), other)
    for name, tensor in supernet.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), moved[name])


def test_a_supernet_without_such_cells_is_refused():
    with pytest.raises(ValueError, match="NormSupernet has no cells that can be computed again"):
        recompute_cells(NormSupernet())
