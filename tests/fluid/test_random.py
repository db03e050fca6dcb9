from paddleslim.fluid import _random


def test_the_engine_meets_the_c_plus_plus_standard():
    # [rand.predef]: the 10000th number of a default-constructed minstd_rand.
    assert _random.minstd(1, 10000)[-1] == 399268537


def test_blocks_join_without_a_seam():
    count = _random.BLOCK + 1
    assert _random.minstd(7, 2 * _random.BLOCK + 5)[:count].tolist() == _random.minstd(7, count).tolist()
    assert _random.minstd(7, 0).tolist() == []
