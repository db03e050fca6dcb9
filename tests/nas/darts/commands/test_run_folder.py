import pathlib

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.commands.run_folder import (
    logged_to,
    name_run,
    require_empty,
    seed_everything,
)
from paddleslim.nas.darts.training.log import logger


def test_a_run_without_a_folder_is_named_by_command_data_and_time():
    name = name_run("search", "/data/photos.npz")
    assert name.parent == pathlib.Path("runs")
    assert name.name.startswith("search-photos-20")


def test_a_folder_that_is_new_or_empty_may_be_used(tmp_path):
    require_empty(tmp_path)
    require_empty(tmp_path / "new")
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError, match="is not empty"):
        require_empty(tmp_path)


def test_the_same_seed_gives_the_same_numbers():
    draws = []
    for _ in range(2):
        seed_everything(2**33 + 1)
        draws.append((float(paddle.rand([])), np.random.rand()))
    assert draws[0] == draws[1]


def test_lines_go_to_the_file_and_then_where_they_went_before(tmp_path):
    before = list(logger.handlers)
    with logged_to(tmp_path / "deep" / "search.log"):
        logger.info("on the way")
    assert logger.handlers == before
    assert (tmp_path / "deep" / "search.log").read_text().endswith("INFO: on the way\n")
