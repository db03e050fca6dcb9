"""`import paddle.fluid` works in every test of this folder, installed or not."""

import warnings

import pytest

import paddleslim_fluid_hook  # noqa: F401 - puts the finder in place

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import paddle.fluid


@pytest.fixture
def fluid():
    """`paddle.fluid` inside a guard on the CPU."""
    with paddle.fluid.dygraph.guard(paddle.fluid.CPUPlace()):
        yield paddle.fluid
