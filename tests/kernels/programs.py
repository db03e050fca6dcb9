"""Running one kernel on numpy arrays."""

import numpy as np

from paddleslim.kernels.executor import CompiledProgram
from paddleslim.kernels.program import Operand, Program


def run_kernel(kernel, arrays, integers, per_image=(), images=1, terms=(), by_images=True):
    """Run `kernel` with one operand for each array; those named in `per_image` hold one image behind the other.

    `terms` are tuples of numbers of arrays, the operands of each term.
    """
    program = Program(images, tensors=len(arrays))
    program.phase(by_images)
    operands = [Operand(k, 0, array.size // images if k in per_image else 0) for k, array in enumerate(arrays)]
    own = [operand for k, operand in enumerate(operands) if not any(k in term for term in terms)]
    program.emit(kernel, tuple(own), *integers)
    for term in terms:
        program.emit(None, tuple(operands[k] for k in term))
    CompiledProgram(program, arrays[0].dtype.name)([array.ctypes.data for array in arrays])


def random(shape, dtype="float64", seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)
