import logging

import pytest

from paddleslim.nas.darts.search import dart_search as train_search
from paddleslim.nas.darts.training import callbacks as callbacks_module
from paddleslim.nas.darts.training import save_checkpoints


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
