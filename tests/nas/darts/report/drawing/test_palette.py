import pytest

from paddleslim.nas.darts.report.drawing import choose_colour, choose_ink
from paddleslim.nas.darts.search_space import PRIMITIVES

pytestmark = pytest.mark.any_paddle


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_operation_of_the_space_has_a_colour_of_its_own():
    assert len({choose_colour(name) for name in PRIMITIVES}) == len(PRIMITIVES)


def test_a_name_is_readable_on_its_colour():
    for name in (*PRIMITIVES, "nor_conv_1x1", "noise", "mine", "yours", "theirs", "conv_9x9"):
        colour = choose_colour(name)
        assert contrast(colour, choose_ink(colour)) >= 4.5, name


def test_a_line_of_any_operation_is_seen_on_the_light_and_the_dark_card_of_a_report():
    spare = [f"operation_{number}" for number in range(40)]
    for name in (*PRIMITIVES, "sep_conv_7x7", "nor_conv_1x1", "nor_conv_3x3", "noise", *spare):
        assert min(contrast(choose_colour(name), card) for card in ("#ffffff", "#19212a")) >= 3, name


def test_an_unknown_operation_keeps_its_colour():
    assert choose_colour("mine") == choose_colour("mine")
