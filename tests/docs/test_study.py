"""What the pages say of the study is what its data file says."""

import numpy as np
import pytest

from paddleslim.nas.darts.truth import load_table
from paddleslim.nas.darts.truth.study import load_study, results_of
from paddleslim.nas.darts.truth.verdict import judge_searches
from tests.docs.programs import load_program

pytestmark = pytest.mark.any_paddle


@pytest.fixture(scope="module")
def judged():
    content = load_study()
    return content, judge_searches(load_table(), results_of(content))


def test_the_pages_and_the_readme_state_the_results_of_the_data_file(judged):
    read_block = load_program("blocks").read_block
    for path, block in load_program("study").write_blocks(*judged).items():
        assert read_block(path, "study") == block, f"{path} is out of date; run `python docs/study.py`"


def test_the_readme_takes_five_lines_for_it_and_says_who_beats_counting(judged):
    content, verdict = judged
    block = load_program("study").write_readme(content, verdict)
    assert block.count("\n") == 4
    accuracies = {m: np.mean([s["accuracy"] for s in found["searches"]]) for m, found in verdict["methods"].items()}
    largest = load_table()["|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|"].accuracy
    beating = [f"`{method}`" for method, accuracy in accuracies.items() if accuracy > largest + 1e-9]
    assert f"parameters*: {', '.join(beating) or 'none'}." in block
