"""Searches on two ranks that are killed, and asked to stop, and resumed."""

import pathlib

from tests.nas.darts.distributed.test_ranks import launch

SCRIPT = pathlib.Path(__file__).parent / "launched" / "resume.py"
ARGUMENTS = {"unrolled": True, "num_epochs": 2, "log_freq": 1, "keep_checkpoints": 1}


def run(folder, **settings):
    return launch(folder, 2, script=SCRIPT, **{"arguments": ARGUMENTS, "resume": False, **settings})


def list_checkpoints(folder):
    return [
        sorted(p.name for p in (folder / "run" / d).glob("*.safetensors")) for d in ("checkpoints", "checkpoints-rank1")
    ]


def test_ranks_that_were_killed_and_then_told_to_stop_end_as_ranks_that_were_not(tmp_path):
    through, stopped = tmp_path / "through", tmp_path / "stopped"
    done = run(through)
    assert done.returncode == 0, done.output

    assert run(stopped, kill=1).returncode != 0
    first, second = list_checkpoints(stopped)
    assert first[-1] >= second[-1]  # the second rank was killed earlier; they resume from what both have

    told = run(stopped, term=0, resume=True)  # a signal to the first rank alone
    assert "everything is saved in" in told.output
    first, second = list_checkpoints(stopped)
    assert first == second
    assert first[-1] == "0001-00000001.safetensors"
    assert not list(stopped.glob("end*"))

    resumed = run(stopped, resume=True)
    assert resumed.returncode == 0, resumed.output
    for rank in range(2):
        assert (stopped / f"end{rank}.json").read_text() == (through / f"end{rank}.json").read_text()
