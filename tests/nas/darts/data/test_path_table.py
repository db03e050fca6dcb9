import pytest

from paddleslim.nas.darts.data.path_table import is_table, read_entries

ENTRIES = [{"path": "a 1.png", "label": "cat"}, {"path": "b/2.jpg", "label": "dog, wild"}]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("comma.csv", 'path,label\na 1.png,cat\nb/2.jpg,"dog, wild"\n'),
        ("mark.csv", '\ufeffpath,label\r\na 1.png,cat\r\nb/2.jpg,"dog, wild"\r\n'),
        ("semicolon.csv", "Path;Label\na 1.png;cat\nb/2.jpg;dog, wild"),
        ("nameless.csv", "a 1.png;cat\nb/2.jpg;dog, wild"),
        ("tab.csv", "label\tfile name\tother\ncat\ta 1.png\t1\ndog, wild\tb/2.jpg\t2\n"),
        ("COMMA.TSV", 'path,label\na 1.png,cat\nb/2.jpg,"dog, wild"\n'),
        ("blank.csv", 'path, label\n\n"a 1.png", "cat"\n , \n"b/2.jpg", "dog, wild"\n'),
    ],
)
def test_a_table_of_any_spreadsheet_is_read(tmp_path, name, text):
    (tmp_path / name).write_bytes(text.encode())
    assert is_table(name)
    assert [{key: entry[key] for key in ("path", "label")} for entry in read_entries(tmp_path / name)] == ENTRIES


def test_a_quoted_path_may_hold_ends_of_lines_and_a_mistake_has_the_number_of_its_line(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_bytes(b'path,label\n"new\nline.png",cat\n\nb.png,dog\n')
    assert [(e["path"], e["line"]) for e in read_entries(path)] == [("new\nline.png", 3), ("b.png", 5)]
    path.write_bytes(b"path,label\n\na.png,cat\n\nb.png\n")
    with pytest.raises(ValueError, match=r"labels\.csv, line 5: expected at least 2 columns, got 1"):
        read_entries(path)


def test_a_text_in_another_encoding_is_refused_with_the_remedy(tmp_path):
    (tmp_path / "labels.csv").write_bytes("path,label\na.png,二\n".encode("gbk"))
    with pytest.raises(ValueError, match="save it as such, in a spreadsheet as 'CSV UTF-8'"):
        read_entries(tmp_path / "labels.csv")


@pytest.mark.parametrize(("name", "text"), [("labels.csv", ";;\n;;\n"), ("labels.tsv", ",,\n")])
def test_a_table_of_separators_alone_is_refused(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=name):
        read_entries(tmp_path / name)
