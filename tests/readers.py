"""Every file that this library reads: how a small one is written, and what reads it."""

import dataclasses
import gzip
import pathlib
import types
from typing import Any, Callable

import numpy as np
import paddle
from PIL import Image

from paddleslim.fluid._tensor_file import read_tensors
from paddleslim.fluid.dygraph.checkpoint import load_dygraph
from paddleslim.nas.darts import DARTS_V2
from paddleslim.nas.darts.commands.compared_runs import expand, read_run
from paddleslim.nas.darts.commands.completion import is_run
from paddleslim.nas.darts.commands.evaluations import read_evaluations
from paddleslim.nas.darts.commands.lookup import find_genotype, find_space
from paddleslim.nas.darts.data import load_dataset
from paddleslim.nas.darts.data.array_files import read_npy
from paddleslim.nas.darts.data.idx import read_idx
from paddleslim.nas.darts.data.pictures import open_picture
from paddleslim.nas.darts.data.sources import find_source
from paddleslim.nas.darts.genotype.json_file import write_genotype
from paddleslim.nas.darts.networks.costs import Costs
from paddleslim.nas.darts.report.evaluations import FIRST, add_evaluation
from paddleslim.nas.darts.report.recording import EpochRecord, Recording
from paddleslim.nas.darts.report.recording_file import read_recording, write_recording
from paddleslim.nas.darts.state.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from paddleslim.nas.darts.state.checkpoint_folder import CheckpointFolder
from paddleslim.nas.darts.state.run_lock import describe_holder, read_holder
from paddleslim.nas.darts.state.sealed_json import write_object
from paddleslim.nas.darts.state.weights_file import read_weights, write_weights
from paddleslim.nas.darts.truth.study import gather, load_study
from paddleslim.nas.darts.truth.table import load_table
from paddleslim.nas.darts.truth.trainings import read_trainings
from tests.nas.darts.data.test_published import write_cifar

__all__ = ["READERS", "Reader"]

RNG = np.random.default_rng(0)
MEASURES = {
    "when": "2020-01-02 03:04",
    "data": "digits",
    "test_images": 2,
    "test_accuracy": 0.5,
    "test_top5_accuracy": None,
    "test_loss": 1.0,
    "latency_seconds": 0.001,
    "device": "cpu",
}
TRUTH = pathlib.Path(load_study.__code__.co_filename).parent


@dataclasses.dataclass(frozen=True)
class Reader:
    """One kind of file.

    Attributes:
        write: function of a folder that puts such a file, and what it needs beside it, there and returns its path.
        read: function of the path that returns what the file holds, or raises a ValueError or an OSError.
        functions: those of the package that open such a file, as 'folder/file.py:function'.
        checked: whether damage is always found, so that what is read is what was written. Formats of others that have
            no checksum cannot promise it.
        named: whether a refusal names the file.
        is_json: whether it holds an object of JSON, whose shape is checked.
    """

    write: Callable[[pathlib.Path], pathlib.Path]
    read: Callable[[pathlib.Path], Any]
    functions: tuple[str, ...]
    checked: bool = True
    named: bool = True
    is_json: bool = False


def at(name, write):
    """Return a function of a folder that calls `write` with the path of the file `name` there, and returns the path."""

    def write_at(folder):
        write(folder / name)
        return folder / name

    return write_at


def text(content):
    """Return a function of a path that writes this text, or these bytes, there."""
    content = content if isinstance(content, bytes) else content.encode()
    return lambda path: path.write_bytes(content)


def write_array_checkpoint(path, value=0.5):
    arrays = {"model/weight": RNG.standard_normal([3, 4]), "weights/weight/velocity": np.full(2, value)}
    write_checkpoint(path, Checkpoint(arrays, {"loop": {"epoch": 1, "step": 2}}, "run"))


def write_two_checkpoints(folder):
    checkpoints = CheckpointFolder(folder / "checkpoints")
    checkpoints.begin_run()
    for step in (1, 2):
        path = checkpoints.save(0, step, Checkpoint({"step": np.array([7])}, {}))
    return path


def load_latest(path):
    """Return what a search resumes from: the checkpoint, or the one before it, which holds the same here."""
    checkpoint, _ = CheckpointFolder(path.parent).load_latest(lambda sentence: None)
    return checkpoint.arrays, checkpoint.record


