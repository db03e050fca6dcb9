"""Record the cases of this folder under Paddle 1.8.5.

Python 3.8, `pip install paddlepaddle==1.8.5 "protobuf<3.21" paddleslim==1.1.1`, then, from the root of the repository:

    python tests/fluid/recorded/record.py [functions layers ... variables]

writes `<cases>.npz` beside the cases. A case that 1.8.5 itself refuses is printed and left out. `variables` writes the
folder of that name with `fluid.io.save_vars`.
"""

import importlib
import os
import sys

import numpy as np
import paddle
import paddle.fluid as fluid

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")


def record(module_name):
    package = importlib.import_module("tests.fluid.recorded." + module_name)
    inputs = importlib.import_module("tests.fluid.recorded.evaluation").Inputs
    arrays = {}
    for name, run in package.CASES.items():
        try:
            with fluid.dygraph.guard(fluid.CPUPlace()):
                results = run(fluid, inputs(name))
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {str(error).strip().splitlines()[-1][:150]}")
            continue
        arrays.update({f"{name}/{key}": np.asarray(value) for key, value in results.items()})
    np.savez(os.path.join(HERE, module_name + ".npz"), **arrays)


def record_variables():
    """Save three variables, each in a file of its own and all in one."""
    with fluid.program_guard(fluid.Program(), fluid.Program()):
        shapes = {"weight": [2, 3], "bias": [3]}
        variables = [
            fluid.layers.create_parameter(
                shape, "float32", name, default_initializer=fluid.initializer.NumpyArrayInitializer(ramp(shape))
            )
            for name, shape in shapes.items()
        ]
        variables.append(fluid.layers.create_global_var([2, 1], 7, "int64", persistable=True, name="counts"))
        executor = fluid.Executor(fluid.CPUPlace())
        executor.run(fluid.default_startup_program())
        for filename in (None, "together"):
            fluid.io.save_vars(executor, os.path.join(HERE, "variables"), vars=variables, filename=filename)


def ramp(shape):
    return (np.arange(np.prod(shape)).reshape(shape) / 8 - 0.25).astype("float32")


if __name__ == "__main__":
    if not paddle.__version__.startswith("1.8"):
        sys.exit(f"this records Paddle 1.8, not {paddle.__version__}")
    sys.path.insert(0, ROOT)
    for chosen in sys.argv[1:]:
        record_variables() if chosen == "variables" else record(chosen)
