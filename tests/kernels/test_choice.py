"""Without a numba that works, Paddle's operators compute the same, and one line says why they are slow."""

import json
import os
import subprocess
import sys

import numpy as np
import paddle
import pytest

from paddleslim.kernels.choice import installed
from paddleslim.kernels.foreach import sum_of_squares

# A search, a retraining and a prediction, each a step; prints numbers that every parameter has a part in.
PROGRAM = """
import json, sys, warnings
{before}
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import paddleslim
    from tests.kernels.test_choice import numbers
    print(json.dumps(numbers()))
for warning in caught:
    if "slower operators" in str(warning.message):
        print(warning.message)
"""
BROKEN = """
class Broken:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "numba.core" and sys.modules.get("numba") is not None:
            raise ImportError("Numba needs NumPy 2.2 or less")
sys.meta_path.insert(0, Broken)
"""
CASES = {
    "switched off": ("", {"NUMBA_DISABLE_JIT": "1"}, "NUMBA_DISABLE_JIT is set, so Paddle's own"),
    "absent": ("sys.modules['numba'] = None", {}, "numba is not installed, so Paddle's own"),
    "broken": (BROKEN, {}, "numba cannot be used (ImportError: Numba needs NumPy 2.2 or less), so Paddle's own"),
}


def numbers():
    """Return what a search, a retraining and a prediction compute: losses, gradients, logits."""
    from paddleslim.nas.darts import DARTS_V2
    from paddleslim.nas.darts.networks.cell_network import CellNetwork
    from paddleslim.nas.darts.search_space import DARTSSupernet

    paddle.seed(1)
    rng = np.random.default_rng(0)
    image = paddle.to_tensor(rng.normal(size=[2, 3, 8, 8]).astype("float32"))
    label = paddle.to_tensor([[1], [2]])
    supernet, network = DARTSSupernet(4, 3, 3), CellNetwork(DARTS_V2, 4, 3, 3)
    supernet._loss(image, label).backward()
    paddle.nn.functional.cross_entropy(network(image), label).backward()
    weights = [*supernet.parameters(), *network.parameters()]
    norm = sum_of_squares([weight.grad for weight in weights if weight.grad is not None]).sqrt()
    gradients = [float(weight.grad.abs().sum()) for weight in weights if weight.grad is not None]
    network.eval()
    return [float(norm), *gradients, *network(image).flatten().tolist()]


@pytest.mark.parametrize("case", CASES)
def test_without_numba_the_results_are_the_same_and_one_line_says_why(case):
    pytest.importorskip("numba")
    before, changed, message = CASES[case]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before)],
        env={**os.environ, **changed},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    line, warning = done.stdout.strip().splitlines()[-2:]
    assert warning.startswith(message)
    assert installed()
    np.testing.assert_allclose(json.loads(line), numbers(), rtol=2e-3, atol=1e-4)
