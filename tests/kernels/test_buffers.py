import pytest

from paddleslim.kernels.buffers import Buffers


def test_a_buffer_given_back_is_taken_again():
    buffers = Buffers()
    first = buffers.take("float32", 10)
    address = first.ctypes.data
    buffers.give(first)
    assert buffers.take("float32", 8).ctypes.data == address


def test_a_buffer_too_small_or_of_another_type_is_not():
    buffers = Buffers()
    buffers.give(buffers.take("float32", 4))
    assert buffers.take("float32", 5).shape[0] == 5
    buffers.give(buffers.take("float32", 2))
    assert buffers.take("float64", 2).dtype == "float64"


def test_of_those_that_fit_the_smallest_is_taken():
    buffers = Buffers()
    for found in [buffers.take("float32", n) for n in (30, 10, 20)]:
        buffers.give(found)
    assert buffers.take("float32", 9).shape[0] == 10


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_buffer_begins_with_a_line_of_the_cache(dtype):
    buffers = Buffers()
    taken = [buffers.take(dtype, numbers) for numbers in (1, 33, 1000)]
    assert [found.ctypes.data % 64 for found in taken] == [0, 0, 0]
    assert [found.size for found in taken] == [1, 33, 1000]


def test_nothing_is_free_after_clear():
    buffers = Buffers()
    buffers.give(buffers.take("float32", 4))
    buffers.clear()
    assert buffers.held_bytes == 0


@pytest.mark.parametrize("sizes", [range(1, 120), range(120, 1, -1)])
def test_many_sizes_one_after_the_other_hold_no_more_than_the_largest(sizes):
    buffers = Buffers()
    for size in sizes:
        taken = [buffers.take("float32", 100 * size), buffers.take("float32", 10 * size)]
        for found in taken:
            buffers.give(found)
        assert buffers.held_bytes <= 4 * 110 * 120
