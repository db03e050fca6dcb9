"""`fluid.io`: variables from files that Paddle 1.8 wrote."""

from pathlib import Path

import numpy as np
import paddle
import pytest

VARIABLES = Path(__file__).parent / "recorded" / "variables"
WEIGHT = np.arange(6, dtype="float32").reshape(2, 3) / 8 - 0.25


def make(fluid, **shapes):
    return [fluid.layers.create_parameter(shape, "float32", name) for name, shape in shapes.items()]


@pytest.mark.parametrize("filename", [None, "together"])
def test_variables_of_1_8_are_read_into_those_of_a_script(fluid, filename):
    weight, bias = make(fluid, weight=[2, 3], bias=[3])
    counts = fluid.layers.create_global_var([2, 1], 0, "int64", persistable=True, name="counts")
    fluid.io.load_vars(None, str(VARIABLES), vars=[weight, bias, counts], filename=filename)
    np.testing.assert_array_equal(weight.numpy(), WEIGHT)
    np.testing.assert_array_equal(bias.numpy(), [-0.25, -0.125, 0.0])
    assert counts.numpy().tolist() == [[7], [7]]


def test_a_predicate_chooses_the_variables(fluid):
    weight, other = make(fluid, weight=[2, 3], other=[2])
    before = other.numpy()
    fluid.io.load_vars(None, str(VARIABLES), vars=[weight, other], predicate=lambda var: var.name == "weight")
    np.testing.assert_array_equal(weight.numpy(), WEIGHT)
    np.testing.assert_array_equal(other.numpy(), before)


def test_a_layer_is_accepted_in_the_place_of_its_parameters(fluid):
    layer = fluid.dygraph.Linear(2, 3, fluid.ParamAttr("weight"), fluid.ParamAttr("bias"))
    fluid.io.load_vars(None, str(VARIABLES), layer, predicate=fluid.io.is_persistable)
    np.testing.assert_array_equal(layer.weight.numpy(), WEIGHT)


def test_variables_that_do_not_fit_change_nothing(fluid, tmp_path):
    weight, bias = make(fluid, weight=[3, 2], bias=[3])
    before = bias.numpy()
    with pytest.raises(ValueError, match=r"weight has shape \[3, 2\], its value \[2, 3\]"):
        fluid.io.load_vars(None, str(VARIABLES), vars=[bias, weight])
    np.testing.assert_array_equal(bias.numpy(), before)
    with pytest.raises(ValueError, match="holds 3 variables, but 1 are to be set"):
        fluid.io.load_vars(None, str(VARIABLES), vars=[bias], filename="together")
    with pytest.raises(AttributeError, match="static graphs"):
        fluid.io.load_vars(None, str(VARIABLES))
    (tmp_path / "bias").write_bytes((VARIABLES / "bias").read_bytes()[:-2])
    with pytest.raises(ValueError, match="ends before its last variable"):
        fluid.io.load_vars(None, str(tmp_path), vars=[bias])
    (tmp_path / "bias").write_text("other things")
    with pytest.raises(ValueError, match="no file of variables"):
        fluid.io.load_vars(None, str(tmp_path), vars=[bias])


def test_parameters_and_statistics_are_persistable(fluid):
    layer = fluid.dygraph.BatchNorm(2)
    assert all(map(fluid.io.is_persistable, [layer.weight, layer._mean]))
    assert fluid.io.is_persistable(fluid.layers.ones([1], "float32")) is False


def test_a_data_set_of_2020_is_loaded_in_batches(fluid):
    class Squares(fluid.io.Dataset):
        def __getitem__(self, number):
            return np.float32(number), np.int64(number * number)

        def __len__(self):
            return 5

    sampler = fluid.io.BatchSampler(dataset=Squares(), batch_size=2)
    loader = fluid.io.DataLoader(Squares(), batch_sampler=sampler, return_list=True)
    assert [batch[1].numpy().reshape(-1).tolist() for batch in loader] == [[0, 1], [4, 9], [16]]
    with pytest.raises(ValueError, match="either dataset or indices"):
        fluid.io.BatchSampler()
    assert isinstance(sampler, paddle.io.BatchSampler)
