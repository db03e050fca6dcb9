"""Genotypes from outside: built, or refused in one sentence."""

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
    ({"normal_concat": []}, "`normal_concat` should name states up to 5, one at least"),
    ({"reduce_concat": [6]}, "`reduce_concat` should name states up to 5"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_what_makes_no_cell_is_refused_wherever_it_comes_in(tmp_path, change, message):
    genotype = DARTS_V2._replace(**change)
    with pytest.raises(ValueError, match=message):
        build_network(genotype, [3, 8, 8], 10)
    if genotype.normal_concat:
        with pytest.raises(ValueError, match=message):
            draw_genotype(genotype, tmp_path / "cell.svg")
    else:  # PaddleSlim's `_multiplier` 0: there is a cell to see, but none to build
        draw_genotype(genotype, tmp_path / "cell.svg")


def test_a_file_of_it_is_refused_by_name(tmp_path):
    (tmp_path / "genotype.json").write_text(DARTS_V2._replace(normal=[SKIP] * 3).to_json())
    with pytest.raises(ValueError, match=r"genotype\.json: `normal` should hold two"):
        find_genotype(str(tmp_path))


def test_a_negative_state_in_a_concat_is_refused_where_a_network_is_built():
    with pytest.raises(ValueError, match="no network can be built of a cell that puts out the states"):
        build_network(DARTS_V2._replace(normal_concat=[-1, 2]), [3, 8, 8], 10)
