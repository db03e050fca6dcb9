"""Run one computation and return all its numbers, under Paddle 1.8.5 and here alike.

Inputs are drawn from a numpy generator seeded with the name of the case, so only results are recorded.
"""

import zlib

import numpy as np


class Inputs:
    """Draws the inputs of a case."""

    def __init__(self, name):
        self.generator = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)

    def normal(self, *shape):
        return self.generator.randn(*shape).astype("float32")

    def positive(self, *shape):
        return self.generator.uniform(0.1, 0.9, shape).astype("float32")

    def probabilities(self, *shape):
        raw = self.generator.uniform(0.1, 1.0, shape)
        return (raw / raw.sum(-1, keepdims=True)).astype("float32")

    def integers(self, high, *shape):
        return self.generator.randint(0, high, shape).astype("int64")

    def truths(self, *shape):
        return self.generator.rand(*shape) > 0.5


def evaluate(fluid, function, arrays, parameters=(), constant=(), forward_only=False):
    """Return outputs and gradients of `function(*variables)` by name, as arrays.

    The scalar that is differentiated is the sum of all floating outputs, each weighted by a fixed pattern.

    Args:
        function: takes one variable for each of `arrays`, returns a variable or a list of them.
        parameters: `(name, parameter)` pairs whose gradients are wanted too.
        constant: numbers of the arrays that need no gradient.
        forward_only: no gradients at all.
    """
    variables = [fluid.dygraph.to_variable(array) for array in arrays]
    for number, (variable, array) in enumerate(zip(variables, arrays)):
        variable.stop_gradient = array.dtype.kind != "f" or number in constant
    outputs = function(*variables)
    outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    results = {f"out{i}": out.numpy() for i, out in enumerate(outputs)}
    for i, out in enumerate(outputs):
        results[f"shape{i}"] = np.array(out.shape)
    floats = [out for out in outputs if not out.stop_gradient and out.numpy().dtype == "float32"]
    scalars = [weighted_sum(fluid, out) for out in floats]
    if scalars and not forward_only:
        fluid.layers.sums(scalars).backward()
        for i, variable in enumerate(variables):
            if not variable.stop_gradient and variable.gradient() is not None:
                results[f"grad_in{i}"] = variable.gradient()
        for name, parameter in parameters:
            if parameter.trainable and parameter.gradient() is not None:
                results["grad_" + name] = parameter.gradient()
    return results


def weighted_sum(fluid, variable):
    """Return sum(variable * cos(0, 1, 2, ...)), so that no gradient is hidden by symmetry."""
    pattern = np.cos(np.arange(int(np.prod(variable.shape)))).reshape(variable.shape).astype("float32")
    return fluid.layers.reduce_sum(variable * fluid.dygraph.to_variable(pattern))


def fill_parameters(layer, inputs, scale=0.3):
    """Give every parameter of `layer` values drawn from `inputs`; those that start at one stay near it."""
    for name, parameter in layer.state_dict().items():
        shape = [int(length) for length in parameter.shape]
        values = scale * inputs.normal(*shape)
        if name.endswith("_variance"):
            values = 1 + np.abs(values)
        parameter.set_value(values.astype("float32"))
