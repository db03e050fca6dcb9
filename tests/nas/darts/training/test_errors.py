import logging
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import Callback
from paddleslim.nas.darts.data.readers import ReaderError
from paddleslim.nas.darts.state.checkpoint import read_checkpoint
from paddleslim.nas.darts.training.errors import blame_memory
from paddleslim.nas.darts.training.nonfinite import FiniteGuard, NonFiniteError
from paddleslim.nas.darts.training.signals import SearchInterrupted
from tests.searches import EPOCHS, STEPS, Samples, make_search, shuffling_reader, summarize
from tests.supernets import NormSupernet, snapshot

ROOT = pathlib.Path(__file__).parents[4]


def start(folder, how, prefix=()):
    """Start `tests/run_search.py` in a process of its own, for which SIGHUP is what it is outside of `nohup`."""
    command = [*prefix, sys.executable, "-m", "tests.run_search", str(folder), how]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=default_hangup, **pipes)


def default_hangup():
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class At(Callback):
    """Call `function` at a step of an epoch, in a phase."""

    def __init__(self, function, epoch, step, phase="Train"):
        self.function, self.place = function, (phase, epoch, step)

    def on_step_end(self, search, report):
        if (report.phase, report.epoch, report.step) == self.place:
            self.function()


# Signals


@pytest.mark.parametrize("phase", ["Train", "Valid"])
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_the_step_end_and_saves_it(signum, phase, tmp_path, lines):
    before = signal.getsignal(signum)
    through = make_search(tmp_path / "through")
    through.train()
    send = At(lambda: signal.raise_signal(signum), 1, 2, phase)
    with pytest.raises(SearchInterrupted) as caught:
        make_search(tmp_path, callbacks=[send]).train()
    assert caught.value.code == 128 + signum
    step = 3 if phase == "Train" else STEPS
    path = tmp_path / "checkpoints" / f"0001-{step:08d}.safetensors"
    assert path.exists()
    assert f"{signum.name}: finishing this step, then saving; once more stops at once" in lines
    assert [line for line in lines if f"everything is saved in {path}; resume it with train(resume=True)" in line]
    assert signal.getsignal(signum) is before
    resumed = make_search(tmp_path)
    resumed.train(resume=True)
    assert summarize(resumed) == summarize(through)


@pytest.mark.parametrize("how", ["reader", "worker", "DataLoader"])
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_wait_for_a_batch_and_saves_the_last_finished_step(signum, how, tmp_path):
    process = start(tmp_path, f"with a {how} that hangs")
    for line in process.stdout:
        if line == "hangs\n":
            break
    time.sleep(0.5)
    process.send_signal(signum)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + signum, errors
    latest = max((tmp_path / "checkpoints").glob("*.safetensors"))
    assert latest.name == ("0001-00000000" if how == "DataLoader" else "0001-00000002") + ".safetensors"
    assert read_checkpoint(latest).record["loop"]["epoch"] == 1


def test_the_second_signal_stops_at_once(tmp_path):
    def twice():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    # a shell lets its background jobs begin with SIGINT ignored
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            make_search(tmp_path, callbacks=[At(twice, 0, 1)]).train()
    finally:
        signal.signal(signal.SIGINT, before)
    assert not (tmp_path / "checkpoints").exists()


def test_a_signal_after_the_last_step_does_not_keep_the_result_back(tmp_path):
    send = At(lambda: signal.raise_signal(signal.SIGTERM), 0, 0)
    send.on_step_end = lambda search, report: None
    send.on_epoch_end = lambda search, report: signal.raise_signal(signal.SIGTERM)
    assert make_search(tmp_path, num_epochs=1, callbacks=[send]).train() in ("conv1x1", "conv3x3")


def test_a_search_runs_in_any_thread(tmp_path):
    results = []
    thread = threading.Thread(target=lambda: results.append(make_search(tmp_path, num_epochs=1).train()))
    thread.start()
    thread.join()
    assert len(results) == 1


