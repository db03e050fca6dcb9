import random

import numpy as np
import pytest

from paddleslim.nas.darts.distributed.messages import decode, encode


def test_a_message_comes_back_as_it_was():
    value = [(1, 2.5, None, True, "é"), {(1, 2): [3], "a": ()}, float("inf"), 2**70]
    found = decode(encode(value))
    assert found == value
    assert decode(encode(random.getstate())) == random.getstate()
    state = decode(encode(np.random.get_state()))
    np.random.set_state(state)
    array = np.arange(6, dtype=">f4").reshape(2, 3).T
    again = decode(encode(array))
    assert again.dtype == array.dtype
    np.testing.assert_array_equal(again, array)
    assert decode(encode(np.float32(0.1))) == float(np.float32(0.1))


@pytest.mark.parametrize("value", [{1, 2}, object(), np.array([None])])
def test_what_is_no_data_is_refused(value):
    with pytest.raises(TypeError, match="ranks send each other numbers, texts, arrays and containers"):
        encode([value])
