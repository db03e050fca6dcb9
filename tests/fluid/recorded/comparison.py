"""Compare a case here with what Paddle 1.8.5 gave."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path

import numpy as np

from .evaluation import Inputs

HERE = Path(__file__).parent


@functools.cache
def recorded(cases):
    """Return what 1.8.5 gave, as {case: {name: array}}."""
    results: dict = {}
    with np.load(HERE / f"{cases}.npz", allow_pickle=False) as file:
        for key in file.files:
            case, name = key.rsplit("/", 1)
            results.setdefault(case, {})[name] = file[key]
    return results


def load_cases(cases):
    """Return the functions of a file of cases, by name."""
    return importlib.import_module(f"{__package__}.{cases}").CASES


def check_case(fluid, cases, case, tolerance=1e-5):
    """Run a case here; every recorded array must be met to `tolerance`, relative for numbers above 1."""
    with fluid.dygraph.guard(fluid.CPUPlace()):
        results = load_cases(cases)[case](fluid, Inputs(case))
    expected = recorded(cases)[case]
    assert sorted(results) == sorted(expected)
    for name, array in expected.items():
        result = np.asarray(results[name])
        if array.dtype.kind == "U":
            assert str(result) == str(array), name
            continue
        assert list(result.shape) == list(array.shape), f"{name}: shape {result.shape}, was {array.shape}"
        np.testing.assert_allclose(result, array, rtol=tolerance, atol=tolerance, err_msg=name)