def test_a_killed_program_exits_with_the_customary_code_and_a_message(tmp_path):
    process = start(tmp_path, "slowly in workers")
    for line in process.stdout:
        if line == "Train 0 2\n":
            process.send_signal(signal.SIGTERM)
            break
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert "SIGTERM: finishing this step, then saving" in errors
    assert "resume it with train(resume=True), or by --resume --save-dir" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("how", ["slowly in workers", "slowly with a DataLoader"])
def test_workers_end_with_the_search_that_was_killed(how, tmp_path):
    process = start(tmp_path, how)
    for line in process.stdout:
        if line == "Train 0 2\n":
            break
    workers = children_of(process.pid)
    assert len(workers) == 2
    process.kill()
    deadline = time.monotonic() + 10
    while any(map(is_alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_alive, workers))
    process.communicate(timeout=10)


def children_of(pid):
    return [
        int(p) for task in pathlib.Path(f"/proc/{pid}/task").iterdir() for p in (task / "children").read_text().split()
    ]


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


# Numbers that are not finite


def bad_reader(epoch, step, value=np.nan):
    """Return a maker of readers; a pixel of the training images is `value` at one step."""

    def make_reader(half):
        reader, epochs = shuffling_reader(half), []

        def read():
            epochs.append(None)
            for number, (image, label) in enumerate(reader()):
                if half == 0 and (len(epochs) - 1, number) == (epoch, step):
                    image[3, 0, 2, 2] = value
                yield image, label

        return read

    return make_reader


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_stops_and_names_place_and_parameter(value, tmp_path):
    search = make_search(tmp_path, bad_reader(1, 2, value), checkpoint_steps=1)
    with pytest.raises(NonFiniteError) as caught:
        search.train()
    message = str(caught.value)
    assert message.startswith("epoch 1, step 2: the training loss is nan, and the gradient of `convs.0.weight` is not")
    assert "skip_nonfinite" in message


def test_what_was_saved_before_a_bad_batch_is_good(tmp_path):
    through = make_search(tmp_path / "through")
    through.train()
    with pytest.raises(NonFiniteError):
        make_search(tmp_path / "stopped", bad_reader(1, 2), checkpoint_steps=1).train()
    mended = make_search(tmp_path / "stopped")
    mended.train(resume=True)
    assert summarize(mended) == summarize(through)


def test_so_many_bad_batches_are_skipped_as_asked(tmp_path, lines):
    search = make_search(tmp_path / "one", bad_reader(1, 2), skip_nonfinite=1)
    search.train()
    assert all(np.isfinite(value).all() for value in snapshot(search.model).values())
    assert search.task.schedule.last_epoch == EPOCHS * STEPS - 1
    assert len([line for line in lines if "This batch is skipped, 0 more may be" in line]) == 1
    with pytest.raises(NonFiniteError, match="epoch 0, step 1"):
        make_search(tmp_path / "none", bad_reader(0, 1)).train()


def test_an_epoch_of_skipped_batches_alone_has_no_loss(tmp_path):
    image, label = np.full([4, 1, 8, 8], np.nan, "float32"), np.zeros([4, 1], "int64")
    search = make_search(tmp_path, lambda half: [(image, label)], num_epochs=1, skip_nonfinite=1)
    search.train()
    assert np.isnan(search.history[0].train_loss)
    assert search.history[0].train_accuracy is None


def test_a_validation_batch_for_the_alphas_is_watched_too(tmp_path):
    make = bad_reader(0, 1)
    search = make_search(tmp_path, lambda half: make(1 - half))
    with pytest.raises(NonFiniteError, match=r"epoch 0, step 1: the gradient of `alphas` is not finite"):
        search.train()


def test_a_gradient_that_is_not_finite_is_found_though_the_loss_is(tmp_path):
    def criterion(logits, label):
        return paddle.nn.functional.cross_entropy(logits, label) + (0 * logits).square().sum().sqrt()

    with pytest.raises(NonFiniteError, match=r"epoch 0, step 0: the gradient of `convs.0.weight` is not finite"):
        make_search(tmp_path, criterion=criterion).train()


