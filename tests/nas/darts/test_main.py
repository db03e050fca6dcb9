"""Mistakes that a user makes end in one sentence."""

import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from paddleslim import extras
from paddleslim.nas.darts.__main__ import COMMANDS, explain, main
from paddleslim.nas.darts.commands import doctor, show


def fail(*arguments):
    """Run a command that must fail; return its exit code and what it printed, on one line."""
    result = CliRunner().invoke(main, [str(a) for a in arguments], env={"COLUMNS": "200"})
    assert result.exit_code != 0
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result.exit_code, " ".join(result.output.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serch"], "No such command 'serch'. Did you mean 'search'?"),
        (["search", "--data", "imagenet"], "--data 'imagenet' is no folder of images, no .npz file and none of digits"),
        (
            ["search", "--data", "digts"],
            "a .csv or .tsv table of paths and labels that is there. Did you mean 'digits'?",
        ),
        (["retrain", "DARTS_V2", "--data", "Cifar-10"], "Did you mean 'cifar10'?"),
        (["data", "fashion_mnist"], "Did you mean 'fashion-mnist'?"),
        (["search", "--space", "dartss"], "--space 'dartss' is unknown; known are darts"),
        (["search", "--space", "dartss"], "Did you mean 'darts'?"),
        (["search", "--preset", "dart"], "Did you mean 'darts'?"),
        (["search", "--batch-size", 5000], "--batch-size must be between 1 and the 719 images there are, got 5000"),
        (
            ["search", "--amp", "bfloat16"],
            "--amp is 'bfloat16' and --device is 'cpu', but Paddle has mixed precision on GPUs only; leave --amp out",
        ),
        (["retrain", "DARTS_V3"], "GENOTYPE 'DARTS_V3' is no file and no folder"),
        (["retrain", "DARTS_V3"], "Did you mean 'DARTS_V2'?"),
        (["show", "randon"], "Did you mean 'random'?"),
        (["search", "--epoch", 3], "No such option"),
        (["search", "--epochs", 0], "0 is not in the range x>=1"),
        (["search", "--epochs", "ten"], "'ten' is not a valid whole number"),
        (["search", "--momentum", "high"], "'high' is not a valid number"),
        (["search", "--data", ""], "'--data': it is empty; give a value, or leave it out"),
        (["search", "--data", "digits", "--image-size", 16], "--image-size is for folders and tables of images"),
        (["search", "--data", "digits", "--skip-damaged"], "--skip-damaged is for folders and tables of images"),
        (["data", "digits", "--data-dir", "."], "--data-dir is for mnist, fashion-mnist, cifar10 and cifar100"),
        (["data", "https://a.org/b.zip"], "b.zip' is on another machine; download it"),
        (["data", "nowhere"], "FOLDER 'nowhere' is no folder of images"),
        (["search", "--method", "pc-darts"], "'pc-darts' is a search space; write --space pc-darts"),
        (["search", "--space", "drnas"], "--space 'drnas' is a search method; `search` takes it as --method drnas"),
        (["search", "--difference", "forward"], "--difference changes nothing here; use it with --order 2"),
        (["search", "--budget-weight", 2], "--budget-weight changes nothing here; use it with --budget"),
        (["search", "--brief-epochs", 2], "--brief-epochs changes nothing here; use it with --seeds or --random-cells"),
        (["judge"], "Missing option '--method'"),
        (["compare", ".", "--json", "--format", "csv"], "--json and --format csv contradict each other"),
        (["predict", ".", ".", "--json", "--format", "csv"], "--json and --format csv contradict each other"),
        (["predict", ".", "https://a.org/b.png"], "'https://a.org/b.png' is on another machine; download it"),
        (["predict", ".", "*.png"], "no file is called '*.png'; a shell expands a pattern"),
        (["predict", ".", ".", "--output", "a.csv"], "--output writes --format csv or json"),
        (["retrain", ""], "'[GENOTYPE]': it is empty"),
        (["search", "--order", 3], "'3' is not one of '1', '2'"),
        (["search", "--limit", 10], "10 is not in the range x>=50"),
        (["search", "--momentum", 1.5], "1.5 is not in the range"),
        (["search", "--preset", "cifar"], "'cifar' is not one of"),
        (["search", "--amp", "float16"], "'float16' is not 'bfloat16'"),
        (["retrain"], "name a genotype, such as the folder of a search"),
        (
            ["search", "--device", "tpu"],
            "'--device': it is 'tpu', which Paddle does not know; give 'cpu', 'gpu' or 'gpu:0'",
        ),
        (["evaluate", "nowhere"], "Directory 'nowhere' does not exist"),
        (["export", "nowhere"], "Directory 'nowhere' does not exist"),
        (["compare"], "Missing argument 'RUNS...'"),
        (["show", "DARTS_V2", "--picture", "cells.doc"], "should end in .png, .svg or .pdf"),
    ],
)
def test_a_wrong_option_is_a_usage_error(arguments, message):
    code, output = fail(*arguments)
    assert code == 2
    assert message in output


