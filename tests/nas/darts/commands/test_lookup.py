import json

import pytest

from paddleslim.nas.darts import DARTS_V2
from paddleslim.nas.darts.commands.lookup import find_genotype, find_space, locate_space
from paddleslim.nas.darts.genotype.json_file import write_genotype
from paddleslim.nas.darts.search_space import SPACES
from tests.nas.darts.genotype.test_nas_bench_201 import MIXED


def test_a_genotype_is_found_by_name_file_folder_and_string(tmp_path):
    write_genotype(tmp_path / "genotype.json", DARTS_V2)
    for text in ("DARTS_V2", str(tmp_path), str(tmp_path / "genotype.json")):
        assert find_genotype(text) == DARTS_V2
    assert find_genotype(MIXED) == MIXED


def test_random_is_a_cell_of_the_space():
    assert find_genotype("random", SPACES["s2"], 3) == SPACES["s2"].draw_genotype(3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "a genotype in JSON is an object with `normal` and `reduce`"),
        ("[1", r"genotype\.json holds no genotype: Expecting"),
        (json.dumps("|none~0|"), "a NAS-Bench-201 genotype reads like"),
        (
            DARTS_V2._replace(normal=DARTS_V2.normal[:3]).to_json(),
            r"genotype\.json: `normal` should hold two \(operation, source\) for each state, it holds 3",
        ),
        (
            DARTS_V2._replace(reduce=[("skip_connect", 9)] * 8).to_json(),
            r"`reduce`\[0\] takes from state 9, and before state 2 there are 0 to 1",
        ),
        (
            DARTS_V2._replace(normal_concat=[2, 9]).to_json(),
            r"`normal_concat` should name inner states, which are 2 to 5, one at least; it is \[2, 9\]",
        ),
    ],
)
def test_a_file_with_another_content_is_refused(tmp_path, content, message):
    (tmp_path / "genotype.json").write_text(content)
    with pytest.raises(ValueError, match=message):
        find_genotype(str(tmp_path))


def test_a_folder_without_a_genotype_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds no genotype\.json"):
        find_genotype(str(tmp_path))


def test_an_unknown_genotype_is_refused_with_the_known_ones():
    with pytest.raises(
        ValueError, match="'DARTS_V3' is no file and no folder, and none of DARTS_V1, DARTS_V2, PC_DARTS"
    ):
        find_genotype("DARTS_V3")


def test_a_space_of_ones_own_comes_from_a_file_of_python(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "from paddleslim.nas.darts.search_space import CellSpace\nSMALL = CellSpace('small', ['skip_connect'])\n"
    )
    assert find_space(f"{path}:SMALL").operations == ("skip_connect",)
    with pytest.raises(ValueError, match="defines no search space called LARGE"):
        find_space(f"{path}:LARGE")


def test_a_table_of_the_edges_comes_from_a_yaml_file(tmp_path):
    path = tmp_path / "s1.yaml"
    edges = [["skip_connect", "sep_conv_3x3"]] * 14
    path.write_text(json.dumps({"normal": edges, "reduce": edges}))
    assert find_space(str(path)).table(4)["normal"][13] == ("skip_connect", "sep_conv_3x3")
    path.write_text("normal: 3\n")
    with pytest.raises(ValueError, match="should hold `normal` and `reduce`"):
        find_space(str(path))


EDGE = "[skip_connect, sep_conv_3x3]"