def test_where_looking_would_wait_the_first_bad_step_is_remembered():
    model = NormSupernet()
    parameter = model.classifier.weight
    guard = FiniteGuard(model, deferred=True)
    for step, value in enumerate([1.0, 2.0, float("nan"), 1.0, float("inf")]):
        with guard.step(4, step, print):
            guard.check("training", [paddle.to_tensor(value), paddle.ones_like(parameter)], [parameter])
        if step == 1:
            guard.check_deferred()
    parameter.set_value(np.full(parameter.shape, np.nan, "float32"))
    with pytest.raises(NonFiniteError, match=r"epoch 4, step 2: `classifier.weight` is not finite"):
        guard.check_deferred()
    guard.check_deferred()


def test_where_nothing_has_a_gradient_nothing_is_wrong(tmp_path):
    def make_model():
        model = NormSupernet()
        model._loss = lambda image, label: model.classifier.weight.sum()
        return model

    make_search(tmp_path, make_model=make_model, num_epochs=1).train()


# Disks and memory


def can_mount():
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return bool(shutil.which("unshare")) and subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="may not mount a small disk here")
def test_a_full_or_read_only_disk_is_an_error_and_what_was_saved_stays(tmp_path):
    for name in ("full", "readonly"):
        (tmp_path / name).mkdir()
    mounts = (
        'mount -t tmpfs -o size=40k tmpfs $0/full && mount -t tmpfs -o ro tmpfs $0/readonly && shift 0 && exec "$@"'
    )
    process = start(tmp_path, "on bad disks", ["unshare", "-rm", "sh", "-c", mounts, str(tmp_path)])
    output, errors = process.communicate(timeout=60)
    full, kept, readonly, nothing = output.splitlines()
    assert "No space left on device" in full, errors
    assert "could not be saved" in full
    assert "what was saved before is intact. Make room or choose another folder; a search can then be resumed" in full
    assert kept == "['0001-00000000.safetensors', '0002-00000000.safetensors']"
    assert "save_dir cannot be written (Read-only file system); choose another" in readonly
    assert nothing == "[]"


def test_out_of_memory_says_what_helps(tmp_path):
    process = start(tmp_path, "without memory")
    _, errors = process.communicate(timeout=60)
    assert "MemoryError: the device has not enough memory for this; give a smaller batch (batchsize is 64)" in errors
    assert (
        "recomputation (recompute=True of the supernets here), or on a GPU mixed precision (amp='bfloat16')" in errors
    )


def test_a_loss_whose_adjoint_needs_all_gradients_is_named(tmp_path):
    search = make_search(tmp_path)
    sampled = paddle.nn.HSigmoidLoss(10, 10)
    search.model._loss = lambda image, label: sampled(search.model(image), label).mean()
    with pytest.raises(RuntimeError, match=r"as in HSigmoidLoss and .* use another loss there") as caught:
        search.train()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "(ResourceExhausted) Fail to alloc memory of 268435456 size",
        "(error code is libmklml_intel.so: failed to map segment from shared object)",
        "std::bad_alloc",
    ],
)
def test_every_form_in_which_paddle_says_that_memory_ran_out_is_known(text):
    assert "give a smaller batch (batchsize is 64)" in str(blame_memory(RuntimeError(text), "batchsize is 64"))


@pytest.mark.parametrize(
    "text",
    ["shapes do not fit", "libmklml_intel.so: failed to map segment from shared object: Operation not permitted)"],
)
def test_other_errors_are_not_blamed_on_memory(text):
    assert blame_memory(RuntimeError(text), 64) is None


# Readers


