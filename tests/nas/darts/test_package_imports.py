"""Who may import whom: a package imports those below it, and the root holds facades alone."""

import ast
import pathlib

import pytest

from paddleslim.nas import darts

pytestmark = pytest.mark.any_paddle

ROOT = pathlib.Path(darts.__file__).parent
# From the lowest to the highest.
PACKAGES = (
    "state",
    "genotype",
    "data",
    "distributed",
    "training",
    "search_space",
    "strategy",
    "networks",
    "report",
    "search",
    "retrain",
    "truth",
    "commands",
)
# A notebook that shows a genotype asks for its picture, which what is above draws; nothing else imports upwards.
UPWARDS = {"genotype/shown.py": {"report"}}
FACADES = {"__init__.py", "__main__.py", "architect.py", "get_genotype.py", "predict.py", "train_search.py"}


def imported_packages(path):
    """Return the packages that the module at `path` imports, wherever in it."""
    package = ["paddleslim", "nas", "darts", *path.relative_to(ROOT).parent.parts]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            parent = package[: len(package) - node.level + 1] if node.level else []
            module = parent + (node.module.split(".") if node.module else [])
            if module[:3] == ["paddleslim", "nas", "darts"] and len(module) > 3:
                found.add(module[3])
    return found


def test_every_folder_is_a_package():
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == set(PACKAGES)


def test_the_root_holds_facades_alone():
    assert {path.name for path in ROOT.glob("*.py")} == FACADES


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_downwards(package):
    allowed = set(PACKAGES[: PACKAGES.index(package) + 1])
    upwards = {
        path.relative_to(ROOT).as_posix(): imported_packages(path) & (set(PACKAGES) - allowed)
        for path in sorted((ROOT / package).rglob("*.py"))
    }
    expected = {path: above for path, above in UPWARDS.items() if path.startswith(f"{package}/")}
    assert {path: above for path, above in upwards.items() if above} == expected
