import sys

import pytest

from paddleslim import extras


def test_what_is_installed_is_no_error():
    extras.require("json", "paddle", extra="cli", user="a test")


@pytest.mark.parametrize(("package", "distribution"), [("sklearn", "scikit-learn"), ("distributed", "distributed")])
def test_what_is_absent_is_named_with_the_commands_that_bring_it(monkeypatch, package, distribution):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError) as caught:
        extras.require("json", package, extra="cli", user="a test")
    assert str(caught.value) == (
        f"a test needs {package}: run `pip install {distribution}`, or `pip install '.[cli]'` in a checkout of this "
        "library"
    )


def find_users():
    """Return what needs a package of an extra, with a call that would use it."""
    from paddleslim.nas.darts import DARTS_V2
    from paddleslim.nas.darts.data import load_digits
    from paddleslim.nas.darts.data.pictures import Preparation, read_pictures
    from paddleslim.nas.darts.report import Report, TensorBoard, VisualDL
    from paddleslim.nas.darts.report.drawing import draw_genotype
    from paddleslim.nas.darts.strategy.dirichlet import log_gamma_sample

    return {
        "sklearn": load_digits,
        "matplotlib": lambda: draw_genotype(DARTS_V2, "cells.svg"),
        "jinja2": lambda: Report("runs"),
        "PIL": lambda: read_pictures(["cat.jpg"], Preparation(8, 8)),
        "scipy": lambda: log_gamma_sample(1.0, 0.5),
        "visualdl": lambda: VisualDL("runs"),
        "tensorboardX": lambda: TensorBoard("runs"),
    }


@pytest.mark.parametrize("package", ["sklearn", "matplotlib", "jinja2", "PIL", "scipy", "visualdl", "tensorboardX"])
def test_whoever_needs_an_absent_package_says_so_in_one_sentence(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf"needs {package}: run `pip install [\w-]+`, or `pip install '\.\["):
        find_users()[package]()
