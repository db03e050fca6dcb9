"""`paddle.compat`: its functions of Paddle 1.8, whatever today's Paddle has under that name."""

import subprocess
import sys

import paddle.compat as cpt
import pytest


def test_texts_and_bytes_become_each_other():
    assert (cpt.to_text(b"x"), cpt.to_text("x"), cpt.to_text(None), cpt.to_text(2.5)) == ("x", "x", None, 2.5)
    assert cpt.to_text(["a", b"b", None, 1]) == ["a", "b", None, 1]
    assert (cpt.to_text({b"a": "b"}), cpt.to_text({"a", b"b"}), cpt.to_text(("a", b"b"))) == (
        {"a": "b"},
        {"a", "b"},
        ("a", b"b"),
    )
    assert (cpt.to_bytes("x"), cpt.to_bytes(["a", b"b"]), cpt.to_bytes({"a"})) == (b"x", [b"a", b"b"], {b"a"})
    with pytest.raises(TypeError, match="to_bytes takes text or bytes, got int"):
        cpt.to_bytes(3)


def test_a_container_is_changed_itself_where_that_is_asked_for():
    names, table = ["a", b"b"], {b"a": "b"}
    assert cpt.to_text(names, inplace=True) is names
    assert cpt.to_text(table, inplace=True) is table
    assert (names, table) == (["a", "b"], {b"a": "b", "a": "b"})


def test_halves_are_rounded_away_from_zero():
    assert [cpt.round(x) for x in (0.5, 1.5, 2.5, -0.5, -1.5, 0)] == [1, 2, 3, -1, -2, 0]
    assert (cpt.round(2.675, 2), cpt.round(1234.5, -2), cpt.floor_division(-3, 2)) == (2.68, 1200, -2)
    assert (cpt.get_exception_message(ValueError("no")), cpt.long_type, cpt.int_type) == ("no", int, int)


@pytest.mark.parametrize("first", ["", "import paddle; ", "import paddle.fluid; "])
def test_it_is_found_without_and_after_fluid(first):
    code = (
        f"import paddleslim_fluid_hook; {first}import paddle.compat as c; print(c.to_text(b'x')); import paddle.fluid"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "x", done.stderr[-1500:]
