import logging

import pytest

from paddleslim.nas.darts import callbacks as callbacks_module
from paddleslim.nas.darts import save_checkpoints, train_search


@pytest.fixture
def lines(monkeypatch):
    """The lines that a search logs."""
    caught = []

    class Catch(logging.Handler):
        def emit(self, record):
            caught.append(record.getMessage())

    for logger in (train_search.logger, save_checkpoints.logger, callbacks_module.logger):
        monkeypatch.setattr(logger, "handlers", [Catch()])
    return caught
