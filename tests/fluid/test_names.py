"""Every name of fluid in Paddle 1.8.5, module by module: it imports, and works or explains itself."""

import importlib
import sys

import pytest

from paddleslim.fluid._names import OPERATORS, list_modules, list_names, list_public
from paddleslim.fluid._placeholder import Placeholder

MODULES = list_modules()
EXPLAINS = ("not available here", "out of scope")


def test_the_record_is_that_of_the_whole_of_fluid():
    assert len(MODULES) > 200
    assert sum(len(list_names(module)) for module in MODULES) > 4000
    assert {"fc", "relu", "BeamSearchDecoder"} <= set(list_names("paddle.fluid.layers"))
    assert len(list_names(OPERATORS)) == 392


@pytest.mark.parametrize("module", MODULES)
def test_every_name_of_a_module_is_imported(fluid, module):
    for name in list_names(module):
        scope: dict = {}
        exec(f"from {module} import {name}", scope)
        value = scope[name]
        if isinstance(value, Placeholder):
            assert any(part in value.__doc__ for part in EXPLAINS), value.__doc__


@pytest.mark.parametrize("module", MODULES)
def test_every_placeholder_of_a_module_explains_itself_when_called(fluid, module):
    loaded = importlib.import_module(module)
    for name in list_names(module):
        value = getattr(loaded, name)
        if isinstance(value, Placeholder):
            with pytest.raises(NotImplementedError) as caught:
                value()
            assert name in str(caught.value)


def test_no_public_name_is_explained_as_internal(fluid):
    """The general sentence is for what stood in fluid's modules without being meant for scripts."""
    general = [
        f"{module}.{name}"
        for module in MODULES
        if module.startswith("paddle.fluid") and ".core" not in module
        for name in list_public(module)
        for value in [getattr(importlib.import_module(module), name)]
        if isinstance(value, Placeholder) and "internal to Paddle 1.8" in value.__doc__
    ]
    assert general == []


def test_a_name_is_one_object_in_every_module(fluid):
    assert fluid.Program is fluid.framework.Program
    layer_helper = importlib.import_module("paddle.fluid.layers.layer_function_generator")
    assert layer_helper.LayerHelper is fluid.layer_helper.LayerHelper


def test_star_imports_give_the_names_of_1_8(fluid):
    scope: dict = {}
    exec("from paddle.fluid.layers import *\nfrom paddle.fluid.transpiler import *", scope)
    assert isinstance(scope["fc"], Placeholder)
    assert isinstance(scope["DistributeTranspiler"], Placeholder)
    assert scope["relu"] is fluid.layers.relu


def test_constants_have_their_values(fluid):
    assert fluid.framework.GRAD_VAR_SUFFIX == "@GRAD"
    assert fluid.framework.EMPTY_VAR_NAME == "@EMPTY@"


def test_what_fluid_imported_from_elsewhere_is_found(fluid):
    import numpy

    assert fluid.framework.np is numpy
    assert fluid.io.os is sys.modules["os"]


def test_only_what_fluid_had_is_there(fluid):
    with pytest.raises(ImportError, match="had none; the nearest name is 'relu"):
        exec("from paddle.fluid.layers.nn import relu7")
    with pytest.raises(ImportError, match="the nearest name is 'Program'"):
        exec("from paddle.fluid import Prgram")
    with pytest.raises(ImportError, match="which had none"):
        exec("from paddle.fluid.transpiler import Never")
    with pytest.raises(ModuleNotFoundError, match="which had no such module"):
        importlib.import_module("paddle.fluid.never")
    with pytest.raises(AttributeError, match="has no attribute 'relu7'"):
        _ = fluid.layers.relu7
    assert not hasattr(fluid.layers, "relu7")
