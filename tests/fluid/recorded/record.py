"""Record the cases of this folder under Paddle 1.8.5.

Python 3.8, `pip install paddlepaddle==1.8.5 "protobuf<3.21" paddleslim==1.1.1`, then, from the root of the repository:

    python tests/fluid/recorded/record.py [functions layers ...]

writes `<cases>.npz` beside the cases. A case that 1.8.5 itself refuses is printed and left out.
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


if __name__ == "__main__":
    if not paddle.__version__.startswith("1.8"):
        sys.exit(f"this records Paddle 1.8, not {paddle.__version__}")
    sys.path.insert(0, ROOT)
    for chosen in sys.argv[1:]:
        record(chosen)