def write_pdparams(path):
    paddle.save({"a": paddle.arange(6).reshape([2, 3]), "b": paddle.ones([2])}, str(path))


def make_recording():
    rows = {"normal": [[0.25, 0.75]] * 5, "reduction": [[0.5, 0.5]] * 5}
    edges = [("skip_connect", 0), ("none", 1), ("skip_connect", 2), ("none", 1)]
    genotype = DARTS_V2._replace(normal=edges, reduce=edges, normal_concat=range(2, 4), reduce_concat=range(2, 4))
    epochs = [EpochRecord(epoch, 1.5, genotype, rows, {"train_loss": 2.0} if epoch else {}) for epoch in range(2)]
    operations = {cell: [["none", "skip_connect"]] * 5 for cell in rows}
    return Recording("a search", {"seed": 1}, {"Python": "3"}, operations, 1, epochs, "finished")


RUN = {
    "settings.json": {"command": "search", "data": "digits", "space": "darts", "seed": 0, "searched": {"channels": 2}},
    "history.json": {"epochs": [{"epoch": 0, "train_accuracy": 0.5, "valid_accuracy": None}]},
    "result.json": {"test_accuracy": 0.5, "parameters": 7},
}


def write_run(name):
    """Return a function of a folder that puts a run there, and returns the path of its file `name`."""

    def write(folder):
        for other, content in RUN.items():
            write_object(folder / other, content)
        write_genotype(folder / "genotype.json", DARTS_V2)
        return folder / name

    return write


SEEDS = {"cells": [{"kind": "searched", "seed": 0}, {"kind": "random", "seed": 1}], "picked": {"kind": "random"}}
COSTS = Costs("flops", [[{"none": 0.0, "skip_connect": 1.5}]], [[1.0]], 3.0, {"space": "darts"})
CELL = "|none~0|+|none~0|skip_connect~1|"


def write_judged(name):
    """Return a function of a folder that puts one search of `judge` there, and returns the path of its file `name`."""

    def write(folder):
        shared = {"epochs": 1, "protocol": {}, "versions": {}}
        result = {"method": "darts", "seed": 0, "genotype": CELL, "weights": [[0.2] * 5] * 3, "error": None}
        write_object(folder / "darts-0" / "settings.json", {"method": "darts", "settings": {}, **shared})
        write_object(folder / "darts-0" / "result.json", {**result, "seconds": 1.0})
        return folder / "darts-0" / name

    return write


PIXELS = RNG.integers(0, 256, [8, 8, 3], dtype=np.uint8)


def picture(kind):
    def write(path):
        Image.fromarray(PIXELS).save(path)

    return at(f"a.{kind}", write)


def idx(values):
    head = bytes([0, 0, 8, values.ndim]) + b"".join(n.to_bytes(4, "big") for n in values.shape)
    return head + values.tobytes()


LABELLED = {"image": RNG.integers(0, 256, [8, 1, 4, 4], dtype=np.uint8), "label": np.arange(8) % 2}
EDGE = "[skip_connect, sep_conv_3x3]"
SPACE = "".join(f"{cell}:\n" + f"- {EDGE}\n" * 2 for cell in ("normal", "reduce"))


def write_table(folder):
    rows = [f"{number}.png,{'cat' if number % 2 else 'dog'}" for number in range(6)]
    for number in range(6):
        Image.fromarray(PIXELS).save(folder / f"{number}.png")
    return at("table.csv", text("\n".join(["path,label", *rows]) + "\n"))(folder)


def read_source(path):
    source = find_source(path)
    return source.class_names, source.parts


def write_archive(folder):
    write_cifar(folder, 10)
    return folder / "cifar-10-python.tar.gz"


def read_images(dataset):
    return [(part.image, part.label) for part in (dataset.train, dataset.test)]


def write_variable(path):
    description = b"\x08\x05\x10\x02\x10\x03"  # type 5, lengths 2 and 3
    head = bytes(4) + bytes(8) + bytes(4) + len(description).to_bytes(4, "little") + description
    path.write_bytes(head + np.arange(6, dtype="<f4").tobytes())


def write_lock(path):
    with open(path, "wb") as file:
        describe_holder(file, 0, 2)


def read_lock(path):
    """Return None: a lock is held by the system, and its file only says for whom."""
    with open(path, "rb") as file:
        read_holder(file)