@pytest.fixture
def filled(tmp_path, monkeypatch):
    """Work in a folder with files that hold nothing of use, and a folder `photos` of that kind."""
    (tmp_path / "photos").mkdir()
    for name, text in {
        "arrays.npz": "no array",
        "photos/notes.txt": "",
        "costs.json": "{",
        "table.csv": "path,label\ngone.png,a\n",
        "options.yaml": "data: gone.npz\n",
        "mine.py": "",
        "fails.py": "1 / 0\n",
    }.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("search --data missing.npz", "missing.npz: No such file"),
        ("search --data aray.npz", "aray.npz: No such file or directory. Did you mean 'arrays.npz'?"),
        ("search --config options.yaml", "gone.npz: No such file"),
        ("search --data mnist --data-dir nowhere", "--data-dir nowhere is no folder"),
        ("search --data mnist --data-dir photo", "--data-dir photo is no folder. Did you mean 'photos'?"),
        ("search --data mnist --data-dir photos", "photos holds no train-images-idx3-ubyte"),
        ("data mnist --data-dir photos", "photos holds no train-images-idx3-ubyte"),
        ("data cifar10 --data-dir photos", "photos holds no cifar-10-python.tar.gz"),
        ("search --space gone.py:SPACE", "gone.py: No such file"),
        ("search --space gone.yaml", "gone.yaml: No such file"),
        ("search --space mine.py:SPACE", "--space SPACE cannot be used"),
        ("search --transform mine.py:f", "--transform f cannot be used"),
        ("search --costs cost.json --budget 3", "'cost.json' does not exist. Did you mean 'costs.json'?"),
        ("search --save-dir costs.json/run", "costs.json/run: --save-dir cannot be written (Not a directory)"),
        ("search --save-dir photos", "photos is not empty; name another --save-dir"),
        (
            "search --resume --save-dir photo",
            "holds no run to resume: No such file or directory: settings.json; name the",
        ),
        ("search --resume --save-dir photo", "Did you mean 'photos'?"),
        ("search --seeds 2 --workers 2 --scheduler x:1", "--workers are processes on this machine; leave them out"),
        ("retrain .", ". holds no genotype.json; name the folder of a finished search or retraining"),
        ("retrain photo.json", "GENOTYPE 'photo.json' is no file and no folder"),
        ("retrain photo.json", "Did you mean 'photos'?"),
        ("retrain |none~0|", "GENOTYPE '|none~0|' cannot be read"),
        ("retrain DARTS_V2 --data missing.npz", "missing.npz: No such file"),
        (
            "retrain DARTS_V2 --auxiliary-weight 0.4",
            "--auxiliary-weight is 0.4, but the auxiliary tower needs images of",
        ),
        ("evaluate .", ". holds no settings.json; name a folder that `retrain` made"),
        ("evaluate photo", "'photo' does not exist. Did you mean 'photos'?"),
        ("evaluate photos", "photos holds no settings.json; name a folder that `retrain` made"),
        ("evaluate . --data missing.npz", "missing.npz: No such file"),
        ("export .", ". holds no settings.json; name a folder that `retrain` made"),
        ("predict photos costs.json", "photos holds no settings.json; name a folder that `retrain` made"),
        ("predict photos cost.json", "'cost.json' does not exist. Did you mean 'costs.json'?"),
        ("show photos", "photos holds no genotype.json"),
        ("show DARTS_V2 --space gone.py:S", "gone.py: No such file"),
        ("measure out.json --space gone.py:S", "gone.py: No such file"),
        ("measure photos", "'photos' is a directory"),
        ("compare .", ". holds no settings.json; name the folder of a finished search or retraining"),
        ("compare photo", "'photo' does not exist. Did you mean 'photos'?"),
        ("judge --method darts --data-dir photo", "'photo' does not exist. Did you mean 'photos'?"),
        ("judge --method darts --no-search --folder gone", "--folder gone is not there; name the folder of searches"),
        ("judge --method darts --budget 1", "--budget 1 is too small: no cell has at most 1 parameters"),
    ],
)
def test_a_name_of_nothing_that_is_there_is_a_usage_error(arguments, message, filled):
    code, output = fail(*arguments.split())
    assert code == 2
    assert "Usage: " in output
    assert message in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("search --data photos", "photos should hold a sub-folder of images"),
        ("search --data arrays.npz", "arrays.npz is damaged, or holds no arrays"),
        ("search --data table.csv", "table.csv names files that are not there"),
        ("search --space fails.py:SPACE", "fails.py fails with ZeroDivisionError"),
        ("search --transform fails.py:f", "fails.py fails with ZeroDivisionError"),
        ("search --costs costs.json --budget 3", "costs.json is damaged or of something else"),
        ("retrain costs.json", "costs.json holds no genotype"),
        ("judge --method darts --no-search --folder photos", "photos holds no seed with which darts is complete"),
    ],
)
def test_what_a_file_holds_is_no_usage_error(arguments, message, filled):
    code, output = fail(*arguments.split())
    assert code == 1
    assert output.startswith("Error: ")
    assert message in output


