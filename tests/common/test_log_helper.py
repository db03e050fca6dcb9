import io
import logging
import subprocess
import sys

import pytest

from paddleslim.common import get_logger
from paddleslim.common.log_helper import package_logger


def test_asking_twice_gives_one_logger_with_one_handler():
    first = get_logger("paddleslim.test", logging.INFO)
    second = get_logger("paddleslim.test", logging.WARNING)
    assert first is second
    assert len(first.handlers) == 1
    assert first.level == logging.WARNING
    assert not first.propagate


def test_lines_follow_the_format(capsys):
    logger = get_logger("paddleslim.test.format", logging.INFO, fmt="<%(levelname)s> %(message)s")
    logger.handlers[0].setStream(__import__("sys").stderr)
    logger.info("hello")
    assert capsys.readouterr().err == "<INFO> hello\n"


PRELUDE = "import logging, sys\nfrom paddleslim.common.log_helper import package_logger\n"
LINES = "package_logger('paddleslim.a.b').info('below')\npackage_logger('paddleslim').warning('top')\n"


def run(code):
    """Return what a fresh interpreter prints to its standard error stream."""
    done = subprocess.run([sys.executable, "-c", PRELUDE + code], capture_output=True, text=True, check=True)
    return [line.rpartition("-")[2] for line in done.stderr.splitlines() if "below" in line or "top" in line]


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        (LINES, ["INFO: below", "WARNING: top"]),
        ("import paddle\n" + LINES, ["INFO: below", "WARNING: top"]),  # Paddle adds a handler to the root logger
        ("logging.basicConfig(format='own-%(message)s')\n" + LINES, ["below", "top"]),
        ("logging.getLogger('paddleslim').setLevel(logging.WARNING)\n" + LINES, ["WARNING: top"]),
        ("package_logger('paddleslim').setLevel(logging.ERROR)\n" + LINES, []),
        ("logging.getLogger('paddleslim.a').setLevel(logging.ERROR)\n" + LINES, ["WARNING: top"]),
        ("logging.getLogger('paddleslim').addHandler(logging.StreamHandler())\n" + LINES, ["below", "top"]),
    ],
)
def test_lines_are_printed_once_and_levels_are_the_users(code, printed):
    assert run(code) == printed


def test_a_stream_of_before_may_be_closed():
    code = "sys.stderr = first = open('/dev/null', 'w')\n" + LINES.splitlines()[0]
    assert run(code + "\nfirst.close()\nsys.stderr = sys.__stderr__\n" + LINES) == ["INFO: below", "WARNING: top"]


def test_hidden_lines_are_printed_nowhere_but_warnings_are():
    code = "from paddleslim.common.log_helper import hidden_lines\nlog = package_logger('paddleslim.a')\n"
    hide = "with hidden_lines(log):\n    log.info('below hidden')\n    log.warning('below hidden')\n    "
    lines = run(code + hide + LINES.replace("\n", "\n    ").rstrip() + "\nlog.info('below after')")
    assert lines == ["WARNING: below hidden", "INFO: below", "WARNING: top", "INFO: below after"]


def test_quiet_lines_are_not_printed_by_paddles_handler_either():
    code = "from paddleslim.common.log_helper import PADDLES, only_errors\nlog = package_logger('paddleslim.a')\n"
    code += "with only_errors():\n    logging.basicConfig(format=PADDLES)\n    log.warning('below quiet')\n"
    code += "    log.error('below loud')\nlog.warning('below after')"
    assert run(code) == ["ERROR: below loud", "WARNING: below after"]


def test_a_handler_of_ones_own_at_the_root_gets_the_lines():
    handler = logging.StreamHandler(io.StringIO())
    logging.getLogger().addHandler(handler)
    try:
        package_logger("paddleslim.test_root").info("hello")
    finally:
        logging.getLogger().removeHandler(handler)
    assert handler.stream.getvalue() == "hello\n"
