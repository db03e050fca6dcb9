"""What a user imports says which types it takes and returns."""

import importlib
import inspect
import pkgutil

import pytest

import paddleslim.nas.darts


def list_packages():
    """Return the packages that show public names, but for fluid's, whose names and ways are Paddle 1.8's."""
    yield paddleslim.nas.darts.__name__
    for module in pkgutil.walk_packages(paddleslim.nas.darts.__path__, "paddleslim.nas.darts."):
        if module.ispkg:
            yield module.name


def list_functions():
    """Yield name and function of every public function, and of the public methods of every public class."""
    for package in list_packages():
        module = importlib.import_module(package)
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            if inspect.isclass(thing):
                for method, function in vars(thing).items():
                    function = getattr(function, "fget", getattr(function, "__func__", function))
                    if inspect.isfunction(function) and (not method.startswith("_") or method == "__init__"):
                        yield f"{package}.{name}.{method}", function
            elif inspect.isfunction(thing):
                yield f"{package}.{name}", thing


FUNCTIONS = [(name, function) for name, function in list_functions() if function.__module__.startswith("paddleslim")]


def test_there_are_public_functions():
    assert len(FUNCTIONS) > 150


@pytest.mark.parametrize(("name", "function"), FUNCTIONS, ids=[name for name, _ in FUNCTIONS])
def test_a_public_function_is_annotated(name, function):
    function = inspect.unwrap(function)
    if function.__qualname__.startswith("__create_fn__") or "<string>" in function.__code__.co_filename:
        return  # made by dataclasses
    parameters = list(inspect.signature(function).parameters.values())
    if parameters and parameters[0].name in ("self", "cls"):
        parameters = parameters[1:]
    assert [p.name for p in parameters if p.annotation is p.empty] == []
    assert "return" in function.__annotations__
