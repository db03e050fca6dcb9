"""The hook: installed by a wheel or in place, it makes `import paddle.fluid` work in a plain interpreter."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path

import pytest
import setuptools

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "tests" / "fluid" / "scripts" / "documented_example.py"
PACKAGED = ("setup.py", "pyproject.toml", "README.md", "LICENSE", "paddleslim_fluid_hook.py", "paddleslim_fluid.pth")
PAGE = next((p for folder in ROOT.parents for p in folder.glob("shared/reference/dartsearch-documentation.rst")), None)
PROBE = "import paddle.fluid as fluid, paddleslim.fluid as ours; assert fluid is ours; print(ours.__file__)"
CHECK_ONE_MODULE = """
from paddle.fluid.dygraph.nn import Conv2D
import paddleslim.fluid
assert Conv2D is paddleslim.fluid.dygraph.nn.Conv2D
"""


class Environment:
    """A virtual environment that sees the packages of this one, its Paddle too, but not this checkout."""

    def __init__(self, folder):
        self.folder = folder
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        self.python = folder / "bin" / "python"
        self.packages = next((folder / "lib").glob("python3*")) / "site-packages"
        (self.packages / "outer.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def run(self, *arguments, cwd=None, **environment):
        """Run the interpreter in a folder, the environment's unless given; return its completed process."""
        folder = cwd or self.folder
        folder.mkdir(exist_ok=True)
        clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PADDLESLIM_FLUID")}
        return subprocess.run(
            [str(self.python), *map(str, arguments)],
            cwd=folder,
            env={**clean, **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )

    def pip(self, *arguments):
        command = [sys.executable, "-m", "pip", "--python", str(self.python), "-q", *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A copy of what is packaged, so that nothing is built inside the checkout."""
    if int(setuptools.__version__.split(".")[0]) < 77:
        pytest.skip("pyproject.toml names its licence as setuptools 77 and newer read it")
    folder = tmp_path_factory.mktemp("source")
    for name in PACKAGED:
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "paddleslim", folder / "paddleslim", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def installed(source, tmp_path_factory):
    """An environment with the wheel."""
    wheels = tmp_path_factory.mktemp("wheels")
    build = ["-m", "pip", "-q", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", wheels, source]
    subprocess.run([sys.executable, *map(str, build)], check=True, capture_output=True, timeout=300)
    environment = Environment(tmp_path_factory.mktemp("installed"))
    environment.pip("install", "--no-deps", "--no-index", next(wheels.glob("*.whl")))
    return environment


def read_page():
    """Return the example of PaddleSlim's documentation, on a CPU and with two batches an epoch."""
    text = PAGE.read_text(encoding="utf-8").partition(".. code-block:: python")[2]
    code = textwrap.dedent(text.partition("\n..")[0])
    assert {"fluid.CUDAPlace(0)", "range(1024)"} <= set(re.findall(r"fluid\.CUDAPlace\(0\)|range\(1024\)", code))
    return code.replace("fluid.CUDAPlace(0)", "fluid.CPUPlace()").replace("range(1024)", "range(2)")


@pytest.mark.parametrize(
    "page", [False, pytest.param(True, marks=pytest.mark.skipif(PAGE is None, reason="the page is not here"))]
)
def test_the_documented_example_runs_from_a_wheel_through_all_epochs(installed, page):
    script = installed.folder / "example.py"
    script.write_text(read_page() if page else EXAMPLE.read_text())
    done = installed.run(script, cwd=installed.folder / str(page))
    assert done.returncode == 0, done.stderr[-2000:]
    assert (installed.folder / str(page) / "49" / "params.pdparams").exists()
    genotype = json.loads((installed.folder / str(page) / "genotype.json").read_text())
    assert genotype["normal_concat"] == genotype["reduce_concat"] == [-1, 0, 1, 2]
    assert len(genotype["normal"]) == 2


def test_both_names_give_the_same_modules(installed):
    done = installed.run("-c", PROBE + CHECK_ONE_MODULE)
    assert done.returncode == 0, done.stderr[-2000:]
    assert str(installed.packages) in done.stdout


def test_the_environment_variable_switches_the_hook_off(installed):
    done = installed.run(
        "-c", "import paddleslim_fluid_hook as h, sys; print(h.FluidFinder in sys.meta_path)", PADDLESLIM_FLUID="0"
    )
    assert done.stdout.strip() == "False"


def test_starting_python_imports_nothing_but_the_hook(installed):
    done = installed.run("-c", "import sys; print(sorted(n for n in sys.modules if 'paddle' in n or n == 'numpy'))")
    assert done.stdout.strip() == "['paddleslim_fluid_hook']"


def test_python_starts_quietly_without_the_package(installed, tmp_path):
    bare = Environment(tmp_path / "bare")
    shutil.copy(installed.packages / "paddleslim_fluid.pth", bare.packages)
    done = bare.run("-c", "print('started')")
    assert (done.stdout.strip(), done.stderr) == ("started", "")


def test_an_editable_install_has_the_hook(source, tmp_path):
    environment = Environment(tmp_path / "editable")
    environment.pip("install", "--no-deps", "--no-index", "--no-build-isolation", "-e", source)
    done = environment.run("-c", PROBE)
    assert done.returncode == 0, done.stderr[-2000:]
    assert str(source) in done.stdout
    environment.pip("uninstall", "-y", "paddleslim")
    assert not list(environment.packages.glob("*paddleslim*"))


def test_a_script_runs_without_any_hook(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\nimport paddle.fluid as fluid\nprint(fluid.layers.ones([1], 'float32').numpy(), sys.argv[1:])\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "paddleslim.fluid", str(script), "--epochs", "3"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PADDLESLIM_FLUID": "0"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.strip() == "[1.] ['--epochs', '3']", done.stderr[-2000:]


def test_a_fluid_of_paddle_itself_is_found_first(tmp_path):
    package = tmp_path / "paddle"
    (package / "fluid").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "fluid" / "__init__.py").write_text("own = True\n")
    code = "import paddleslim_fluid_hook, paddle.fluid; print(paddle.fluid.own)"
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "True", done.stderr


def test_advice_of_paddle_on_compilers_is_not_shown_where_paddle_is_imported_first(installed):
    done = installed.run("-c", "import paddle, warnings; print([f[1].pattern for f in warnings.filters if f[1]])")
    assert "No ccache found" in done.stdout
