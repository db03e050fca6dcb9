import numpy as np
import pytest

from paddleslim.nas.darts.data.array_files import check_expansion, read_npy, read_npz_arrays

pytestmark = pytest.mark.any_paddle

ARRAYS = {
    "floats": np.linspace(0, 1, 6, dtype=">f8").reshape(2, 3),
    "by_column": np.asfortranarray(np.arange(6, dtype=np.uint8).reshape(2, 3)),
    "point": np.array(3),
    "nothing": np.zeros([0, 4], "float32"),
    "texts": np.array(["a", "bc"]),
    "empty_texts": np.array(["", ""]),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_comes_back(name, tmp_path):
    np.save(tmp_path / "a.npy", ARRAYS[name])
    found = read_npy(tmp_path / "a.npy")
    assert found.dtype == ARRAYS[name].dtype
    np.testing.assert_array_equal(found, ARRAYS[name])


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_come_back_by_name(save, tmp_path):
    save(tmp_path / "a.npz", **ARRAYS)
    found = read_npz_arrays(tmp_path / "a.npz")
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize("content", [b"", b"text", b"\x93NUMPY\x03\x00" + bytes(9), b"PK\x03\x04" + bytes(40)])
@pytest.mark.parametrize("read", [read_npy, read_npz_arrays])
def test_a_file_of_something_else_is_named(read, content, tmp_path):
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.npz is damaged, or holds no array"):
        read(tmp_path / "a.npz")


def test_plain_images_may_expand_far_and_a_bomb_may_not():
    check_expansion(2**26, 1)
    check_expansion(2**30, 2**24)
    with pytest.raises(ValueError, match=r"its 1024 bytes expand to 134217728; if that is meant, write it without"):
        check_expansion(2**27, 2**10)