@pytest.mark.parametrize(
    ("normal", "message"),
    [
        ("3", "`normal` must be a list of lists of operations, got 3"),
        ("sep_conv_3x3", "`normal` must be a list of lists of operations, got 'sep_conv_3x3'"),
        ("{a: b}", "`normal` must be a list of lists of operations, got an object"),
        ("[]", "`normal` must be a list of lists of operations, got a list"),
        ("[sep_conv_3x3]", "edge 0 of `normal` must be a list of operations, got 'sep_conv_3x3'"),
        (f"[{EDGE}, [yes, no]]", "edge 1 of `normal` must hold names of operations, got True"),
        (f"[{EDGE}, [[sep_conv_3x3]]]", "edge 1 of `normal` must hold names of operations, got a list"),
        (f"[{EDGE}, [skip_connect, skp]]", "edge 1 of `normal`: operation 'skp' is unknown"),
        (f"[{EDGE}, [none, none]]", "edge 1 of `normal` needs an operation other than 'none'"),
        (f"[{EDGE}, [skip_connect, skip_connect]]", "edge 1 of `normal` has 'skip_connect' twice"),
        (f"[{EDGE}, [skip_connect]]", r"edges of `normal` have [1, 2] operations; fill up with 'none'"),
        (f"[{EDGE}]", "`normal` has 1 edges of 2 operations and `reduce` 2 of 2"),
        ("[a, b", "holds no YAML: expected ',' or ']', but got '<stream end>', line 3, column 1"),
        ("!!python/object/apply:os.getcwd []", "holds no YAML: could not determine a constructor"),
        ("[" * 20000, "holds no YAML: maximum recursion depth exceeded"),
    ],
)
def test_a_table_with_a_mistake_is_refused_by_file_cell_and_edge(normal, message, tmp_path):
    path = tmp_path / "space.yaml"
    path.write_text(f"reduce: [{EDGE}, {EDGE}]\nnormal: {normal}\n")
    with pytest.raises(ValueError, match=r"space\.yaml") as caught:
        find_space(str(path))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def f(:", "fails with SyntaxError"),
        ("raise RuntimeError('a\\nb')", "fails with RuntimeError: a b"),
        ("raise SystemExit(3)", "fails with SystemExit: 3"),
        ("Y = 3", "defines no search space called X; write X = CellSpace(...) there"),
        ("X = 3", "holds something of the type int, and no search space, called X; write X = CellSpace(...) there"),
        ("class X:\n    def build_supernet(self): pass", "holds a class, and no search space, called X"),
    ],
)
def test_a_file_of_python_that_fails_is_named(code, message, tmp_path):
    (tmp_path / "space.py").write_text(code)
    with pytest.raises(ValueError, match=r"space\.py") as caught:
        find_space(f"{tmp_path / 'space.py'}:X")
    assert message in str(caught.value)


def test_a_table_for_cells_of_another_size_is_refused_by_file_and_the_size_it_is_for(tmp_path):
    path = tmp_path / "space.yaml"
    path.write_text(f"normal: [{EDGE}, {EDGE}]\nreduce: [{EDGE}, {EDGE}]\n")
    space = find_space(str(path))
    assert len(space.table(1)["normal"]) == 2
    for use in (
        space.table,
        lambda steps: space.build_supernet(2, 2, 1, 1, steps),
        lambda n: space.draw_genotype(0, n),
    ):
        with pytest.raises(ValueError, match=r"space\.yaml: cells of 4 inner states have 14 edges, but `normal` has 2"):
            use(4)


def test_an_unknown_space_is_refused_with_the_known_ones():
    with pytest.raises(
        ValueError, match="space 'dart' is unknown; known are darts, pc-darts, nas-bench-201, s2, s3, s4"
    ):
        find_space("dart")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (MIXED, "is a genotype, one cell of a space; `show` and `retrain` take it as GENOTYPE"),
        ("DARTS_V2", "space 'DARTS_V2' is a genotype"),
        ("Genotype(normal=[])", "is a genotype"),
        ("runs/found/genotype.json", "is a genotype"),
        ("mine.py", "space 'mine.py' lacks a name; write mine.py:NAME"),
        ("mine.py:", "space 'mine.py:' lacks a name; write mine.py:NAME"),
        ("tests", "space 'tests' is a folder; known are darts"),
        ("nas_bench_201", "Did you mean 'nas-bench-201'?"),
        ("", "space '' is unknown"),
        (":X", "space ':X' is unknown"),
    ],
)
def test_what_is_no_space_is_said_to_be_what_it_is(text, message, tmp_path, monkeypatch):
    (tmp_path / "tests").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="space ") as caught:
        find_space(text)
    assert message in str(caught.value)


def test_a_missing_file_of_a_space_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        find_space(str(tmp_path / "none.py:SPACE"))


def test_a_file_of_a_space_is_found_from_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert locate_space("mine.py:SPACE") == f"{tmp_path.resolve()}/mine.py:SPACE"
    assert locate_space("table.yaml") == f"{tmp_path.resolve()}/table.yaml"
    assert locate_space("darts") == "darts"
