"""From a user's pictures to a program without this library: data, search, retrain, evaluate, predict, export."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from paddleslim.nas.darts import load_trained
from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.networks.predictor import softmax
from paddleslim.nas.darts.state.sealed_json import read_object, write_object
from tests.docs.pages import DOCS, read_blocks

SIZE = "12x16"
TURNED = 6  # in EXIF: the first row of the file is the right side of the picture

# What the page on predictions prints, run by a process that never imports this library.
PAGE = "\n".join(block.text for block in read_blocks(DOCS / "en" / "predict.md") if block.language == "python")
END = """
import sys

classes, logits = {"paddle": run_paddle, "onnx": run_onnx}[sys.argv[1]](sys.argv[2], sys.argv[3:])
assert not [name for name in sys.modules if name.partition(".")[0] == "paddleslim"]
print(json.dumps(classes))
print(json.dumps(logits.tolist()))
"""


def succeed(*arguments):
    """Run a command, which must end well; return what it printed."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.stdout


def fail(*arguments, code=1):
    """Run a command, which must end in one sentence and with this exit code; return the sentence."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    assert result.exit_code == code
    return result.output


def draw(rng, label):
    """Return a picture of a bright half, on the left or on the right, of random size."""
    height, width = rng.integers(20, 40, 2)
    pixels = rng.integers(0, 90, [height, width, 3]).astype("uint8")
    half = slice(None, width // 2) if label == 0 else slice(width // 2, None)
    pixels[:, half] += 150
    return pixels


def write_pictures(folder):
    """Write 80 pictures of two classes; in `train/left` one is damaged, grey, transparent, turned, of 16 bits."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 30), ("val", 10)):
        for label, name in enumerate(("left", "right")):
            (folder / part / name).mkdir(parents=True)
            for i in range(count):
                Image.fromarray(draw(rng, label)).save(folder / part / name / f"{i:02}.png")
    for part in ("train/left", "val/left"):
        target = folder / part
        Image.fromarray(draw(rng, 0)).convert("L").save(target / "grey.png")
        Image.fromarray(np.dstack([draw(rng, 0)[:20, :20], np.full([20, 20], 254, "uint8")])).save(target / "alpha.png")
        exif = Image.Exif()
        exif[0x0112] = TURNED
        Image.fromarray(np.rot90(draw(rng, 0), 1).copy()).save(target / "turned.jpg", exif=exif)
        Image.fromarray(draw(rng, 0)[..., 0].astype("uint16") * 257).save(target / "deep.png")
    content = (folder / "train/left/00.png").read_bytes()
    (folder / "train/left/00.png").write_bytes(content[: len(content) // 2])


@pytest.fixture(scope="module")
def journey(tmp_path_factory):
    """The folder with `photos`, the run that `found` cells in them, and the one that `trained` their network."""
    folder = tmp_path_factory.mktemp("journey")
    write_pictures(folder / "photos")
    data = ["--data", folder / "photos", "--image-size", SIZE, "--skip-damaged"]
    size = ["--epochs", 1, "--channels", 4, "--layers", 3, "--steps", 2, "--batch-size", 16]
    succeed("search", *data, *size, "--no-augment", "--save-dir", folder / "found")
    (folder / "plain.py").write_text("def plain(image):\n    return image\n")
    options = ["--epochs", 6, "--channels", 6, "--layers", 2, "--batch-size", 16]
    plain = ["--transform", f"{folder / 'plain.py'}:plain"]  # a mirrored picture is of the other class
    succeed("retrain", folder / "found", *options, *plain, "--save-dir", folder / "trained")
    succeed("export", folder / "trained", "--output", folder / "model")
    return folder


@pytest.fixture(scope="module")
def accuracy(journey):
    return json.loads((journey / "trained" / "result.json").read_text())["test_accuracy"]


def test_the_data_are_shown_before_anything_is_trained(journey, tmp_path):
    output = succeed("data", journey / "photos", "--image-size", SIZE, "--sheet", tmp_path / "sheet.html")
    assert [line.split()[1:6:2] for line in output.splitlines() if "left" in line and "│" in line] == [
        ["left", "33", "14"]
    ]
    for sentence in (
        "Damaged: 1. Mend or remove them",
        "train/left/00.png is damaged",
        "83 colour",
        "2 16-bit grey",
        "2 grey",
        "2 with transparency",
        "2 turned by EXIF data",
        "a network is given 16 x 12",
    ):
        assert sentence in output
    page = (tmp_path / "sheet.html").read_text()
    assert page.count("<img src=") == 15  # eight of each class, one of them damaged
    assert "00.png is damaged" in page
    succeed("data", journey / "photos", "--sheet", tmp_path / "sheet.png")
    assert Image.open(tmp_path / "sheet.png").size[0] > 8 * 96
    assert "is there already" in fail("data", journey / "photos", "--sheet", tmp_path / "sheet.png", code=2)


def test_a_search_names_the_damaged_file_and_what_leaves_it_out(journey, tmp_path):
    sentence = fail("search", "--data", journey / "photos", "--save-dir", tmp_path / "found")
    assert "1 file of 88 cannot be used: " in sentence
    assert "00.png is damaged" in sentence
    assert "--skip-damaged" in sentence


def held_out(journey):
    files = sorted((journey / "photos" / "val").rglob("*.*"))
    return files, [file.parent.name for file in files]


def share_right(found, expected):
    return np.mean([one == other for one, other in zip(found, expected)])


def test_evaluation_prediction_and_the_exported_model_have_the_accuracy_of_the_training(journey, accuracy):
    assert accuracy > 0.9
    files, expected = held_out(journey)
    for run in (journey / "trained", journey / "model"):
        rows = list(csv.DictReader(io.StringIO(succeed("predict", run, journey / "photos" / "val", "--format", "csv"))))
        assert [row["image"] for row in rows] == [str(file) for file in files]
        assert share_right([row["class"] for row in rows], expected) == pytest.approx(accuracy)
    succeed("evaluate", journey / "trained")
    (evaluation,) = json.loads((journey / "trained" / "evaluations.json").read_text())["evaluations"]
    assert evaluation["test_accuracy"] == pytest.approx(accuracy)


@pytest.mark.parametrize("kind", ["paddle", "onnx"])
def test_a_program_without_this_library_predicts_alike(journey, accuracy, tmp_path, kind):
    model = journey / "model"
    if kind == "onnx":
        from paddleslim.nas.darts.networks.export import check_onnx_packages

        try:
            check_onnx_packages()
        except ImportError as error:
            pytest.skip(str(error))
        model = tmp_path / "model"
        succeed("export", journey / "trained", "--onnx", "--output", model)
    files, expected = held_out(journey)
    (tmp_path / "program.py").write_text(PAGE + END)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.run(
        [sys.executable, "program.py", kind, str(model), *map(str, files)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
    )
    assert process.returncode == 0, process.stderr
    classes, logits = (json.loads(line) for line in process.stdout.splitlines()[-2:])
    assert share_right(classes, expected) == pytest.approx(accuracy)
    ours = [one.probabilities for one in load_trained(journey / "trained").predict(files)]
    np.testing.assert_allclose(softmax(np.asarray(logits)), ours, atol=1e-4)


def test_a_description_says_all_that_a_program_needs(journey):
    about = json.loads((journey / "model" / "description.json").read_text())
    assert about["input"]["shape"] == [None, 3, 12, 16]
    assert about["input"]["normalisation"].startswith("inside the model")
    assert about["output"]["name"] == "logits"
    assert about["output"]["classes"] == ["left", "right"]
    kept = {"height": 12, "width": 16, "channels": 3, "crop": "centre", "interpolation": "bilinear"}
    assert about["preparation"].items() >= {**kept, "colours": "red, green, blue", "range": [0, 255]}.items()


def test_predictions_as_a_table_as_json_and_in_python(journey, tmp_path):
    file = journey / "photos" / "val" / "right" / "03.png"
    assert "right" in succeed("predict", journey / "trained", file)
    succeed("predict", journey / "trained", file, "--top", 2, "--format", "json", "--output", tmp_path / "out.json")
    ((entry),) = json.loads((tmp_path / "out.json").read_text())
    assert entry["image"] == str(file)
    assert [each["class"] for each in entry["classes"]] == ["right", "left"]
    assert sum(each["probability"] for each in entry["classes"]) == pytest.approx(1, abs=1e-5)
    predictor = load_trained(journey / "trained")
    (from_file,) = predictor.predict([file])
    (from_picture,) = predictor.predict([Image.open(file)])
    assert from_file.class_name == "right"
    np.testing.assert_array_equal(from_file.probabilities, from_picture.probabilities)
    np.save(tmp_path / "images.npy", np.stack([predictor.prepare_one(file)] * 2))
    rows = json.loads(succeed("predict", journey / "model", tmp_path / "images.npy", "--format", "json"))
    assert [row["image"] for row in rows] == [f"{tmp_path / 'images.npy'}:{i}" for i in (0, 1)]
    np.save(tmp_path / "WRONG.NPY", np.zeros([2, 12, 16]))
    (tmp_path / "WRONG.NPY.npy").rename(tmp_path / "WRONG.NPY")
    assert "WRONG.NPY: images must be numbers of shape [N, 3, 12, 16]" in fail(
        "predict", journey / "model", *tmp_path.glob("W*")
    )


def test_damaged_pictures_are_named_at_once_or_left_out(journey, tmp_path):
    good, bad = journey / "photos" / "val" / "left" / "01.png", journey / "photos" / "train" / "left" / "00.png"
    shutil.copy(bad, tmp_path / "worse.png")
    sentence = fail("predict", journey / "model", bad, good, tmp_path / "worse.png")
    assert "2 of 3 images cannot be used: " in sentence
    assert "00.png is damaged" in sentence
    assert "worse.png is damaged" in sentence
    assert "01.png" in succeed("predict", journey / "model", bad, good, "--skip-damaged")


def test_moved_data_are_found_by_their_new_place(journey, accuracy, tmp_path):
    trained = tmp_path / "trained"
    shutil.copytree(journey / "trained", trained)
    settings = read_object(trained / "settings.json")
    write_object(trained / "settings.json", {**settings, "data": "/gone/photos"})
    assert "/gone/photos, is not there; name where it is now by --data" in fail("evaluate", trained, code=2)
    shutil.copytree(journey / "photos", tmp_path / "moved")
    output = succeed("evaluate", trained, "--data", tmp_path / "moved")
    assert f"{accuracy:.2%} of 24 images" in output
    (tmp_path / "moved/train/left").rename(tmp_path / "moved/train/links")
    (tmp_path / "moved/val/left").rename(tmp_path / "moved/val/links")
    assert "are not those of the network: links for left" in fail(
        "evaluate", trained, "--data", tmp_path / "moved", code=2
    )


def test_a_recorded_transform_is_not_run_but_asked_for(journey, tmp_path):
    (journey / "plain.py").write_text("raise SystemExit('this was run')\n")
    for command in ("evaluate", "export"):
        succeed(command, journey / "trained", *(["--output", tmp_path / "model"] if command == "export" else []))
