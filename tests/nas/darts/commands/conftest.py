import numpy as np
import pytest

from tests.nas.darts.commands.small_runs import SMALL, invoke


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """A search `found`, its retraining `trained`, and the export of that, `exported`; and images to predict."""
    folder = tmp_path_factory.mktemp("runs")
    np.save(folder / "images.npy", np.random.default_rng(0).normal(size=(2, 1, 8, 8)))
    for arguments in (
        ["search", *SMALL, "--steps", 1, "--save-dir", folder / "found"],
        ["retrain", folder / "found", *SMALL, "--save-dir", folder / "trained"],
        ["export", folder / "trained", "--output", folder / "exported"],
    ):
        result = invoke(*arguments)
        assert result.exit_code == 0, result.output
    return folder
