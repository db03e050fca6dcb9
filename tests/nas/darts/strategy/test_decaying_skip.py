import numpy as np
import pytest

from paddleslim.nas.darts.strategy.decaying_skip import WithDecayingSkip
from paddleslim.nas.darts.strategy.gumbel_softmax import GumbelSoftmax
from paddleslim.nas.darts.strategy.mixture import Softmax
from paddleslim.nas.darts.strategy.progress import Progress

from .differences import table

THIRD = Progress(2, 0, 8, 10)


@pytest.mark.parametrize("inner", [Softmax(), GumbelSoftmax(hard=True)])
def test_beta_is_a_last_column_beside_the_weights_of_the_operations(inner):
    alphas = table()
    found = WithDecayingSkip(inner).weights(alphas, THIRD, np.random.default_rng(0)).numpy()
    expected = inner.weights(alphas, THIRD, np.random.default_rng(0)).numpy()
    np.testing.assert_array_equal(found[:, :-1], expected)
    np.testing.assert_array_equal(found[:, -1], 0.75)


def test_one_auxiliary_skip_connection_is_enough():
    with pytest.raises(TypeError, match="give it a mixture that has none"):
        WithDecayingSkip(WithDecayingSkip())