@pytest.mark.parametrize("command", [["search"], ["retrain", "DARTS_V2"]])
def test_nothing_is_overwritten(command, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    code, output = fail(*command, "--save-dir", tmp_path)
    assert code == 2
    assert "is not empty; name another --save-dir" in output
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_image_of_another_shape_is_refused_by_the_trained_network(tmp_path):
    arrays = {"image": np.random.default_rng(0).random([60, 1, 9, 9]), "label": np.arange(60) % 3}
    np.savez(tmp_path / "nine.npz", **arrays)
    options = ["--data", tmp_path / "nine.npz", "--epochs", 1, "--layers", 2, "--batch-size", 8]
    done = CliRunner().invoke(main, [str(a) for a in ["retrain", "DARTS_V2", *options, "--save-dir", tmp_path / "run"]])
    assert done.exit_code == 0, done.output
    _, output = fail("evaluate", tmp_path / "run", "--data", "digits")
    assert "takes images of shape [1, 9, 9] and 3 classes, digits has [1, 8, 8] and 10" in output
    (tmp_path / "run" / "network.safetensors").write_bytes(b"nothing")
    assert "network.safetensors is truncated or altered" in fail("evaluate", tmp_path / "run")[1]


def test_a_command_has_the_same_help_sentence_with_and_without_importing_it():
    for name, (_, sentence) in COMMANDS.items():
        first = main.commands[name].help.partition("\n\n")[0]
        assert " ".join(first.split()) == sentence


LIGHT = f"""
import sys
from click.shell_completion import BashComplete
from paddleslim.nas.darts.__main__ import main

def run(words):
    try:
        main(words, prog_name="it")
    except SystemExit as stopped:
        return stopped.code

def complete(words):
    return [item.value for item in BashComplete(main, {{}}, "it", "").get_completions(words[:-1], words[-1])]

def check(function, words):
    found = function(words)
    heavy = {{"paddle", "sklearn", "scipy", "matplotlib", "numba", "pandas", "asyncio", "yaml"}} & set(sys.modules)
    assert not heavy, (words, heavy)
    return found

for name in {list(COMMANDS)}:
    assert check(run, [name, "--help"]) == 0
    assert check(run, [name, "--nonsense"]) == 2
    assert "--help" in check(complete, [name, "--"])
assert check(complete, ["se"]) == ["search"]
assert "drnas" in check(complete, ["search", "--method", ""])
assert "cifar" in check(complete, ["retrain", "--preset", ""])
assert check(complete, ["search", "--data", "fash"])[1:] == ["fashion-mnist"]
assert check(complete, ["search", "--space", "pc"])[1:] == ["pc-darts"]
assert "DARTS_V2" in check(complete, ["retrain", ""])
assert check(complete, ["evaluate", ""]) == ["./"]
for line in {{lines}}:
    assert check(run, line.split()) in (1, 2), line
"""
MISTAKES = (
    "serch",
    "search --epochs ten",
    "search --space dartss",
    "search --data imagenet",
    "search --data nowhere.npz",
    "search --data-dir nowhere",
    "search --device abacus",
    "search --device cpu:1",
    "search --amp bfloat16",
    "search --method dart",
    "search --resume --save-dir nowhere",
    "search --nproc 2 --seeds 2",
    "retrain",
    "retrain DARTS_V3",
    "retrain DARTS_V2 --preset paper",
    "retrain DARTS_V2 --data nowhere.npz",
    "retrain DARTS_V2 --device cuda",
    "retrain DARTS_V2 --save-dir .",
    "evaluate nowhere",
    "evaluate .",
    "evaluate . --data nowhere.npz",
    "evaluate . --device gpux",
    "predict .",
    "predict . nowhere.png",
    "export .",
    "show randon",
    "show DARTS_V2 --picture cells.doc",
    "measure costs.json --of weight",
    "measure costs.json --space dartss",
    "judge --method darts --plot a.doc",
    "compare .",
    "data nowhere",
    "data nowhere.npz",
)


def test_help_completion_and_mistakes_import_nothing_heavy(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    code = LIGHT.replace("{lines}", repr(MISTAKES))
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("package", ["yaml", "rich", "sklearn"])
def test_a_missing_package_of_the_command_line_is_one_sentence(monkeypatch, package):
    monkeypatch.setattr(extras, "has", lambda name: name != package)
    code, output = fail("show", "DARTS_V2")
    assert code == 1
    assert output.startswith(f"Error: The command line needs {package}: run `pip install ")


def test_doctor_says_what_the_other_commands_lack(monkeypatch):
    monkeypatch.setattr(doctor, "has", lambda name: name != "matplotlib")
    monkeypatch.setattr(extras, "has", lambda name: name != "matplotlib")
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 0, result.output
    assert "for command line and report: pip install matplotlib" in result.output


def test_every_command_explains_itself():
    for name in main.commands:
        result = CliRunner().invoke(main, [name, "--help"])
        assert result.exit_code == 0
        assert len(result.output) > 300


def test_a_traceback_is_shown_when_asked_for():
    result = CliRunner().invoke(main, ["--traceback", "show", "DARTS_V4"])
    assert isinstance(result.exception, ValueError)


def test_an_error_of_the_system_names_the_file_and_a_full_disk_the_remedy():
    assert explain(PermissionError(13, "Permission denied", "/root/x")) == "/root/x: Permission denied"
    assert explain(OSError(28, "No space left on device")) == (
        "No space left on device; make room or choose another folder"
    )
    assert explain(MemoryError()) == "memory ran out; use less"


def test_an_error_of_many_lines_is_nobodys_mistake_and_keeps_its_traceback(monkeypatch):
    def break_down(*_):
        raise RuntimeError("C++ Traceback\n0 something\n1 else")

    monkeypatch.setattr(show, "find_genotype", break_down)
    assert isinstance(CliRunner().invoke(main, ["show", "DARTS_V2"]).exception, RuntimeError)


def test_a_name_of_two_lines_is_shown_in_one(tmp_path):
    (tmp_path / "labels.csv").write_text('path,label\n"a\nb.png",1\n')
    code, output = fail("data", tmp_path / "labels.csv")
    assert code == 1
    assert output.rstrip().endswith(r"a\nb.png")


def test_what_the_output_has_no_character_for_is_written_as_python_writes_it(tmp_path):
    name = b"bad\xff".decode(errors="surrogateescape")
    for label in ("猫", name):
        (tmp_path / label).mkdir()
        for i in range(2):
            Image.new("RGB", (4, 4), (9 * i, 0, 0)).save(tmp_path / label / f"{i}.png")
    runner = CliRunner(charset="ascii")
    result = runner.invoke(main, ["data", str(tmp_path), "--sheet", str(tmp_path / "sheet.html")])
    assert result.exit_code == 0, result.output
    assert r"\u732b" in result.output
    assert r"bad\udcff" in (tmp_path / "sheet.html").read_text(encoding="utf-8")


def test_a_tilde_is_the_home_folder_wherever_a_shell_leaves_it_alone(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "options.yaml").write_text("data: ~/photos\n")
    for arguments, named in (
        (["show", "~/none.json"], f"GENOTYPE '{tmp_path}/none.json' is no file"),
        (["search", "--data", "mnist", "--data-dir=~/none"], f"{tmp_path}/none"),
        (["search", "--config", "~/options.yaml"], f"'{tmp_path}/photos'"),
    ):
        assert named.replace(" ", "") in fail(*arguments)[1].replace(" ", "")
