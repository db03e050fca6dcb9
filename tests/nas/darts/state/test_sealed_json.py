import json
import pathlib

import pytest

from paddleslim.nas.darts.state.sealed_json import read_object, write_object

pytestmark = pytest.mark.any_paddle

CONTENT = {"path": pathlib.Path("x"), "numbers": [1, 0.1, None, float("inf")], "text": "é"}
READ = {**CONTENT, "path": "x"}


def test_an_object_comes_back_as_json_knows_it_however_it_is_laid_out(tmp_path):
    path = tmp_path / "a.json"
    write_object(path, CONTENT)
    assert read_object(path, {"text": str}) == READ
    other = dict(reversed(json.loads(path.read_text()).items()))
    path.write_text(json.dumps(other))
    assert read_object(path) == READ


def test_no_flipped_bit_is_overlooked(tmp_path):
    path = tmp_path / "a.json"
    write_object(path, CONTENT)
    whole = path.read_bytes()
    for place in range(len(whole)):
        for bit in (0, 1, 5):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << bit
            path.write_bytes(damaged)
            found, said = None, ""
            try:
                found = read_object(path)
            except ValueError as error:
                said = str(error)
            if found is None:
                assert str(path) in said
                assert "\n" not in said
            else:  # a space, or the name `sha256`
                assert {name: found[name] for name in READ} == READ


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 10**5, b'{"a":' * 10**5, b"9" * 10**5, b"{1"])
def test_what_is_no_such_file_is_named(content, tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"{path} is damaged or of something else: "):
        read_object(path)


def test_what_people_write_needs_no_checksum_but_a_wrong_one_is_refused(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"a": 1}')
    assert read_object(path, {"a": int}) == {"a": 1}
    path.write_text('{"a": 1, "sha256": "0"}')
    with pytest.raises(ValueError, match="does not match its checksum; if that is meant, remove its entry `sha256`"):
        read_object(path)
