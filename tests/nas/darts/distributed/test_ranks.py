"""Real launches over Gloo: ranks against one process, ranks against each other, and ranks that fail."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import paddle
import pytest

from tests.supernets import DocumentedSupernet, NormSupernet

ROOT = pathlib.Path(__file__).parents[4]
SCRIPT = pathlib.Path(__file__).parent / "launched" / "search.py"
USUAL = {"num_epochs": 2, "batchsize": 8, "num_imgs": 96, "arch_learning_rate": 3e-3, "log_freq": 1}


def launch(folder, processes, options=(), script=SCRIPT, wait=True, **settings):
    """Run the script in this many processes; return the finished launcher, or the running one."""
    folder.mkdir(exist_ok=True)
    settings = {"batches": 6, "samples": 8, "arguments": USUAL, **settings}
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
    output, _ = launcher.communicate(timeout=120)
    launcher.output = output + "".join(log.read_text() for log in sorted(folder.glob("log/workerlog.*")))
    return launcher


def states(folder, processes):
    return [dict(np.load(folder / f"rank{rank}.npz")) for rank in range(processes)]


def report(folder, rank=0):
    return json.loads((folder / f"rank{rank}.json").read_text())


def start_alike(*folders, model=DocumentedSupernet):
    """Leave the same initial state in these folders."""
    paddle.seed(7)
    model = model()
    for folder in folders:
        folder.mkdir(exist_ok=True)
        paddle.save(model.state_dict(), str(folder / "start.pdparams"))


def assert_same_bits(states):
    for other in states[1:]:
        for name, value in states[0].items():
            assert value.tobytes() == other[name].tobytes(), name


@pytest.mark.parametrize(("processes", "unrolled"), [(2, False), (2, True), (3, True)])
def test_ranks_with_batches_of_8_compute_what_one_process_computes_with_all_of_them(processes, unrolled, tmp_path):
    many, one = tmp_path / "many", tmp_path / "one"
    start_alike(many, one)
    arguments = {**USUAL, "unrolled": unrolled, "num_imgs": 6 * 8 * 2}
    ranks = launch(many, processes, arguments=arguments, metrics=not unrolled)
    assert ranks.returncode == 0, ranks.output
    whole = {**arguments, "batchsize": 8 * processes}
    alone = launch(one, 1, merge=processes, arguments=whole, metrics=not unrolled)
    assert alone.returncode == 0, alone.output
    everyone = states(many, processes)
    assert_same_bits(everyone)
    for name, value in states(one, 1)[0].items():
        np.testing.assert_allclose(everyone[0][name], value, rtol=0, atol=1e-5, err_msg=name)
    mine, theirs = report(one), report(many)
    assert mine["steps"] == theirs["steps"] == 6 // processes
    for field in ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "learning_rate"):
        assert mine[field] == pytest.approx(theirs[field], abs=1e-5), field
    for field in ("train_metrics", "valid_metrics"):
        assert mine[field] == pytest.approx(theirs[field], abs=1e-6), field
        assert len(mine[field]) == (0 if unrolled else 3)
    assert report(many, processes - 1) == theirs | {"bytes": report(many, processes - 1)["bytes"]}
    assert mine["genotype"] == theirs["genotype"]


def test_with_synchronised_batch_norm_ranks_compute_exactly_what_one_process_does(tmp_path):
    many, one = tmp_path / "many", tmp_path / "one"
    start_alike(many, one, model=NormSupernet)
    arguments = {**USUAL, "unrolled": True}
    ranks = launch(many, 2, norm=True, arguments={**arguments, "sync_batch_norm": True})
    assert ranks.returncode == 0, ranks.output
    alone = launch(one, 1, norm=True, merge=2, arguments={**arguments, "batchsize": 16})
    assert alone.returncode == 0, alone.output
    everyone = states(many, 2)
    assert_same_bits(everyone)
    for name, value in states(one, 1)[0].items():
        np.testing.assert_allclose(everyone[0][name], value, rtol=0, atol=1e-5, err_msg=name)


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


def test_no_validation_image_of_one_rank_trains_another(tmp_path):
    ranks = launch(tmp_path, 2, watch=True)
    assert ranks.returncode == 0, ranks.output
    seen = [json.loads((tmp_path / f"seen{rank}.json").read_text()) for rank in (0, 1)]
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


def test_a_rank_with_fewer_batches_ends_the_epoch_for_all_at_the_same_step(tmp_path):
    ranks = launch(tmp_path, 2, fault="short")
    assert ranks.returncode == 0, ranks.output
    assert [report(tmp_path, rank)["steps"] for rank in (0, 1)] == [2, 2]
    assert_same_bits(states(tmp_path, 2))


def test_a_rank_whose_reader_raises_ends_all_with_its_error(tmp_path):
    begin = time.monotonic()
    ranks = launch(tmp_path, 2, fault="raise")
    assert time.monotonic() - begin < 60
    assert ranks.returncode != 0
    assert "rank 1 of 2 failed first: " in ranks.output
    assert "cannot read batch 3 of this disk" in (tmp_path / "log" / "workerlog.0").read_text()


def test_a_rank_killed_in_a_step_ends_all_and_leaves_the_last_epoch_intact(tmp_path):
    begin = time.monotonic()
    ranks = launch(tmp_path, 2, fault="kill")
    assert time.monotonic() - begin < 60
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


def test_two_launchers_form_one_search_as_two_nodes(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    one_node = tmp_path / "one_node"
    start_alike(tmp_path, one_node)
    nodes = [
        launch(tmp_path, 1, ["--nnodes", "2", "--master", f"127.0.0.1:{port}", "--rank", str(rank)], wait=False)
        for rank in (0, 1)
    ]
    try:
        outputs = [node.communicate(timeout=120)[0] for node in nodes]
    finally:
        for node in nodes:
            if node.poll() is None:
                os.killpg(node.pid, signal.SIGKILL)
    assert [node.returncode for node in nodes] == [0, 0], outputs
    assert launch(one_node, 2).returncode == 0
    assert_same_bits(states(tmp_path, 2) + states(one_node, 2))
