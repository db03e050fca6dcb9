import paddle

from paddleslim.kernels.buffers import Buffers


def test_a_buffer_given_back_is_taken_again():
    buffers = Buffers()
    first = buffers.take("saved", paddle.float32, 10)
    address = first.data_ptr()
    buffers.give("saved", first)
    assert buffers.take("saved", paddle.float32, 8).data_ptr() == address


def test_a_buffer_too_small_or_of_another_kind_is_not():
    buffers = Buffers()
    buffers.give("saved", paddle.empty([4], "float32"))
    assert buffers.take("saved", paddle.float32, 5).shape[0] == 5
    assert buffers.take("work", paddle.float32, 2).shape[0] == 2
    assert buffers.take("saved", paddle.float64, 2).dtype == paddle.float64


def test_nothing_is_free_after_clear():
    buffers = Buffers()
    buffers.give("saved", paddle.zeros([4]))
    buffers.clear()
    assert buffers.take("saved", paddle.float32, 2).shape[0] == 2
