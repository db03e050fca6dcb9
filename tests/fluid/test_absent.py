"""Every name fluid had is here or says what to write today."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import paddleslim.fluid

from . import surface

ROOT = Path(__file__).parents[2]
HEADINGS = {
    "en": ["Part of fluid", "Names", "Available", "Static graphs", "Absent, with an equivalent", "**all**"],
    "zh_cn": ["fluid 的部分", "名称数", "可用", "属于静态图", "没有，但指出替代写法", "**合计**"],
}


def test_no_name_of_the_scripts_is_unknown():
    assert [name for name in surface.read_names() if surface.look_up(name) == "unknown"] == []


@pytest.mark.parametrize("language", ["en", "zh_cn"])
def test_the_table_of_the_documentation_is_the_count(language):
    page = (ROOT / "docs" / language / "fluid.md").read_text(encoding="utf-8")
    assert surface.make_table(HEADINGS[language]) in page


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("layers.fc", "fluid.dygraph.Linear, or paddle.nn.Linear"),
        ("layers.nn.fc", "paddle.nn.Linear"),
        ("layers.rnn", "a Python loop over the cell, or paddle.nn.RNN"),
        ("Executor", "static graphs, which are out of scope"),
        ("Program", "static graphs"),
        ("data", "static graphs"),
        ("io.save_inference_model", "paddle.jit.to_static"),
        ("clip.set_gradient_clip", "grad_clip= of the optimizer"),
        ("transpiler.DistributeTranspiler", "static graphs"),
    ],
)
def test_an_absent_name_says_what_to_write(fluid, name, sentence):
    *path, last = name.split(".")
    module = fluid
    for part in path:
        module = getattr(module, part)
    with pytest.raises(NotImplementedError, match=sentence):
        getattr(module, last)()


def test_a_name_fluid_never_had_is_an_ordinary_attribute_error(fluid):
    with pytest.raises(AttributeError, match="has no attribute 'relu7'"):
        _ = fluid.layers.relu7


def test_an_absent_module_says_so():
    assert "static graphs are out of scope" in importlib.import_module("paddle.fluid.transpiler").__doc__
    with pytest.raises(ModuleNotFoundError, match="No module named"):
        importlib.import_module("paddle.fluid.never")


def test_the_main_program_explains_static_graphs(fluid):
    with pytest.raises(AttributeError, match=r"Program\.global_block belongs to static graphs"):
        fluid.default_main_program().global_block()


def test_every_module_has_both_names():
    import sys

    ours = {name for name in sys.modules if name.startswith("paddleslim.fluid.")}
    for name in ours:
        assert sys.modules["paddle.fluid" + name[len("paddleslim.fluid") :]] is sys.modules[name]
    assert paddleslim.fluid.__spec__.name == "paddleslim.fluid"
