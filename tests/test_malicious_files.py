"""Files that somebody made to do harm: nothing of them runs, none fills the memory, and each is refused by its name."""

import gzip
import io
import json
import os
import pickle
import struct
import tarfile
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from paddleslim.fluid._tensor_file import read_tensors
from paddleslim.fluid.dygraph.checkpoint import load_dygraph
from paddleslim.nas.darts.commands.lookup import find_genotype, find_space
from paddleslim.nas.darts.commands.yaml_file import read_yaml
from paddleslim.nas.darts.data import load_dataset
from paddleslim.nas.darts.data.array_files import read_npy
from paddleslim.nas.darts.data.idx import read_idx
from paddleslim.nas.darts.data.overview import look_over_files
from paddleslim.nas.darts.data.pictures import Preparation, open_picture
from paddleslim.nas.darts.data.sources import find_source
from paddleslim.nas.darts.report.data_sheet import render_sheet
from paddleslim.nas.darts.report.page import render_report
from paddleslim.nas.darts.state.checkpoint import compute_checksum, read_checkpoint
from paddleslim.nas.darts.state.sealed_json import read_object
from paddleslim.nas.darts.state.weights_file import read_weights
from tests.common.test_plain_pickle import malicious
from tests.damage import limited, read_or_refuse
from tests.nas.darts.report.conftest import make_recording

GIGABYTES = 2**36
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'"


def refuse(read, path, message=""):
    """Check that a file is refused in one sentence that names it and has `message`."""
    _, refused = read_or_refuse(read, path)
    assert refused is not None
    assert path.name in refused
    assert message in refused
    assert "\n" not in refused


def write_cifar(path, members):
    """Write an archive of members, each a `TarInfo` and its content."""
    with tarfile.open(path, "w:gz") as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def read_cifar(path):
    return load_dataset("cifar10", path.parent)


@pytest.mark.parametrize("name", [name for name in malicious("trace") if name != "changed dtype"])
@pytest.mark.parametrize("place", ["network.pdparams", "model.pdparams", "model.pdopt", "cifar-10-python.tar.gz"])
def test_no_pickle_runs_wherever_one_is_read(place, name, tmp_path):
    trace, path = tmp_path / "trace", tmp_path / place
    content = malicious(trace)[name]
    if place == "network.pdparams":
        read = read_weights
    elif place == "cifar-10-python.tar.gz":
        read, write = read_cifar, write_cifar
        write(path, [(tarfile.TarInfo("cifar/data_batch_1"), content)])
    else:
        (tmp_path / "model.pdparams").write_bytes(pickle.dumps({}))
        read = lambda path: load_dygraph(str(path.with_suffix("")))  # noqa: E731
    if place != "cifar-10-python.tar.gz":
        path.write_bytes(content)
    refuse(read, path)
    assert not trace.exists()


def link(name, kind, target):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@pytest.mark.parametrize(
    "member",
    [
        tarfile.TarInfo("../../data_batch_1"),
        tarfile.TarInfo("/tmp/data_batch_1"),
        link("data_batch_1", tarfile.SYMTYPE, "/etc/passwd"),
        link("data_batch_1", tarfile.LNKTYPE, "../../etc/passwd"),
        link("data_batch_1", tarfile.FIFOTYPE, ""),
        link("data_batch_1", tarfile.CHRTYPE, ""),
    ],
    ids=["above", "absolute", "link", "hard link", "pipe", "device"],
)
def test_an_archive_is_not_unpacked_and_its_links_are_not_followed(member, tmp_path):
    folder = tmp_path / "inner" / "data"
    folder.mkdir(parents=True)
    path = write_cifar(folder / "cifar-10-python.tar.gz", [(member, b"")])
    refuse(read_cifar, path)
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]


def write_bomb_of_arrays(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("image.npy", "w") as member:
        np.lib.format.write_array_header_1_0(member, {"descr": "|u1", "fortran_order": False, "shape": (2**27,)})
        for _ in range(2**7):
            member.write(bytes(2**20))


def write_head(path, shape, descr="<f4"):
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": descr, "fortran_order": False, "shape": shape})
        file.write(bytes(64))


def write_objects(path):
    content = np.array([{"a": 1}], dtype=object)
    if path.suffix == ".npy":
        np.save(path, content)
    else:
        np.savez(path, image=content, label=content)


def write_declared_npz(path):
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f8", "fortran_order": False, "shape": (GIGABYTES,)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("image.npy", head.getvalue())


def write_wide_picture(path, width=100000, height=100000):
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(c)) + n + c + struct.pack(">I", zlib.crc32(n + c)) for n, c in parts)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def write_bomb_of_an_archive(path):
    with gzip.open(path, "wb", 1) as file:
        member = tarfile.TarInfo("data_batch_1")
        member.size = 2**36
        file.write(member.tobuf())
        file.write(bytes(2**20))


