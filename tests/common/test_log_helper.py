import logging

from paddleslim.common import get_logger


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
