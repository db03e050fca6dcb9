import numpy as np
import pytest

from paddleslim.kernels.program import ROW, Operand, Program

pytestmark = pytest.mark.any_paddle


def test_buffers_end_at_lines_of_the_cache_and_only_those_of_threads_have_strides():
    program = Program(images=1, tensors=1)
    assert program.add_buffer(7) == 1
    assert program.add_buffer(30, per_thread=True) == 2
    assert program.buffers == [16, 32]
    np.testing.assert_array_equal(program.thread_strides(), [0, 0, 32])


def test_instructions_fall_into_the_phase_begun_last():
    program = Program(images=1, tensors=1)
    program.phase(by_images=True)
    program.emit("first kernel", (Operand(0, 4, 8),), 1, 2)
    program.phase(by_images=False)
    program.emit("second kernel", (Operand(0),))
    program.emit(None, (Operand(0),))
    phases, table = program.tables()
    np.testing.assert_array_equal(phases, [[0, 1, 1], [1, 3, 0]])
    assert table.shape == (3, ROW)
    assert table[:, 0].tolist() == [0, 1, -1]
    assert table[0, 1:4].tolist() == [0, 4, 8]
    assert program.kernels == ["first kernel", "second kernel"]


def test_a_place_moves_within_its_buffer():
    assert Operand(1, 4, 8).at(3) == Operand(1, 7, 8)
