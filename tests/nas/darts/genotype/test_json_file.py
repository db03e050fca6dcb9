import pytest

from paddleslim.nas.darts import DARTS_V1, DARTS_V2, PC_DARTS
from paddleslim.nas.darts.genotype.json_file import read_genotype, write_genotype


@pytest.mark.parametrize("genotype", [DARTS_V1, DARTS_V2, PC_DARTS, "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"])
def test_a_genotype_comes_back_as_it_was_written(genotype, tmp_path):
    write_genotype(tmp_path / "deep" / "genotype.json", genotype)
    assert read_genotype(tmp_path / "deep" / "genotype.json") == genotype
    assert repr(read_genotype(tmp_path / "deep" / "genotype.json")) == repr(genotype)


def test_another_file_is_refused_by_its_name(tmp_path):
    (tmp_path / "notes.json").write_text("{}")
    with pytest.raises(ValueError, match=r"notes\.json holds no genotype"):
        read_genotype(tmp_path / "notes.json")
