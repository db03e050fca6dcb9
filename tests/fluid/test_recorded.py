"""Every function, layer, optimizer and decay against the numbers of Paddle 1.8.5."""

import pytest

from .recorded.comparison import check_case, recorded


def names(cases):
    return sorted(recorded(cases))


@pytest.mark.parametrize("case", names("functions"))
def test_a_function_agrees_with_paddle_1_8(fluid, case):
    check_case(fluid, "functions", case)


@pytest.mark.parametrize("case", names("layers"))
def test_a_layer_agrees_with_paddle_1_8(fluid, case):
    check_case(fluid, "layers", case)


@pytest.mark.parametrize("case", names("training"))
def test_training_agrees_with_paddle_1_8(fluid, case):
    check_case(fluid, "training", case)


@pytest.mark.parametrize("case", names("others"))
def test_what_scripts_take_beside_layers_agrees_with_paddle_1_8(fluid, case):
    check_case(fluid, "others", case)
