import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.state.weights_file import read_weights, write_weights


def make_state():
    paddle.seed(1)
    return paddle.nn.Linear(2, 3).state_dict()


def test_weights_come_back_with_what_was_said_of_them(tmp_path):
    state = make_state()
    write_weights(tmp_path / "network.safetensors", state, epochs=3)
    found, about = read_weights(tmp_path / "network.safetensors")
    assert about == {"epochs": 3}
    assert {name: array.tolist() for name, array in found.items()} == {n: t.tolist() for n, t in state.items()}


def test_a_flipped_bit_is_found(tmp_path):
    path = tmp_path / "network.safetensors"
    write_weights(path, make_state())
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ValueError, match="train the network anew, or resume its training"):
        read_weights(path)


def test_what_paddle_saves_is_read_without_its_table_of_names(tmp_path):
    state = make_state()
    paddle.save(state, str(tmp_path / "network.pdparams"))
    found, about = read_weights(tmp_path / "network.pdparams")
    assert about == {}
    assert sorted(found) == sorted(state)
    np.testing.assert_array_equal(found["weight"], state["weight"].numpy())


def test_a_file_without_weights_is_refused(tmp_path):
    paddle.save({"epochs": 3}, str(tmp_path / "other.pdparams"))
    with pytest.raises(ValueError, match="holds no weights: `epochs` is no array"):
        read_weights(tmp_path / "other.pdparams")
