import numpy as np

from paddleslim.kernels.program import ROW, Place, Program


def test_rooms_begin_at_lines_of_the_cache():
    program = Program(images=3, tensors=2)
    arena = program.arena()
    assert program.room(arena, 5) == Place(2, 0, 0)
    assert program.room(arena, 20, per_image=True) == Place(2, 16, 20)
    assert program.rooms == [16 + 64]


def test_only_rooms_of_threads_have_thread_strides():
    program = Program(images=1, tensors=1)
    shared, own = program.arena(), program.arena(per_thread=True)
    program.room(shared, 7)
    program.room(own, 30)
    np.testing.assert_array_equal(program.thread_strides(), [0, 0, 32])


def test_instructions_fall_into_the_phase_begun_last():
    program = Program(images=1, tensors=1)
    program.phase(by_images=True)
    program.emit("first kernel", (Place(0, 4, 8),), 1, 2)
    program.phase(by_images=False)
    program.emit("second kernel", (Place(0),))
    program.emit(None, (Place(0),))
    phases, table = program.tables()
    np.testing.assert_array_equal(phases, [[0, 1, 1], [1, 3, 0]])
    assert table.shape == (3, ROW)
    assert table[:, 0].tolist() == [0, 1, -1]
    assert table[0, 1:4].tolist() == [0, 4, 8]
    assert program.kernels == ["first kernel", "second kernel"]


def test_a_place_moves_within_its_arena():
    assert Place(1, 4, 8).at(3) == Place(1, 7, 8)
