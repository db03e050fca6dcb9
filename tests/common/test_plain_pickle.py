import collections
import io
import os
import pickle

import numpy as np
import paddle
import pytest

from paddleslim.common.plain_pickle import RefusedPickleError, read_plain_pickle

DATA = {
    "arrays": [np.arange(6).reshape(2, 3).astype(t) for t in ("<f4", ">f8", "i8", "u1", "?", "<f2", "c8")],
    "by column": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "empty": np.zeros([0, 3]),
    "point": np.array(2.0),
    "texts": np.array(["a", "bc"]),
    "scalar": np.float32(1.5),
    "plain": (1, 2.5, None, True, "text", b"bytes", {1, 2}, 1j),
    "ordered": collections.OrderedDict(a=1),
}


def equal(one, other):
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, dict):
        return type(one) is type(other) and list(one) == list(other) and all(equal(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)):
        return type(one) is type(other) and len(one) == len(other) and all(map(equal, one, other))
    return type(one) is type(other) and one == other


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_data_come_back_from_every_protocol(protocol):
    assert equal(read_plain_pickle("x", pickle.dumps(DATA, protocol)), DATA)


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_what_paddle_saves_comes_back(tmp_path, protocol):
    state = paddle.nn.Linear(2, 3).state_dict()
    for content in (state, {"nested": [dict(state)], "n": 3}):
        paddle.save(content, str(tmp_path / "a"), protocol=protocol)
        found = read_plain_pickle(tmp_path / "a")
        found = found if "n" not in content else found["nested"][0]
        for name, tensor in state.items():
            array = found[name][1] if isinstance(found[name], tuple) else found[name]
            np.testing.assert_array_equal(array, tensor.numpy())


def test_a_file_of_python_2_is_read_as_bytes():
    content = b"(dp0\nS'labels'\np1\n(lp2\nI3\nas."
    assert read_plain_pickle("x", content, "bytes") == {b"labels": [3]}


class Calls:
    """Becomes a call when it is unpickled."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def malicious(trace):
    """Return twenty pickles that would leave a file at `trace`, or do other harm, by name."""
    touch = f"open({str(trace)!r}, 'w')"
    found = {
        "os.system": Calls(os.system, f"touch {trace}"),
        "eval": Calls(eval, touch),
        "exec": Calls(exec, touch),
        "open": Calls(open, str(trace), "w"),
        "numpy's load": Calls(np.load, str(trace)),
        "getattr": Calls(getattr, "text", "upper"),
        "import": Calls(__import__, "antigravity"),
        "mkdir": Calls(os.mkdir, str(trace)),
        "a class of Paddle": Calls(paddle.load, str(trace)),
        "object array": np.array([Calls(os.system, f"touch {trace}")], dtype=object),
        "compound array": np.zeros(2, dtype=[("a", "i4")]),
        "date array": np.zeros(2, "M8[s]"),
        "a type": np.ndarray,
        "inside a container": {"a": [(1, Calls(eval, touch))]},
    }
    pickles = {name: pickle.dumps(value, 2) for name, value in found.items()}
    pickles["persistent"] = b"Pabc\n."
    pickles["extension"] = b"\x80\x02\x82\x01."
    pickles["dotted name"] = b"\x80\x04\x8c\x02os\x8c\x0bpath.exists\x93."
    pickles["object array by its bytes"] = b"\x80\x02cnumpy\ndtype\n(U\x02O8K\x00K\x01tR."
    pickles["deep"] = b"\x80\x02" + b"]" * 10**5 + b"a" * (10**5 - 1) + b"."
    pickles["changed dtype"] = (
        b"\x80\x02cnumpy\ndtype\n(U\x02i8K\x00K\x01tR(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb."
    )
    return pickles


def test_malicious_pickles_are_refused_by_name_and_nothing_of_them_runs(tmp_path):
    trace = tmp_path / "trace"
    pickles = malicious(trace)
    assert len(pickles) == 20
    for name, content in pickles.items():
        if name in ("changed dtype",):
            read_plain_pickle("x", content, "latin1")  # flags are not taken over: a plain dtype comes of it
            continue
        with pytest.raises(RefusedPickleError, match=r"^file "):
            read_plain_pickle("file", content, "latin1")
        assert not trace.exists(), name
    with pytest.raises(RefusedPickleError, match=r"file names posix\.system, which is not run; only arrays"):
        read_plain_pickle("file", pickles["os.system"])


def test_damaged_pickles_are_refused_or_read_and_nothing_else(tmp_path):
    content, rng = io.BytesIO(), np.random.default_rng(0)
    paddle.save(paddle.nn.Linear(3, 2).state_dict(), content)
    whole = content.getvalue()
    for _ in range(100):
        damaged = bytearray(whole)
        damaged[rng.integers(len(whole))] ^= 1 << int(rng.integers(8))
        said = ""
        try:
            read_plain_pickle("file", bytes(damaged[: int(rng.integers(1, len(whole)))]))
        except RefusedPickleError as error:
            said = str(error)
        assert "\n" not in said
