"""Commands of a moment, and what their answers are."""

from click.testing import CliRunner

from paddleslim.nas.darts.__main__ import main

SMALL = "--epochs 1 --channels 2 --layers 1 --limit 50 --batch-size 8".split()


def invoke(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def is_a_sentence(result):
    """Whether a command refused in one sentence."""
    return isinstance(result.exception, SystemExit) and "Error: " in result.output and "Traceback" not in result.output
