"""A runner of commands that keeps the two streams apart, with click 8.1 too."""

import inspect

from click.testing import CliRunner

__all__ = ["separate_runner"]


def separate_runner():
    """Return a `CliRunner` whose results have what was printed to each stream."""
    mixes = "mix_stderr" in inspect.signature(CliRunner).parameters
    return CliRunner(mix_stderr=False) if mixes else CliRunner()
