import collections
import contextlib
import json

import numpy as np
import pytest

from paddleslim.nas.darts import DARTS_V1, DARTS_V2, PC_DARTS
from paddleslim.nas.darts.genotype.json_file import read_genotype, write_genotype

pytestmark = pytest.mark.any_paddle


@pytest.mark.parametrize("genotype", [DARTS_V1, DARTS_V2, PC_DARTS, "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"])
def test_a_genotype_comes_back_as_it_was_written(genotype, tmp_path):
    write_genotype(tmp_path / "deep" / "genotype.json", genotype)
    assert read_genotype(tmp_path / "deep" / "genotype.json") == genotype
    assert repr(read_genotype(tmp_path / "deep" / "genotype.json")) == repr(genotype)


def test_no_letter_of_a_file_can_change_unnoticed(tmp_path):
    path = tmp_path / "genotype.json"
    write_genotype(path, "|none~0|")
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with contextlib.suppress(ValueError):
            assert read_genotype(path) == "|none~0|"


def test_a_string_alone_of_another_program_is_read(tmp_path):
    (tmp_path / "genotype.json").write_text('"|none~0|"')
    assert read_genotype(tmp_path / "genotype.json") == "|none~0|"


def test_another_file_is_refused_by_its_name(tmp_path):
    (tmp_path / "notes.json").write_text("{}")
    with pytest.raises(ValueError, match=r"notes\.json holds no genotype"):
        read_genotype(tmp_path / "notes.json")


OWN = [
    ({"kernel": 3, "path": ("a", 1)}, {"kernel": 3, "path": ["a", 1]}),
    ([("conv", 3), ("pool", None)], [["conv", 3], ["pool", None]]),
    (("a", range(2, 4), {5}), ["a", [2, 3], [5]]),
    ({1: np.arange(2).tolist(), "own": True}, {"1": [0, 1], "own": True}),
    (7, 7),
]


@pytest.mark.parametrize(("genotype", "plain"), OWN, ids=str)
def test_one_of_a_users_own_type_comes_back_and_people_can_read_it(genotype, plain, tmp_path):
    path = tmp_path / "genotype.json"
    write_genotype(path, genotype)
    assert read_genotype(path) == genotype
    assert json.loads(path.read_text())["genotype"] == plain


def test_a_record_in_a_file_is_its_text_and_readable_by_its_fields(tmp_path):
    path, pair = tmp_path / "genotype.json", collections.namedtuple("Pair", "kernel stride")
    write_genotype(path, [pair(3, 1)])
    assert read_genotype(path) == ["Pair(kernel=3, stride=1)"]
    assert json.loads(path.read_text())["genotype"] == [{"kernel": 3, "stride": 1}]