def write_training(folder):
    return at("nnn-0.json", lambda path: write_object(path, {"accuracy": 0.1, "seconds": 2.0}))(folder)


def read_training(path):
    cell = "|none~0|+|none~0|none~1|"
    return read_trainings(path.parent, types.SimpleNamespace(seeds=(0,)), [cell])


def read_kernel(path):
    """Return whether the kernel in a file of the cache was taken; a damaged one is removed and compiled anew."""
    from paddleslim.kernels.disk_cache import checked

    return checked(path.read_bytes())


def write_kernel(path):
    from paddleslim.kernels.disk_cache import seal

    path.write_bytes(seal(b"machine code" * 9))


D = "nas/darts/"
SEALED = D + "state/sealed_json.py:read_object"
PICKLE = "common/plain_pickle.py:read_plain_pickle"
CHECKPOINT = D + "state/checkpoint.py:read_checkpoint"


def json_reader(write, read, *functions):
    """Return the `Reader` of a file of JSON with a checksum."""
    return Reader(write, read, (SEALED, *(D + name for name in functions)), is_json=True)


def read_beside(path):
    """Return the run that a file is part of."""
    return read_run(path.parent)


def read_judged(path):
    """Return the searches that a file is part of one of."""
    return gather(path.parents[1])


RUNS, SEARCHES = "commands/compared_runs.py:", "truth/searches.py:"

READERS = {
    "a checkpoint": Reader(at("0001-00000002.safetensors", write_array_checkpoint), read_checkpoint, (CHECKPOINT,)),
    "the latest checkpoint": Reader(write_two_checkpoints, load_latest, (CHECKPOINT,)),
    "the name of a run": Reader(
        lambda folder: write_two_checkpoints(folder).with_name("run.txt"),
        load_latest,
        (D + "state/checkpoint_folder.py:read_run",),
        named=False,  # the folder is
    ),
    "network.safetensors": Reader(
        at("network.safetensors", lambda path: write_weights(path, {"a": paddle.ones([2, 3])}, epochs=3)),
        read_weights,
        (CHECKPOINT,),
    ),
    "network.pdparams": Reader(
        at("network.pdparams", write_pdparams),
        read_weights,
        (PICKLE, D + "state/weights_file.py:read_weights"),
        checked=False,
    ),
    "a .pdparams of load_dygraph": Reader(
        at("model.pdparams", write_pdparams),
        lambda path: load_dygraph(str(path)),
        (PICKLE, "fluid/dygraph/checkpoint.py:read"),
        checked=False,
    ),
    "settings.json": json_reader(write_run("settings.json"), read_beside, RUNS + "read_run"),
    "history.json": json_reader(write_run("history.json"), read_beside, RUNS + "read_run"),
    "result.json": json_reader(write_run("result.json"), read_beside, RUNS + "read_run"),
    "evaluations.json": json_reader(
        at("evaluations.json", lambda path: write_object(path, {"evaluations": [MEASURES]})),
        lambda path: read_evaluations(path.parent),
        "commands/evaluations.py:read_evaluations",
    ),
    "genotype.json": Reader(
        write_run("genotype.json"),
        lambda path: find_genotype(str(path)),
        (D + "genotype/json_file.py:read_genotype",),
        is_json=True,
    ),
    "seeds.json": json_reader(
        at("seeds.json", lambda path: write_object(path, SEEDS)), lambda path: expand(path.parent), RUNS + "expand"
    ),
    "recording.json": json_reader(
        at("recording.json", lambda path: write_recording(path, make_recording())),
        read_recording,
        "report/recording_file.py:read_recording",
    ),
    "costs": json_reader(at("costs.json", COSTS.save), Costs.load, "networks/costs.py:load"),
    "the tabular benchmark": json_reader(
        at("table.json", text((TRUTH / "table.json").read_bytes())),
        lambda path: list(load_table(path)),
        "truth/table.py:read_table",
    ),
    "the study": json_reader(
        at("study.json", text((TRUTH / "study.json").read_bytes())), load_study, "truth/study.py:load_study"
    ),
    "settings of a judged search": json_reader(write_judged("settings.json"), read_judged, "truth/study.py:gather"),
    "result of a judged search": json_reader(write_judged("result.json"), read_judged, SEARCHES + "read_search"),
    "a training of the table": json_reader(write_training, read_training, "truth/trainings.py:read_trainings"),
    "a table of pictures": Reader(write_table, read_source, (D + "data/path_table.py:read_entries",), checked=False),
    "settings that TAB looks into": Reader(
        at("settings.json", text('{"command": "search"}')),
        lambda path: is_run(path.parent, ["search"], exports=False),
        (D + "commands/completion.py:is_run",),
        checked=False,
    ),
    "a report that an evaluation is added to": Reader(
        at("report.html", text(f'<html lang="en"><body>{FIRST}</body></html>')),
        lambda path: add_evaluation(path, MEASURES),
        (D + "report/evaluations.py:add_evaluation",),
        checked=False,
    ),
    "a CIFAR archive": Reader(
        write_archive,
        lambda path: read_images(load_dataset("cifar10", path.parent)),
        (PICKLE, D + "data/published.py:read_cifar_archive"),
    ),
    "an IDX file": Reader(
        at("a-idx3-ubyte", text(idx(PIXELS))), read_idx, (D + "data/idx.py:read_idx",), checked=False
    ),
    "a compressed IDX file": Reader(
        at("a.gz", text(gzip.compress(idx(PIXELS), mtime=0))), read_idx, (D + "data/idx.py:read_idx",)
    ),
    "arrays": Reader(
        at("a.npz", lambda path: np.savez_compressed(path, **LABELLED)),
        lambda path: read_images(load_dataset(path)),
        (D + "data/array_files.py:read_npz_arrays",),
    ),
    "an array": Reader(
        at("a.npy", lambda path: np.save(path, LABELLED["image"])),
        read_npy,
        (D + "data/array_files.py:read_npy",),
        checked=False,
    ),
    **{
        f"a .{kind} picture": Reader(
            picture(kind),
            lambda path: np.asarray(open_picture(path).pixels),
            (D + "data/pictures.py:open_picture",),
            checked=False,
        )
        for kind in ("png", "jpeg", "webp", "tiff", "gif", "bmp", "ppm")
    },
    "a YAML space": Reader(
        at("space.yaml", text(SPACE)),
        lambda path: find_space(str(path)).table(1),
        (D + "commands/yaml_file.py:read_yaml",),
        checked=False,
    ),
    "a file of variables": Reader(
        at("bias", write_variable),
        lambda path: list(read_tensors(path)),
        ("fluid/_tensor_file.py:read_tensors",),
        checked=False,
    ),
    "a lock": Reader(at(".run.lock", write_lock), read_lock, (D + "state/run_lock.py:find_holder",)),
    "a compiled kernel": Reader(
        at("pool.nbc", write_kernel), read_kernel, ("kernels/disk_cache.py:load_overload",), named=False
    ),
}

