"""Real launches over Gloo: ranks against one process, ranks against each other, and ranks that fail."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys

import numpy as np
import paddle
import pytest

from tests.supernets import DocumentedSupernet, NormSupernet

ROOT = pathlib.Path(__file__).parents[4]
SCRIPT = pathlib.Path(__file__).parent / "launched" / "search.py"
USUAL = {"num_epochs": 2, "batchsize": 8, "num_imgs": 96, "arch_learning_rate": 3e-3, "log_freq": 1}
SECOND_ORDER = {**USUAL, "unrolled": True}
SETTINGS = {"batches": 6, "samples": 8, "arguments": USUAL}


def launch(folder, processes, options=(), script=SCRIPT, wait=True, **settings):
    """Run the script in this many processes; return the finished launcher, or the running one."""
    folder.mkdir(exist_ok=True)
    settings = {**SETTINGS, **settings}
    (folder / "settings.json").write_text(json.dumps(settings))
    command = [sys.executable]
    if processes > 1 or options:
        command += ["-m", "paddle.distributed.launch", "--nproc_per_node", str(processes), "--max_restart", "0"]
        command += ["--log_dir", str(folder / "log"), *options]
    command += [str(script), str(folder), str(folder / "settings.json")]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PADDLE_", "FLAGS_"))}
    environment.update(PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1")
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    launcher = subprocess.Popen(command, env=environment, cwd=folder, start_new_session=True, **streams)
    if not wait:
        return launcher
    output, _ = launcher.communicate(timeout=240)
    launcher.output = output + "".join(log.read_text() for log in sorted(folder.glob("log/workerlog.*")))
    return launcher


def states(folder, processes):
    return [dict(np.load(folder / f"rank{rank}.npz")) for rank in range(processes)]


def report(folder, rank=0):
    return json.loads((folder / f"rank{rank}.json").read_text())


def start_alike(folder, model=DocumentedSupernet):
    """Leave the same initial state in every folder."""
    paddle.seed(7)
    folder.mkdir(exist_ok=True)
    paddle.save(model().state_dict(), str(folder / "start.pdparams"))


def assert_same_bits(states):
    for other in states[1:]:
        for name, value in states[0].items():
            assert value.tobytes() == other[name].tobytes(), name


def alone(processes, arguments, **settings):
    """Return the settings of one process that has the batches of so many ranks, put together."""
    return {**settings, "merge": processes, "arguments": {**arguments, "batchsize": 8 * processes}}


# number of processes -> the searches that these run one after the other, since to start them takes longer than a search
CASES = {
    2: {
        "first order": {"arguments": {**USUAL, "unrolled": False}, "metrics": True},
        "second order": {"arguments": SECOND_ORDER},
        "norms": {"norm": True, "arguments": {**SECOND_ORDER, "sync_batch_norm": True}},
        "one node": {},
        "watched": {"watch": True},
        "short": {"fault": "short"},
    },
    3: {"second order": {"arguments": SECOND_ORDER}},
    1: {
        "first order, 2": alone(2, {**USUAL, "unrolled": False}, metrics=True),
        "second order, 2": alone(2, SECOND_ORDER),
        "second order, 3": alone(3, SECOND_ORDER),
        "norms, 2": alone(2, SECOND_ORDER, norm=True),
    },
}


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A folder of searches that ended well: `searched / processes / case`."""
    folder = tmp_path_factory.mktemp("searched")
    for processes, cases in CASES.items():
        for name, case in cases.items():
            (folder / str(processes)).mkdir(exist_ok=True)
            start_alike(folder / str(processes) / name, model=NormSupernet if case.get("norm") else DocumentedSupernet)
        ranks = launch(
            folder / str(processes), processes, cases={name: {**SETTINGS, **case} for name, case in cases.items()}
        )
        assert ranks.returncode == 0, ranks.output
    return folder


def assert_close(states, whole):
    for name, value in whole.items():
        np.testing.assert_allclose(states[0][name], value, rtol=0, atol=1e-5, err_msg=name)


@pytest.mark.parametrize(("processes", "unrolled"), [(2, False), (2, True), (3, True)])
def test_ranks_with_batches_of_8_compute_what_one_process_computes_with_all_of_them(processes, unrolled, searched):
    order = "second order" if unrolled else "first order"
    many, one = searched / str(processes) / order, searched / "1" / f"{order}, {processes}"
    everyone = states(many, processes)
    assert_same_bits(everyone)
    assert_close(everyone, states(one, 1)[0])
    mine, theirs = report(one), report(many)
    assert mine["steps"] == theirs["steps"] == 6 // processes
    for field in ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "learning_rate"):
        assert mine[field] == pytest.approx(theirs[field], abs=1e-5), field
    for field in ("train_metrics", "valid_metrics"):
        assert mine[field] == pytest.approx(theirs[field], abs=1e-6), field
        assert len(mine[field]) == (0 if unrolled else 3)
    assert report(many, processes - 1) == theirs | {"bytes": report(many, processes - 1)["bytes"]}
    assert mine["genotype"] == theirs["genotype"]


