import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.truth.space import CELLS, SPACE, build_network, canonical, chains, from_code, to_code


def logits_of(genotype):
    """Return the logits of a network whose convolutions of one shape are all alike."""
    paddle.seed(1)
    network = build_network(genotype, channels=3, num_classes=4, in_channels=1)
    for parameter in network.parameters():
        if parameter.ndim > 1:
            values = np.random.default_rng(parameter.shape).standard_normal(parameter.shape)
            parameter.set_value(values.astype("float32"))
    image = np.random.default_rng(0).standard_normal([4, 1, 9, 9]).astype("float32")
    return network(paddle.to_tensor(image)).numpy()


def test_there_are_125_cells_of_which_60_compute_something_of_their_own():
    assert len(CELLS) == len(set(CELLS)) == 125
    assert len({canonical(cell) for cell in CELLS}) == len({chains(cell) for cell in CELLS}) == 60


def test_a_cell_computes_what_its_canonical_one_does():
    found = {cell: logits_of(cell) for cell in CELLS}
    for cell, logits in found.items():
        np.testing.assert_allclose(logits, found[canonical(cell)], atol=2e-4, err_msg=cell)


@pytest.mark.parametrize(
    ("code", "same"), [("n3n", "n3n"), ("s3n", "n3n"), ("3ns", "n3n"), ("sa3", "s3a"), ("n33", "n3n"), ("33n", "n3n")]
)
def test_the_canonical_cell_is_the_smallest_that_computes_the_same(code, same):
    assert to_code(canonical(from_code(code))) == same


def test_nine_cells_are_zero():
    assert sorted(to_code(cell) for cell in CELLS if not chains(cell)) == sorted(
        ["nnn", "nns", "nn1", "nn3", "nna", "snn", "1nn", "3nn", "ann"]
    )


def test_codes_are_those_of_the_strings():
    assert from_code("3sa") == "|nor_conv_3x3~0|+|skip_connect~0|avg_pool_3x3~1|"
    assert all(from_code(to_code(cell)) == cell for cell in CELLS)


@pytest.mark.parametrize("code", ["", "33", "3333", "3x3"])
def test_another_code_is_refused(code):
    with pytest.raises(ValueError, match=f"three of the letters n, s, 1, 3, a, such as '3sa', got {code!r}"):
        from_code(code)


def test_the_space_offers_its_own_cells():
    supernet = SPACE.build_supernet(channels=2, num_classes=3, layers=1, in_channels=1)
    assert supernet.genotype() in CELLS
    assert {SPACE.draw_genotype(seed) for seed in range(30)} < set(CELLS)
