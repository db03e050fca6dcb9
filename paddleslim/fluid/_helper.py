"""What `LayerHelper` and the `_helper` of a layer have in common: operators by name, and the variables they fill."""

from __future__ import annotations

import paddle

from ._operators import run_operator
from ._variable import as_variable

__all__ = ["OperatorHelper"]


class OperatorHelper:
    """Runs operators at once, where fluid entered them in a graph."""

    def append_op(self, type=None, inputs=None, outputs=None, attrs=None, stop_gradient=False, **kwargs):
        """Run an operator by its name, and leave its results in the variables given as outputs.

        Args:
            type: such as 'elementwise_add'.
            inputs, outputs: variables, or lists of them, by the operator's names for them, such as 'X' and 'Out'.
            attrs: its other arguments, by name.
            stop_gradient: True for results without a gradient.

        Raises:
            NotImplementedError: Paddle has dropped the operator.
        """
        run_operator(type, inputs, outputs, attrs, stop_gradient)

    def create_variable_for_type_inference(self, dtype="float32", stop_gradient=False, shape=None):
        """Return an empty variable, to be an output of `append_op`."""
        variable = as_variable(paddle.empty([0], dtype or "float32"))
        variable.stop_gradient = stop_gradient
        return variable

    def create_variable(self, dtype="float32", **kwargs):
        """Return an empty variable, to be an output of `append_op`."""
        return self.create_variable_for_type_inference(dtype)

    create_global_variable = create_variable
