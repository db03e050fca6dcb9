import paddle
import pytest

from paddleslim.kernels.buffers import Buffers


def test_a_buffer_given_back_is_taken_again():
    buffers = Buffers()
    first = buffers.take(paddle.float32, 10)
    address = first.data_ptr()
    buffers.give(first)
    assert buffers.take(paddle.float32, 8).data_ptr() == address


def test_a_buffer_too_small_or_of_another_type_is_not():
    buffers = Buffers()
    buffers.give(buffers.take(paddle.float32, 4))
    assert buffers.take(paddle.float32, 5).shape[0] == 5
    buffers.give(buffers.take(paddle.float32, 2))
    assert buffers.take(paddle.float64, 2).dtype == paddle.float64


def test_of_those_that_fit_the_smallest_is_taken():
    buffers = Buffers()
    for found in [buffers.take(paddle.float32, n) for n in (30, 10, 20)]:
        buffers.give(found)
    assert buffers.take(paddle.float32, 9).shape[0] == 10


def test_nothing_is_free_after_clear():
    buffers = Buffers()
    buffers.give(buffers.take(paddle.float32, 4))
    buffers.clear()
    assert buffers.held_bytes == 0


@pytest.mark.parametrize("sizes", [range(1, 120), range(120, 1, -1)])
def test_many_sizes_one_after_the_other_hold_no_more_than_the_largest(sizes):
    buffers = Buffers()
    for size in sizes:
        taken = [buffers.take(paddle.float32, 100 * size), buffers.take(paddle.float32, 10 * size)]
        for found in taken:
            buffers.give(found)
        assert buffers.held_bytes <= 4 * 110 * 120
