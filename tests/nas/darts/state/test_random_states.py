import random

import numpy as np
import paddle

from paddleslim.nas.darts.state.random_states import RandomStream, Seeds, draw_seeds, seed_everything_at

SEEDS = Seeds(1, 2, 3)


def draw():
    return paddle.rand([3]).tolist(), np.random.rand(), random.random()


def draw_at(*place, seeds=SEEDS):
    seed_everything_at(seeds, *place)
    return draw()


def test_a_place_has_its_random_numbers_whatever_was_drawn_before():
    first = draw_at(0, 7)
    draw()
    assert draw_at(0, 7) == first


def test_places_and_seeds_differ_in_the_numbers_of_each_library():
    numbers = [draw_at(0, 7), draw_at(0, 8), draw_at(1, 7), draw_at(7, 0), draw_at(0, 7, seeds=Seeds(4, 5, 6))]
    for of_library in zip(*numbers):
        assert len(set(map(str, of_library))) == len(numbers)


def test_each_library_is_seeded_by_its_own_seed():
    paddles, numpys, pythons = draw_at(0, 7)
    other = draw_at(0, 7, seeds=Seeds(9, 2, 3))
    assert other[0] != paddles
    assert other[1:] == (numpys, pythons)


def test_a_stream_resumes_where_it_was_left_and_leaves_the_generators_outside_alone():
    whole = RandomStream(SEEDS, 4)
    with whole:
        expected = [draw(), draw()]
    outside = [draw_at(0), draw(), draw()]
    seed_everything_at(SEEDS, 0)
    stream, found, seen = RandomStream(SEEDS, 4), [], []
    for _ in range(2):
        seen.append(draw())
        with stream:
            found.append(draw())
    seen.append(draw())
    assert found == expected
    assert seen == outside


def test_seeds_are_drawn_from_what_the_caller_seeded():
    def seed(paddles, numpys, pythons):
        paddle.seed(paddles)
        np.random.seed(numpys)
        random.seed(pythons)
        return draw_seeds()

    first = seed(1, 2, 3)
    assert seed(1, 2, 3) == first
    assert [a == b for a, b in zip(seed(9, 2, 3), first)] == [False, True, True]
    assert all(0 <= number < 2**62 for number in first)
