"""Retrainings on two ranks; `tests/nas/darts/test_kill_and_resume.py` kills and resumes one."""

import pathlib

import numpy as np
import pytest

from tests.nas.darts.distributed.test_ranks import assert_same_bits, launch, states

SCRIPT = pathlib.Path(__file__).parent / "launched" / "retrain.py"


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """The folder of two ranks that have retrained, and their launcher, which fails at the retraining thereafter."""
    folder = tmp_path_factory.mktemp("two")
    for name in ("whole", "single"):
        (folder / name).mkdir()
    cases = {"whole": {"merge": 1, "valid": 2}, "single": {"merge": 1, "valid": 1}}
    return folder, launch(folder, 2, script=SCRIPT, cases=cases)


def test_two_ranks_have_equal_weights_which_are_those_of_one_process_with_all_their_batches(two, tmp_path):
    folder, ranks = two
    alone = launch(tmp_path, 1, script=SCRIPT, merge=2, valid=1)
    assert len(list((folder / "whole").glob("rank?.npz"))) == 2, ranks.output
    assert alone.returncode == 0, alone.output
    both = states(folder / "whole", 2)
    assert_same_bits(both)
    for name, value in states(tmp_path, 1)[0].items():
        np.testing.assert_allclose(both[0][name], value, rtol=0, atol=1e-6, err_msg=name)


def test_a_single_batch_cannot_be_shared_by_two_ranks(two):
    folder, ranks = two
    assert ranks.returncode != 0
    assert "ValueError: valid_batches yielded fewer batches than the 2 ranks that share them" in ranks.output
    assert not list((folder / "single").glob("rank?.npz"))
