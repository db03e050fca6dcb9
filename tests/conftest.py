"""What holds for all tests."""

import gc

import pytest

import paddleslim  # noqa: F401  (before Paddle, see paddleslim.zlib_first)


@pytest.hookimpl(hookwrapper=True)
def pytest_collection():
    """Look for no garbage among modules and tests, which stay to the end: each search visits all that there is."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()