def failing_reader(kind):
    def make_reader(half):
        reader, epochs = shuffling_reader(half), []

        def read():
            epochs.append(None)
            for number, (image, label) in enumerate(reader()):
                if half == 0 and len(epochs) == 2 and number == 2:
                    if kind == "ends":
                        return
                    if kind == "raises":
                        raise OSError("no such image")
                    if kind == "changes":
                        image = image[:, :, :4]
                    if kind == "dies":
                        os.kill(os.getpid(), signal.SIGKILL)
                yield image, label

        return read

    return make_reader


@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [
        ("raises", ReaderError, "train_reader failed at batch 2: OSError: no such image"),
        (
            "changes",
            ValueError,
            r"train_reader, batch 2: images are float32 of shape \[N, \*\[1, 4, 8\]\], those before were float32 of "
            r"\[N, \*\[1, 8, 8\]\]",
        ),
    ],
)
def test_a_reader_that_fails_is_named(kind, error, message, tmp_path):
    with pytest.raises(error, match=message):
        make_search(tmp_path, failing_reader(kind)).train()


def test_a_reader_that_ends_earlier_than_before_is_named_and_the_search_continues(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("paddleslim.nas.darts.data.readers"), "propagate", True)
    search = make_search(tmp_path, failing_reader("ends"))
    search.train()
    assert [report.steps for report in search.history][:3] == [4, 2, 4]
    assert "train_reader ended after 2 batches, where it had 4 before" in caplog.text


class Counted:
    """A reader that counts its epochs through `set_epoch`, since a worker process cannot."""

    def __init__(self, half, disturb):
        self.reader, self.half, self.disturb = shuffling_reader(half), half, disturb

    def set_epoch(self, epoch):
        self.epoch = epoch

    def __iter__(self):
        for number, batch in enumerate(self.reader()):
            if (self.half, self.epoch, number) == (0, 1, 2):
                self.disturb()
            yield batch


def fail():
    raise OSError("no such image")


def die():
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(
    ("disturb", "message"),
    [
        (fail, "train_reader failed at batch 2: WorkerError: OSError: no such image, in its worker process"),
        (die, r"train_reader failed at batch 2: WorkerError: its worker process \d+ was killed by SIGKILL"),
    ],
)
def test_a_worker_that_fails_is_named_and_leaves_nothing_behind(disturb, message, tmp_path):
    shared, children = list_shared_memory(), children_of(os.getpid())
    with pytest.raises(ReaderError, match=message):
        make_search(tmp_path, lambda half: Counted(half, disturb), use_multiprocess=True).train()
    assert list_shared_memory() <= shared
    assert set(children_of(os.getpid())) <= set(children)


class Deadly(Samples):
    """Samples that kill the worker process that reads the sixth."""

    def __getitem__(self, index):
        if index == 5:
            die()
        return super().__getitem__(index)


def test_a_killed_worker_of_a_data_loader_is_named_and_leaves_nothing_behind(tmp_path):
    def make_reader(half):
        return paddle.io.DataLoader((Samples, Deadly)[half](half), batch_size=8, num_workers=1)

    shared, children = list_shared_memory(), children_of(os.getpid())
    with pytest.raises(ReaderError, match=r"valid_reader failed.*: its worker process \d+ .*killed by"):
        make_search(tmp_path, make_reader).train()
    assert list_shared_memory() <= shared
    assert set(children_of(os.getpid())) <= set(children)


def list_shared_memory():
    """Segments of this process and of those that have ended, `paddle_<pid>_...`; others may be tests' at work."""
    names = {path.name for path in pathlib.Path("/dev/shm").glob("paddle_*")}
    pids = {name: name.split("_")[1] for name in names}
    return {n for n in names if pids[n] == str(os.getpid()) or not pathlib.Path("/proc", pids[n]).exists()}


def test_a_guard_that_may_skip_checks_each_step_also_where_that_waits_for_the_device():
    model = NormSupernet()
    guard = FiniteGuard(model, skips_left=1, deferred=True)
    with pytest.raises(NonFiniteError):
        guard.check("training", [paddle.to_tensor(float("inf"))], [])