OF_RUNS = "damaged and forged by tests/nas/darts/commands/test_damaged_runs.py and test_malicious_runs.py"
OWN = "a file of the package itself"
NAMED = "code that the user names, which is run"
WRITTEN = "what was written a moment ago"
TEXT = "a text that is shown or compared as it is"
# What opens files and is not among those above, and why.
EXEMPT = {
    **dict.fromkeys(("fluid/_names.py:read_names", "kernels/disk_cache.py:sources"), OWN),
    D + "commands/lookup.py:run_file": NAMED,
    "fluid/__main__.py:main": NAMED,
    **dict.fromkeys((D + "commands/launch.py:find_reason", D + "commands/launch.py:show"), TEXT),
    **dict.fromkeys((D + "distributed/ranks.py:explain", D + "truth/trainings.py:open_folder"), TEXT),
    D + "state/run_lock.py:is_alive": "a file of the system",
    D + "data/overview.py:look_at": "a picture, whose bytes are compared with those of others",
    **{
        f"{D}commands/{name}": OF_RUNS
        for name in (
            *("lookup.py:read_recorded", "networks.py:read_settings", "resume.py:recall_options", "retrain.py:retrain"),
            *("search.py:summarise_search", "trained.py:digest_file", "trained.py:load_export"),
        )
    },
    **dict.fromkeys(
        (D + "networks/export.py:export_paddle", D + "networks/output_name.py:name_output"), "just written"
    ),
    D + "truth/searches.py:read_result": "what it is to hold is compared as a whole",
    "fluid/dygraph/jit.py:load": "read by Paddle alone; tests/fluid/dygraph/test_jit.py",
}
