import numpy as np
import pytest


def test_branches_are_python_s(fluid):
    layers = fluid.layers
    one, two = layers.fill_constant([1], "float32", 1), layers.fill_constant([1], "float32", 2)
    assert layers.cond(layers.less_than(one, two), lambda: "less", lambda: "more") == "less"
    assert layers.cond(one > two, lambda: "less") is None
    assert layers.case([(one > two, lambda: 1), (one < two, lambda: 2)]) == 2
    assert layers.case([(one > two, lambda: 1)], default=lambda: 3) == 3
    assert layers.switch_case(layers.cast(one, "int64"), {0: lambda: "a", 1: lambda: "b"}) == "b"
    assert layers.switch_case(layers.cast(two, "int64"), [lambda: "a", lambda: "b"]) == "b"


def test_a_loop_runs_while_its_condition_holds(fluid):
    i, end = fluid.layers.zeros([1], "int64"), fluid.layers.fill_constant([1], "int64", 5)
    (last,) = fluid.layers.while_loop(lambda i: fluid.layers.less_than(i, end), lambda i: [i + 2], [i])
    assert int(last) == 6


def test_arrays_are_lists_written_in_order(fluid):
    array = fluid.layers.create_array("float32")
    for i in range(2):
        fluid.layers.array_write(fluid.layers.fill_constant([1], "float32", i), i, array)
    assert float(fluid.layers.array_read(array, fluid.layers.ones([1], "int64"))) == 1
    assert int(fluid.layers.array_length(array)) == 2
    with pytest.raises(IndexError, match="in order"):
        fluid.layers.array_write(array[0], 5, array)


def test_outputs_are_written_in_place(fluid):
    x = fluid.dygraph.to_variable(np.array([1.0, 2.0], "float32"))
    out = fluid.layers.zeros([2], "float32")
    fluid.layers.assign(x, out)
    assert fluid.layers.increment(out, 1.0) is out
    assert out.numpy().tolist() == [2, 3]
    empty = fluid.layers.create_tensor("float32")
    fluid.layers.sums([x, x], out=empty)
    assert empty.numpy().tolist() == [2, 4]


def test_print_passes_its_input_on(fluid, capsys):
    x = fluid.layers.ones([1], "float32")
    assert fluid.layers.Print(x, message="now") is x
    assert capsys.readouterr().out.startswith("now name")


def test_a_number_out_of_range_has_no_one_hot_row(fluid):
    label = fluid.dygraph.to_variable(np.array([[1], [5]]))
    with pytest.raises(ValueError, match=r"outside \[0, 3\)"):
        fluid.layers.one_hot(label, 3)
    assert fluid.layers.one_hot(label, 3, allow_out_of_range=True).numpy().tolist() == [[0, 1, 0], [0, 0, 0]]
    assert fluid.one_hot(label, 6).shape == [2, 1, 6]


def test_ctc_needs_lengths(fluid):
    logits = fluid.layers.zeros([4, 1, 3], "float32")
    label = fluid.layers.ones([1, 2], "int32")
    with pytest.raises(ValueError, match="input_length and label_length"):
        fluid.layers.warpctc(logits, label)
    lengths = [fluid.layers.fill_constant([1], "int64", n) for n in (4, 1)]
    # Of 3^4 equally likely paths, 10 say "1": one run of ones in four places, blanks around it.
    loss = fluid.layers.warpctc(logits, label, input_length=lengths[0], label_length=lengths[1])
    np.testing.assert_allclose(loss.numpy(), [[-np.log(10 / 81)]], rtol=1e-5)
