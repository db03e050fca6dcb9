import importlib.metadata
import json

import pytest
from click.testing import CliRunner

from paddleslim import extras
from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.commands import doctor


def run(*arguments):
    return CliRunner().invoke(main, ["doctor", *arguments])


def test_it_says_what_is_installed_and_that_the_cpu_computes():
    found = json.loads(run("--json").output)
    assert found["versions"]["numpy"] == importlib.metadata.version("numpy")
    assert found["devices"]["cpu"].startswith("computes in float32")
    assert found["kernels"] == "run"


def test_what_is_missing_is_named_with_its_command(monkeypatch):
    monkeypatch.setattr(doctor, "has", lambda name: name != "visualdl")
    assert "for VisualDL: pip install visualdl" in run().output


def test_another_distribution_of_the_same_name_is_a_problem(monkeypatch):
    monkeypatch.setattr(doctor, "find_owner", lambda package: "2.6.0")
    result = run()
    assert result.exit_code == 1
    assert "called paddleslim is 2.6.0" in result.output


def test_a_device_that_does_not_compute_is_a_problem(monkeypatch):
    def fail(paddle, name):
        raise RuntimeError("first line\nno kernel image")

    monkeypatch.setattr(doctor, "try_device", fail)
    found = doctor.diagnose()
    assert found["devices"] == {"cpu": "fails: no kernel image"}
    assert "Paddle does not compute on cpu" in found["problems"][0]


@pytest.mark.parametrize("extra", ["fast", "cli", "export", "visualdl", "tensorboard", "cluster"])
def test_the_purposes_are_the_extras_of_the_distribution(extra):
    wanted = {d for e, modules in doctor.PURPOSES.values() if e == extra for d in modules}
    assert wanted
    assert all(
        extras.DISTRIBUTIONS.get(m, m) == d for _, modules in doctor.PURPOSES.values() for d, m in modules.items()
    )