def write_forged_checkpoint(path, record, version="1"):
    """Write a checkpoint with a right checksum whose record is another one."""
    texts = {"record": record, "version": version, "run": ""}
    metadata = {**texts, "sha256": compute_checksum({}, texts)}
    header = json.dumps({"__metadata__": metadata}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)


def write_header(path, header):
    header = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)


FLOATS = {"dtype": "F64", "shape": [GIGABYTES], "data_offsets": [0, 8 * GIGABYTES]}
LAUGHS = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(30))
EDGES = "reduce: [[skip_connect]]\n"

# name of the file: what writes it, what reads it, part of the message
BOMBS = {
    "bomb.npz": (write_bomb_of_arrays, load_dataset, "expand to"),
    "declared.npz": (write_declared_npz, load_dataset, "its head says float64"),
    "declared.npy": (lambda path: write_head(path, (GIGABYTES,)), read_npy, "its head says float32"),
    "negative.npy": (lambda path: write_head(path, (-1,)), read_npy, "its head says float32"),
    "object.npy": (write_objects, read_npy, "it holds object; only numbers and texts are read"),
    "object.npz": (write_objects, load_dataset, "it holds object; only numbers and texts are read"),
    "compound.npy": (lambda path: write_head(path, (2,), [("a", "<f4")]), read_npy, "only numbers and texts are read"),
    "a-idx3-ubyte": (
        lambda path: path.write_bytes(b"\0\0\x08\3" + b"\xff" * 12 + bytes(9)),
        read_idx,
        "4294967295x4294967295",
    ),
    "bomb.gz": (lambda path: path.write_bytes(gzip.compress(bytes(2**27), 1)), read_idx, "expand to"),
    "cifar-10-python.tar.gz": (write_bomb_of_an_archive, read_cifar, "more than 268435456 bytes"),
    "wide.png": (write_wide_picture, open_picture, "more pixels than Pillow reads"),
    "flat.png": (lambda path: write_wide_picture(path, 2**30, 1), open_picture, "more pixels than Pillow reads"),
    "program.jpg": (
        lambda path: Image.new("RGB", (4, 4)).save(path, "EPS"),
        open_picture,
        "is no image, or a damaged one",
    ),
    "memo.pdparams": (
        lambda path: path.write_bytes(b"\x80\x02]r\xff\xff\xff\xff."),
        read_weights,
        "numbers its object",
    ),
    "long.pdparams": (
        lambda path: path.write_bytes(b"\x80\x05\x96" + struct.pack("<Q", 2**40) + b"."),
        read_weights,
        "is damaged",
    ),
    "variable": (
        lambda path: path.write_bytes(
            bytes(16) + b"\x08\0\0\0\x08\x05\x10\xff\xff\xff\xff\x0f",
        ),
        lambda path: list(read_tensors(path)),
        "ends before its last variable does",
    ),
    "large.safetensors": (lambda path: write_header(path, {"a": FLOATS}), read_checkpoint, "is truncated or altered"),
    "header.safetensors": (
        lambda path: path.write_bytes(struct.pack("<Q", 2**62) + b"{}"),
        read_checkpoint,
        "is truncated or altered",
    ),
    "deep.safetensors": (
        lambda path: write_forged_checkpoint(path, "[" * 10**5),
        read_checkpoint,
        "it is nested too deep",
    ),
    "list.safetensors": (
        lambda path: write_forged_checkpoint(path, "[]"),
        read_weights,
        "its record is no JSON object",
    ),
    "version.safetensors": (lambda path: write_forged_checkpoint(path, "{}", "x"), read_checkpoint, "is altered"),
    "deep.json": (lambda path: path.write_text('{"a":' + "[" * 10**5), read_object, "it is nested too deep"),
    "deeper.json": (
        lambda path: path.write_text('{"sha256": "0", "a":' + "[" * 900 + "]" * 900 + "}"),
        read_object,
        "checksum",
    ),
    "number.json": (lambda path: path.write_text('{"a": ' + "9" * 10**5 + "}"), read_object, "is damaged"),
    "plus.json": (
        lambda path: path.write_text(json.dumps("|" + "+" * 10**5)),
        lambda path: find_genotype(str(path)),
        "at most 11 nodes",
    ),
    "range.json": (
        lambda path: path.write_text(
            json.dumps("Genotype([], range(-10**15, 5), [], [2])".replace("10**15", "9" * 15))
        ),
        lambda path: find_genotype(str(path)),
        "none of states",
    ),
    "object.yaml": (
        lambda path: path.write_text(EDGES + "normal: !!python/object/apply:os.system ['exit']\n"),
        lambda path: find_space(str(path)),
        "could not determine a constructor",
    ),
    "laughs.yaml": (
        lambda path: path.write_text(LAUGHS + EDGES + "normal: *a29\n"),
        lambda path: find_space(str(path)),
        "should hold `normal` and `reduce`",
    ),
    "date.yaml": (lambda path: path.write_text("a: 2020-99-99"), read_yaml, "holds no YAML: month must be in 1..12"),
    "deep.yaml": (lambda path: path.write_text("[" * 10**4), read_yaml, "holds no YAML"),
    "long.csv": (lambda path: path.write_text("path,label\n" + "x" * 10**6 + ",1\n"), find_source, "is no table"),
    "name.csv": (lambda path: path.write_text("path,label\n" + "x" * 10**4 + ",1\n"), find_source, "not there"),
    "user.csv": (lambda path: path.write_text("path,label\n~nobody-here/a.png,1\n"), find_source, "not there"),
    "device.csv": (lambda path: path.write_text("path,label\n/dev/zero,1\n"), find_source, "not there"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_would_fill_the_memory_or_run_is_refused_by_name(name, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")  # no program of the system is found
    write, read, message = BOMBS[name]
    write(tmp_path / name)
    refuse(read, tmp_path / name, message)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('touch TRACE')",
        "Genotype(normal=__import__('os').system('touch TRACE'), normal_concat=[2], reduce=[], reduce_concat=[2])",
        "Genotype(*[open('TRACE', 'w')])",
        "Genotype(normal=[(lambda: open('TRACE', 'w'))()], normal_concat=range(2, 3), reduce=[], reduce_concat=[2])",
        "Genotype(normal=range(open('TRACE', 'w')), normal_concat=[2], reduce=[], reduce_concat=[2])",
        "Genotype(" + "(" * 10**5,
        "Genotype(normal=" + "[" * 5000 + "]" * 5000 + ", normal_concat=[2], reduce=[], reduce_concat=[2])",
        "|" + "+" * 10**5,
    ],
    ids=range(8),
)
def test_a_genotype_that_is_code_is_not_run(text, tmp_path):
    trace = tmp_path / "trace"
    with limited(), pytest.raises(ValueError, match="genotype") as caught:
        find_genotype(text.replace("TRACE", str(trace)))
    assert len(str(caught.value)) < 1000
    assert not trace.exists()


def test_names_in_pages_are_texts(tmp_path):
    recording = make_recording(1, 1, primitives=("none", SCRIPT, "skip_connect"))
    recording.title = recording.state = SCRIPT
    recording.settings[SCRIPT] = recording.versions[SCRIPT] = SCRIPT
    for cells in ("strengths",):
        for epoch in recording.epochs:
            getattr(epoch, cells)[SCRIPT] = getattr(epoch, cells)["normal"]
    recording.operations[SCRIPT] = recording.operations["normal"]
    recording.epochs[-1].figures[SCRIPT] = 1.0
    folder = tmp_path / "pictures"
    for name in (SCRIPT.replace("/", ""), "other"):
        (folder / name).mkdir(parents=True)
        Image.new("RGB", (4, 4)).save(folder / name / f"{SCRIPT.replace('/', '')}.png")
    (folder / "other" / "<b>damaged.png").write_bytes(b"")
    for text in (render_report(recording), render_sheet(look_over_files(find_source(folder), Preparation(4, 4)))):
        assert "alert(1)" in text
        for tag in ("<script>alert", "<img src=x", "<b>damaged"):
            assert tag not in text
        assert 'onerror=alert(1)>"' not in text


def test_a_kernel_of_an_unsigned_file_is_not_read(tmp_path):
    disk_cache = pytest.importorskip("paddleslim.kernels.disk_cache")
    content = malicious(tmp_path / "trace")["os.system"]
    with pytest.raises(ValueError, match="its checksum is wrong"):
        disk_cache.checked(bytes(32) + content)
    assert os.listdir(tmp_path) == []
