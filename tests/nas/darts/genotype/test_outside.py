"""Genotypes from outside, as parse_line and as_our_type read them: built, or refused in one sentence."""

import collections
import re

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import DARTS_V2
from paddleslim.nas.darts.commands.lookup import find_genotype
from paddleslim.nas.darts.genotype.known import as_genotype
from paddleslim.nas.darts.report.drawing import draw_genotype
from paddleslim.nas.darts.retrain import build_network

LINE = f"2026-01-01 10:00:00,000-INFO: genotype = {DARTS_V2}"
SKIP = ("skip_connect", 0)


def test_a_line_of_a_log_is_its_genotype():
    assert as_genotype(LINE) == DARTS_V2
    assert str(as_genotype(LINE)) == str(DARTS_V2)
    assert find_genotype(LINE) == DARTS_V2
    assert build_network(LINE, [3, 8, 8], 10).genotype() == DARTS_V2


CELL = "|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|none~1|none~2|"
LIST = str(DARTS_V2).replace("range(2, 6)", "[2, 3, 4, 5]")


@pytest.mark.parametrize(
    "line",
    [
        LIST.replace(" ", ""),
        LIST.replace(", normal", ",\n  normal"),
        LIST.replace("[2, 3, 4, 5]", "list(range(2, 6))"),
        LIST.replace("[2, 3, 4, 5]", "array([2, 3, 4, 5])"),
        LIST.replace("[2, 3, 4, 5]", "np.array([2, 3, 4, 5], dtype=np.int64)"),
        LIST.replace(" 0)", " np.int64(0))").replace("'skip_connect'", "np.str_('skip_connect')"),
        LIST.replace("'", '"').replace("Genotype(", "genotypes.Genotype("),
        re.sub(r"[a-z_]+=", "", LIST) + " valid_acc 97.1",
    ],
    ids=range(8),
)
def test_however_a_line_is_written_it_is_its_genotype(line):
    assert str(as_genotype(line)) == str(DARTS_V2)


def test_types_of_other_libraries_are_read():
    foreign = collections.namedtuple("Genotype", DARTS_V2._fields)
    numbers = [(np.str_(name), np.int64(source)) for name, source in DARTS_V2.normal]
    for genotype in (
        foreign(*DARTS_V2),
        DARTS_V2._asdict(),
        DARTS_V2._replace(normal=numbers, normal_concat=np.arange(2, 6)),
        DARTS_V2._replace(normal_concat=paddle.arange(2, 6), reduce_concat=list(np.arange(2, 6))),
    ):
        assert str(as_genotype(genotype)) == str(DARTS_V2)
    assert as_genotype(DARTS_V2) is DARTS_V2
    for text in (f" {CELL}\n", f"Structure(4 nodes with {CELL})", f"epoch 3: {CELL} 93.4"):
        assert as_genotype(text) == CELL


def test_an_unknown_operation_is_refused_with_the_nearest_one():
    with pytest.raises(ValueError, match=r"'sep_conv_3x33' is unknown; known are .*\. Did you mean 'sep_conv_3x3'\?"):
        build_network(DARTS_V2._replace(normal=[("sep_conv_3x33", 0), SKIP], normal_concat=[2]), [3, 8, 8], 10)


def test_a_line_is_never_run(tmp_path):
    line = f"Genotype(normal=open({str(tmp_path / 'made')!r}, 'w'), normal_concat=[2], reduce=[], reduce_concat=[2])"
    with pytest.raises(ValueError, match="a genotype in a line reads like"):
        as_genotype(line)
    assert list(tmp_path.iterdir()) == []


WRONG = [
    ({"normal": [SKIP] * 3}, "`normal` should hold two .* it holds 3"),
    ({"reduce": []}, "`reduce` should hold two .* it holds 0"),
    ({"normal": [SKIP, ("skip_connect", 2)]}, r"`normal`\[1\] takes from state 2, and before state 2 there are 0 to 1"),
    ({"normal": [SKIP, ("skip_connect", -1)]}, r"`normal`\[1\] takes from state -1"),
    ({"normal": [SKIP, "skip_connect"]}, r"`normal`\[1\] should be \(operation, source\)"),
    ({"normal": [SKIP, ("skip_connect", 1.0)]}, r"`normal`\[1\] should be \(operation, source\) with a whole number"),
    ({"normal": [SKIP, ("skip_connect", True)]}, r"with a whole number, it is \('skip_connect', True\)"),
    ({"normal": [SKIP, ("skip_connect", 1, 2)]}, r"`normal`\[1\] should be \(operation, source\), it is"),
    ({"normal": [[SKIP, SKIP]]}, "`normal` should hold two .* it holds 1"),
    ({"normal": None}, "`normal` should hold two .* it holds None"),
    ({"normal_concat": [2.0]}, r"`normal_concat` should name inner states, which are 2 to 5, .*; it is \[2\.0\]"),
    (
        {"normal_concat": []},
        r"`normal_concat` should name .* one at least; it is \[\]: give the genotype another concat",
    ),
    (
        {"normal_concat": [-1, 2]},
        r"`normal_concat` should name .* it is \[-1, 2\]: .* or its supernet a `_multiplier` of",
    ),
    ({"normal_concat": [True, 2]}, r"`normal_concat` should name inner states.* it is \[True, 2\]"),
    ({"reduce_concat": range(1, 6)}, r"`reduce_concat` should name inner states.* it is range\(1, 6\)"),
    ({"reduce_concat": [6]}, "`reduce_concat` should name inner states, which are 2 to 5"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_what_makes_no_cell_is_refused_wherever_it_comes_in(tmp_path, change, message):
    genotype = DARTS_V2._replace(**change)
    for use in (
        lambda: build_network(genotype, [3, 8, 8], 10),
        lambda: draw_genotype(genotype, tmp_path / "cell.svg"),
        lambda: find_genotype(f"genotype = {genotype}"),
    ):
        with pytest.raises(ValueError, match=message) as caught:
            use()
        assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_long_range_of_states_is_refused_at_once():
    with pytest.raises(ValueError, match=r"`reduce_concat` should name .* it is range\(2, 1000000000000\)"):
        as_genotype(DARTS_V2._replace(reduce_concat=range(2, 10**12)))


def test_a_file_of_it_is_refused_by_name(tmp_path):
    (tmp_path / "genotype.json").write_text(DARTS_V2._replace(normal=[SKIP] * 3).to_json())
    with pytest.raises(ValueError, match=r"genotype\.json: `normal` should hold two"):
        find_genotype(str(tmp_path))
