"""Placeholders: nothing happens to a script that only imports them."""

import typing

import paddle
import pytest


def test_a_script_refers_to_what_it_does_not_use(fluid):
    from paddle.fluid import Executor
    from paddle.fluid.framework import Program, program_guard

    def run(executor: Executor, program: typing.Optional[Program] = None):
        return isinstance(program, Program), isinstance(program, (Program, dict))

    assert run(None) == (False, False)
    assert not isinstance(fluid.default_main_program(), fluid.Program)
    assert not issubclass(fluid.dygraph.Layer, Program)
    assert {Program: 1, program_guard: 2}[Program] == 1
    assert callable(program_guard)
    assert "not available" in repr(Executor)


def test_a_placeholder_explains_itself_however_it_is_used(fluid):
    program = fluid.Program
    for use in (
        lambda: program(),
        lambda: type("Mine", (program,), {}),
        lambda: type("Mine", (fluid.dygraph.Layer, program), {}),
        lambda: list(program),
        lambda: program[0],
        lambda: program.__enter__(),
    ):
        with pytest.raises(NotImplementedError, match="static graphs, which are out of scope"):
            use()
    with pytest.raises(AttributeError, match=r"parse_from_string of .*static graphs, which are out of scope"):
        program.parse_from_string  # noqa: B018
    with pytest.raises(NotImplementedError, match="static graphs"), fluid.program_guard(None):
        pass


def test_a_function_that_fluid_cannot_have_in_dygraph_names_the_equivalent(fluid):
    with pytest.raises(NotImplementedError, match=r"fluid\.dygraph\.Linear, or paddle\.nn\.Linear"):
        fluid.layers.fc(paddle.ones([1, 2]), 3)
