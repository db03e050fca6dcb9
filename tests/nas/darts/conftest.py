import logging

import pytest

from paddleslim.nas.darts.training.log import logger


@pytest.fixture
def lines(monkeypatch):
    """The lines that a search logs."""
    caught = []

    class Catch(logging.Handler):
        def emit(self, record):
            caught.append(record.getMessage())

    monkeypatch.setattr(logger, "handlers", [Catch()])
    return caught
