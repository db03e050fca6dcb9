"""Searches on two ranks that are killed, and asked to stop, and resumed."""

import pathlib

from tests.nas.darts.distributed.test_ranks import launch

SCRIPT = pathlib.Path(__file__).parent / "launched" / "resume.py"
ARGUMENTS = {"unrolled": True, "num_epochs": 2, "log_freq": 1, "keep_checkpoints": 1}


def run(folder, **settings):
    return launch(folder, 2, script=SCRIPT, arguments=ARGUMENTS, **settings)


def list_checkpoints(folder):
    return [
        sorted(p.name for p in (folder / "run" / d).glob("*.safetensors")) for d in ("checkpoints", "checkpoints-rank1")
    ]


def test_ranks_that_were_killed_and_then_interrupted_end_as_ranks_that_were_not(tmp_path):
    through, stopped = tmp_path / "through", tmp_path / "stopped"
    assert run(stopped, kill=1, resume=False).returncode != 0
    first, second = list_checkpoints(stopped)
    assert first[-1] >= second[-1]  # the second rank was killed earlier; they resume from what both have

    told = run(stopped, term=0, resume=True)  # a signal to the first rank alone
    assert "everything is saved in" in told.output
    first, second = list_checkpoints(stopped)
    assert first == second
    assert first[-1] == "0001-00000001.safetensors"
    assert not list(stopped.glob("end*"))

    # the search that nothing disturbs comes next in the same processes, since to start others takes longer than it
    cases = {"stopped": {"arguments": ARGUMENTS, "resume": True}, "through": {"arguments": ARGUMENTS, "resume": False}}
    through.mkdir()
    ended = launch(tmp_path, 2, script=SCRIPT, cases=cases)
    assert ended.returncode == 0, ended.output
    for rank in range(2):
        assert (stopped / f"end{rank}.json").read_text() == (through / f"end{rank}.json").read_text()
