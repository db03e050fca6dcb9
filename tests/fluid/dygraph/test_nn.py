"""What recorded numbers cannot show: derivatives that 1.8.5 got wrong, and arguments that cannot be used."""

import numpy as np
import pytest


def check_derivative(fluid, function, array, eps=1e-2):
    """Compare the gradient of sum(function(x) * pattern) with central differences."""

    def total(values):
        variable = fluid.dygraph.to_variable(values.astype("float32"))
        variable.stop_gradient = False
        out = function(variable)
        pattern = np.cos(np.arange(int(np.prod(out.shape)))).reshape(out.shape).astype("float32")
        return variable, fluid.layers.reduce_sum(out * fluid.dygraph.to_variable(pattern))

    variable, loss = total(array)
    loss.backward()
    for place in np.ndindex(*array.shape):
        shift = np.zeros_like(array)
        shift[place] = eps
        difference = (float(total(array + shift)[1]) - float(total(array - shift)[1])) / (2 * eps)
        assert variable.gradient()[place] == pytest.approx(difference, rel=2e-2, abs=2e-3)


def draw(*shape):
    return np.random.RandomState(2).randn(*shape).astype("float32")


def test_group_norm_without_scale_has_its_derivative(fluid):
    check_derivative(fluid, fluid.dygraph.GroupNorm(4, 2), draw(1, 4, 2, 1))


def test_the_nodes_of_a_tree_have_their_derivative(fluid):
    edges = fluid.dygraph.to_variable(np.array([[[1, 2], [1, 3], [3, 4]]], "int32"))
    layer = fluid.dygraph.TreeConv(2, 3, max_depth=3)
    check_derivative(fluid, lambda nodes: layer(nodes, edges), draw(1, 4, 2))


def test_spectral_norm_has_the_derivative_at_its_vectors(fluid):
    # With many iterations the vectors are the singular ones, at which sigma does not depend on them.
    layer = fluid.dygraph.SpectralNorm([3, 2], power_iters=60)
    check_derivative(fluid, layer, draw(3, 2), eps=1e-3)


def test_an_ignored_label_costs_nothing(fluid):
    x = fluid.dygraph.to_variable(draw(2, 3))
    x.stop_gradient = False
    label = fluid.dygraph.to_variable(np.array([[1], [2]]))
    loss = fluid.layers.softmax_with_cross_entropy(x, label, ignore_index=2)
    fluid.layers.reduce_sum(loss).backward()
    assert loss.numpy()[1] == 0
    assert (x.gradient()[1] == 0).all()
    assert (x.gradient()[0] != 0).all()


def test_noise_of_nce_is_the_same_for_a_seed(fluid):
    layer = fluid.dygraph.NCE(20, 3, num_neg_samples=5, seed=4, sampler="log_uniform")
    x, label = fluid.dygraph.to_variable(draw(2, 3)), fluid.dygraph.to_variable(np.array([[1], [7]]))
    np.testing.assert_array_equal(layer(x, label).numpy(), layer(x, label).numpy())
    weights = fluid.dygraph.to_variable(np.array([[1.0], [2.0]], "float32"))
    ratio = layer(x, label, weights).numpy() / layer(x, label).numpy()
    np.testing.assert_allclose(ratio, [[1], [2]], rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda d: d.Conv2D(3, 4, 3, groups=2), "divisible by groups, got 3 and 2"),
        (lambda d: d.Conv2D(3, 4, 3, param_attr=False), "needs its weight"),
        (lambda d: d.Conv2D(3, 4, [3, 3, 3]), "filter_size must be a number or 2"),
        (lambda d: d.Pool2D(), "pool_size must be given"),
        (lambda d: d.BatchNorm(3, bias_attr=False), "bias_attr must not be False"),
        (lambda d: d.PRelu("channel"), "with channel="),
        (lambda d: d.GRUUnit(9, activation="gelu"), "identity, sigmoid, tanh or relu, got 'gelu'"),
        (lambda d: d.NCE(5, 3, sampler="other"), "sampler must be"),
        (lambda d: d.MSELoss("median"), "reduction must be"),
        (lambda d: d.Dropout(1.5), "between 0 and 1, got 1.5"),
    ],
)
def test_an_argument_that_cannot_be_used_is_refused(fluid, make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make(fluid.dygraph)


def test_an_activation_must_be_known(fluid):
    layer = fluid.dygraph.Linear(1, 1, act="relu7")
    with pytest.raises(ValueError, match="got 'relu7'"):
        layer(fluid.layers.ones([1, 1], "float32"))


@pytest.mark.parametrize("samples", [1, 2])
def test_fc_multiplies_its_flattened_input(fluid, samples):
    array = np.random.RandomState(0).randn(2, 3, 4).astype("float32")
    layer = fluid.dygraph.FC("fc", 5, num_flatten_dims=samples, act="relu")
    out = layer(fluid.dygraph.to_variable(array))
    length = 12 if samples == 1 else 4
    assert layer.weight.shape == [length, 5]
    expected = np.maximum(array.reshape(-1, length) @ layer.weight.numpy() + layer.bias.numpy(), 0)
    assert out.shape == [*array.shape[:samples], 5]
    np.testing.assert_allclose(out.numpy().reshape(-1, 5), expected, atol=1e-5)
    assert len(layer.parameters()) == 2
    assert fluid.FC is fluid.dygraph.FC is fluid.dygraph.nn.FC
