import logging

import pytest

from paddleslim.common.log_helper import get_logger
from paddleslim.common.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b2J\x07\x7f\r", r"\x9b2J\x07\x7f\r"),
        ("a\u202eb\u2066", r"a\u202eb\u2066"),
        ("\udc80", r"\udc80"),
        ("猫 é [bold]\tline\nline", "猫 é [bold]\tline\nline"),
    ],
)
def test_what_steers_a_terminal_is_written_out_and_nothing_else(text, shown):
    assert visible(text) == shown


def test_a_line_of_a_log_steers_nothing():
    logger = get_logger("test_visible", "INFO")
    record = logging.LogRecord("test_visible", logging.INFO, "", 0, "class %s", ("\x1b[2J",), None)
    assert logger.handlers[0].format(record).endswith(r"INFO: class \x1b[2J")
