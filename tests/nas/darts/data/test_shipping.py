import collections
import dataclasses
from typing import Any

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.data.sendable import dump_batch, load_batch
from paddleslim.nas.darts.data.shipping import Layout, Shippable, receive, ship

IMAGE, DATES = np.arange(6, dtype="float32").reshape(2, 3), np.zeros(2, "datetime64[D]")


@dataclasses.dataclass
class Batch:
    image: Any
    names: list


def test_arrays_of_known_types_are_sent_beside_a_layout_of_all_the_rest():
    sent = ship((IMAGE, {"a": paddle.to_tensor(IMAGE), "b": DATES}, IMAGE[:0], "text"))
    assert [type(part) for part in sent] == [np.ndarray, np.ndarray, Layout]
    first, named, empty, text = receive(sent)
    np.testing.assert_array_equal(first, IMAGE)
    np.testing.assert_array_equal(named["a"], IMAGE)
    np.testing.assert_array_equal(named["b"], DATES)
    assert (empty.shape, text) == ([0, 3], "text")


def test_a_batch_without_arrays_is_sent_beside_one_of_its_own():
    sent = Shippable(lambda samples: samples)(["a", ("b", None)])
    assert [type(part) for part in sent] == [np.ndarray, Layout]
    assert receive(sent) == ["a", ("b", None)]


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32", "int8", "bool"])
def test_tensors_inside_of_objects_are_pickled_by_their_values(dtype):
    tensor = paddle.to_tensor([[0.0, 1.0, 2.0]]).astype(dtype)
    found = load_batch(dump_batch(Batch(tensor, ["a"])))
    assert (found.image.dtype, found.image.shape, found.names) == (tensor.dtype, [1, 3], ["a"])
    np.testing.assert_array_equal(found.image.astype("float32"), tensor.astype("float32"))


def test_a_named_tuple_of_a_function_is_made_anew():
    fields = collections.namedtuple("Fields", "image label")
    found = load_batch(dump_batch([fields(IMAGE, 3)]))[0]
    np.testing.assert_array_equal(found.image, IMAGE)
    assert (found.label, type(found).__name__) == (3, "Fields")


def test_what_cannot_be_sent_leaves_the_name_of_its_type():
    found = load_batch(
        dump_batch({"image": IMAGE, "function": lambda: 0, "several": [(open, {0: (x for x in IMAGE)})]})
    )
    np.testing.assert_array_equal(found["image"], IMAGE)
    assert found["function"].type_name == "function"
    assert (found["several"][0][0], found["several"][0][1][0].type_name) == (open, "generator")
