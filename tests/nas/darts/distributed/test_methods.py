"""Every method keeps the ranks equal: noise, adversaries, frozen operations and decisions are the same on all."""

import pathlib

import numpy as np

from .launched.methods import CASES
from .test_ranks import assert_same_bits, launch

SCRIPT = pathlib.Path(__file__).parent / "launched" / "methods.py"


def test_two_ranks_of_any_method_end_with_the_same_bits(tmp_path):
    launcher = launch(tmp_path / "run", 2, script=SCRIPT)
    assert launcher.returncode == 0, launcher.output[-3000:]
    for name in CASES:
        ranks = [dict(np.load(tmp_path / "run" / f"{name}-{rank}.npz")) for rank in range(2)]
        assert len(ranks[0]) > 10
        assert_same_bits(ranks)
