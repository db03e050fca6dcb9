"""One rank of a launched search; run by test_ranks.py through paddle.distributed.launch.

    search.py FOLDER SETTINGS.json

Settings: `batches` a rank and epoch, `samples` in a batch, `arguments` of DARTSearch, and `fault`, see `reader_of`; or
`cases`, the settings of several searches, each of which has the folder of its name.
"""

import contextlib
import json
import os
import pathlib
import signal
import socket
import sys

import numpy as np
import paddle

from paddleslim.nas.darts import Callback, DARTSearch
from paddleslim.nas.darts.data import ShuffledBatches, load_digits, split
from paddleslim.nas.darts.distributed import loopback
from tests.supernets import DocumentedSupernet, NormSupernet, random_batches

RANK = int(os.environ.get("PADDLE_TRAINER_ID", 0))


class Precision(paddle.metric.Metric):
    """The share of samples called class 0 that are of it: no mean of the values of batches."""

    def __init__(self):
        super().__init__()
        self.reset()

    def reset(self):
        self.right = self.called = 0

    def name(self):
        return "precision"

    def compute(self, outputs, label):
        return outputs[:, 0] > outputs[:, 1], label

    def update(self, called, label):
        called, label = called.numpy(), label.numpy()[:, 0]
        self.called += int(called.sum())
        self.right += int((called & (label == 0)).sum())

    def accumulate(self):
        return self.right / self.called


class DieInStep(Callback):
    on_every_rank = True

    def on_step_end(self, search, report):
        if RANK == 1 and report.epoch == 1:
            os.kill(os.getpid(), signal.SIGKILL)


def reader_of(batches, fault):
    """Return a reader of these batches that goes wrong on rank 1 as `fault` says."""

    def read():
        for number, batch in enumerate(batches):
            if fault == "raise" and RANK == 1 and number == 3:
                raise OSError("cannot read batch 3 of this disk")
            if fault == "short" and RANK == 1 and number == len(batches) - 1:
                return
            yield batch

    return read


def watch(model, folder):
    """Let `model` write down, for this rank, which images train the weights and which validate."""
    seen = {"train": set(), "valid": set()}
    loss, forward = model._loss, model.forward

    def watched_loss(image, label):
        model.part = "valid"
        try:
            return loss(image, label)
        finally:
            model.part = "train"

    def watched_forward(image):
        part = model.part if model.training else "valid"
        seen[part] |= {one.tobytes().hex() for one in image.numpy()}
        return forward(image)

    model.part, model._loss, model.forward = "train", watched_loss, watched_forward
    return lambda: (folder / f"seen{RANK}.json").write_text(json.dumps({k: sorted(v) for k, v in seen.items()}))


def digits(samples):
    """Return readers of scikit-learn's digits, parted by a seed that all ranks share."""
    train, valid = split(load_digits().take(np.arange(200)), 0.5, seed=3)
    return ShuffledBatches(train, samples, seed=3), ShuffledBatches(valid, samples, seed=4)


def list_listeners():
    """Return pairs of the address of a socket that listens in this process, and whether it has our filter."""
    found, lines = [], len(loopback.FROM_HERE)
    for descriptor in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(int(descriptor))) as opened:
            if opened.family == socket.AF_INET and opened.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                # the same number reads a filter, into 8 bytes for each of its lines; the length is that of its lines
                present = opened.getsockopt(socket.SOL_SOCKET, loopback.SO_ATTACH_FILTER, 8 * lines)
                found.append((opened.getsockname()[0], len(present) == lines))
    return found


def main(folder, settings):
    fault = settings.get("fault")
    count = settings["batches"]
    paddle.seed(RANK if fault != "same" else 0)  # rank 0 decides
    model = NormSupernet() if settings.get("norm") else DocumentedSupernet()
    if (folder / "start.pdparams").exists() and RANK == 0:
        model.set_state_dict(paddle.load(str(folder / "start.pdparams")))
    batches = random_batches(2 * count, samples=settings["samples"])
    if fault == "shuffle":
        np.random.default_rng(RANK).shuffle(batches)  # each rank its own split: images leak
    together = settings.get("merge", 1)  # so many batches of several ranks make one of a single process
    groups = [batches[i : i + together] for i in range(0, len(batches), together)]
    batches = [tuple(np.concatenate(arrays) for arrays in zip(*group)) for group in groups]
    train, valid = batches[: count // together], batches[count // together :]
    arguments = settings["arguments"]
    if settings.get("metrics"):
        arguments["metrics"] = [Precision(), paddle.metric.Accuracy(topk=(1, 5))]
    train_reader, valid_reader = reader_of(train, fault), reader_of(valid, None)
    write_seen = lambda: None  # noqa: E731
    if settings.get("watch"):
        train_reader, valid_reader = digits(settings["samples"])
        write_seen = watch(model, folder)
    search = DARTSearch(
        model,
        train_reader,
        valid_reader,
        "cpu",
        use_data_parallel=True,
        save_dir=str(folder / "run"),
        callbacks=[DieInStep()] if fault == "kill" else [],
        **arguments,
    )
    for _ in range(settings.get("trains", 1)):
        genotype = search.train()
    write_seen()
    if search.ranks.count > 1 and sys.platform == "linux":
        (folder / f"listeners{RANK}.json").write_text(json.dumps(list_listeners()))
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    np.savez(folder / f"rank{RANK}.npz", **state)
    report = search.history[-1]
    fields = ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "steps", "learning_rate")
    fields += ("train_metrics", "valid_metrics")
    report = {field: getattr(report, field) for field in fields}
    report.update(genotype=str(genotype), collectives=search.ranks.collectives, bytes=search.ranks.bytes)
    (folder / f"rank{RANK}.json").write_text(json.dumps(report))


if __name__ == "__main__":
    given = json.loads(pathlib.Path(sys.argv[2]).read_text())
    for name, case in given.get("cases", {"": given}).items():
        main(pathlib.Path(sys.argv[1], name), case)