def test_with_synchronised_batch_norm_ranks_compute_exactly_what_one_process_does(searched):
    everyone = states(searched / "2" / "norms", 2)
    assert_same_bits(everyone)
    assert_close(everyone, states(searched / "1" / "norms, 2", 1)[0])


def test_only_the_first_rank_writes_and_logs_and_none_listens_to_other_machines(tmp_path):
    ranks = launch(tmp_path, 2, trains=2)
    assert ranks.returncode == 0, ranks.output
    first, second = ((tmp_path / "log" / f"workerlog.{rank}").read_text() for rank in (0, 1))
    assert first.count("Epoch 1, train_acc") == 2
    assert "Epoch" not in second
    assert sorted(p.name for p in (tmp_path / "run").iterdir() if not p.name.startswith(("check", "."))) == [
        "0",
        "1",
        "genotype.json",
    ]
    if sys.platform == "linux":
        store, others = (json.loads((tmp_path / f"listeners{rank}.json").read_text()) for rank in (0, 1))
        assert "0.0.0.0" in [address for address, _ in store]
        assert all(filtered for _, filtered in store + others)


def test_no_validation_image_of_one_rank_trains_another(searched):
    seen = [json.loads((searched / "2" / "watched" / f"seen{rank}.json").read_text()) for rank in (0, 1)]
    trained, validated = (set(seen[0][part]) | set(seen[1][part]) for part in ("train", "valid"))
    assert len(trained) > 80
    assert len(validated) > 80
    assert not trained & validated
    assert set(seen[0]["train"]) != set(seen[1]["train"])


def test_readers_that_disagree_between_ranks_stop_the_search(tmp_path):
    ranks = launch(tmp_path, 2, fault="shuffle")
    assert ranks.returncode != 0
    assert "yielded other batches on other ranks, so that validation images of one rank may have" in ranks.output
    assert "Train Epoch 0, Step 0" not in ranks.output


def test_a_rank_with_fewer_batches_ends_the_epoch_for_all_at_the_same_step(searched):
    short = searched / "2" / "short"
    assert [report(short, rank)["steps"] for rank in (0, 1)] == [2, 2]
    assert_same_bits(states(short, 2))


def test_a_rank_whose_reader_raises_ends_all_with_its_error(tmp_path):
    ranks = launch(tmp_path, 2, fault="raise")  # which waits long for a busy machine, and not for ever
    assert ranks.returncode != 0
    assert "rank 1 of 2 failed first: " in ranks.output
    assert "cannot read batch 3 of this disk" in (tmp_path / "log" / "workerlog.0").read_text()


def test_a_rank_killed_in_a_step_ends_all_and_leaves_the_last_epoch_intact(tmp_path):
    ranks = launch(tmp_path, 2, fault="kill")  # which waits long for a busy machine, and not for ever
    assert ranks.returncode != 0
    saved = paddle.load(str(tmp_path / "run" / "0" / "params.pdparams"))
    assert set(saved) == set(DocumentedSupernet().state_dict())
    assert not list((tmp_path / "run").glob("**/*.tmp"))
    # the launcher, or the other rank if its connection breaks before the launcher ends it
    named = ("Container rank 1 status failed", "the connection to another rank broke, which may have been killed")
    assert any(words in ranks.output for words in named), ranks.output

    again = launch(tmp_path, 2)  # and the next search does not take the old failure for its own
    assert again.returncode == 0, again.output
    assert not list((tmp_path / "run").glob("failed-rank-*"))


def test_two_launchers_form_one_search_as_two_nodes(searched, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start_alike(tmp_path)
    nodes = [
        launch(tmp_path, 1, ["--nnodes", "2", "--master", f"127.0.0.1:{port}", "--rank", str(rank)], wait=False)
        for rank in (0, 1)
    ]
    try:
        outputs = [node.communicate(timeout=240)[0] for node in nodes]
    finally:
        for node in nodes:
            if node.poll() is None:
                os.killpg(node.pid, signal.SIGKILL)
    assert [node.returncode for node in nodes] == [0, 0], outputs
    assert_same_bits(states(tmp_path, 2) + states(searched / "2" / "one node", 2))
