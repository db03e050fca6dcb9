"""What the pages say of the defaults, and what `search` takes, is what the data files say."""

import json

import numpy as np
import pytest

from paddleslim.nas.darts.commands.presets import COMMAND_DEFAULTS, DEFAULT_METHOD
from paddleslim.nas.darts.truth.statistics import permutation_p_value
from tests.docs.pages import DOCS
from tests.docs.programs import load_program

pytestmark = pytest.mark.any_paddle


def test_the_pages_state_the_results_of_the_data_files():
    read_block = load_program("blocks").read_block
    for (path, name), block in load_program("defaults").write_blocks().items():
        assert read_block(path, name) == block, f"{path} is out of date; run `python docs/defaults.py`"


def test_what_search_takes_follows_from_the_searches_by_the_rule():
    program = load_program("defaults")
    content = json.loads((DOCS / "data" / "defaults.json").read_text())
    mean = {
        step: {program.key(f): np.mean(program.measures(f, "accuracy")) for f in program.of_seeds(content, seeds)}
        for step, seeds in (("tried", program.TRIED), ("confirmed", program.CONFIRMED))
    }
    # step 2: no rate and no warm-up is better than what the command had
    for method in ("drnas", "gumbel"):
        assert mean["tried"][method, 3e-3, 0] == max(a for (m, *_), a in mean["tried"].items() if m == method)
    # step 3
    confirmed = {program.key(f): program.measures(f, "accuracy") for f in program.of_seeds(content, program.CONFIRMED)}
    chosen, _, _ = max(mean["confirmed"], key=mean["confirmed"].get)
    assert permutation_p_value(confirmed[chosen, 3e-3, 0], confirmed[program.PRESENT]) < 0.05
    default = DEFAULT_METHOD, COMMAND_DEFAULTS["arch_learning_rate"], COMMAND_DEFAULTS["epochs_no_archopt"]
    assert default == (chosen, 3e-3, 0)
