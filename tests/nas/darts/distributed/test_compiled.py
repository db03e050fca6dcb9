"""Networks of one's own that run compiled on two ranks."""

import pathlib

import numpy as np

from tests.nas.darts.distributed.test_ranks import launch

SCRIPT = pathlib.Path(__file__).parent / "launched" / "compiled.py"


def test_two_ranks_that_run_compiled_compute_what_two_do_that_run_as_written(tmp_path):
    ranks = launch(tmp_path, 2, script=SCRIPT)
    assert ranks.returncode == 0, ranks.output
    for work in ("search", "retrain"):
        for rank in range(2):
            ours, theirs = (np.load(tmp_path / f"{work}-{mode}-{rank}.npz") for mode in ("on", "off"))
            for name in theirs.files:
                np.testing.assert_allclose(ours[name], theirs[name], rtol=0, atol=1e-4, err_msg=f"{work} {name}")
