"""`fluid.initializer`: how a parameter gets its first values."""

from __future__ import annotations

import contextlib

import numpy as np
import paddle

from . import _random
from ._absent import absent

__all__ = [
    "MSRA",
    "Bilinear",
    "BilinearInitializer",
    "Constant",
    "ConstantInitializer",
    "Initializer",
    "MSRAInitializer",
    "Normal",
    "NormalInitializer",
    "NumpyArrayInitializer",
    "TruncatedNormal",
    "TruncatedNormalInitializer",
    "Uniform",
    "UniformInitializer",
    "Xavier",
    "XavierInitializer",
]


class Initializer(paddle.nn.initializer.Initializer):
    """Base of all: `draw(shape)` returns the values; calling it with a parameter fills the parameter."""

    def __call__(self, param, block=None):
        values = np.asarray(self.draw(list(param.shape)))
        with paddle.no_grad():
            # Through float32: numpy has no bfloat16, and fluid drew in float32.
            paddle.assign(paddle.to_tensor(values).cast(param.dtype), param)
        return param

    def draw(self, shape):
        raise NotImplementedError(f"{type(self).__name__} needs a method `draw(shape)` that returns an array")


class Constant(Initializer):
    """One value everywhere."""

    def __init__(self, value=0.0, force_cpu=False):
        self.value = value

    def draw(self, shape):
        return np.full(shape, self.value)


class Uniform(Initializer):
    """Uniform between `low` and `high`; with `diag_num`, `diag_val` at `diag_num` places `diag_step + 1` apart."""

    def __init__(self, low=-1.0, high=1.0, seed=0, diag_num=0, diag_step=0, diag_val=1.0):
        if high < low:
            raise ValueError(f"high must not be below low, got low={low} and high={high}")
        self.low, self.high, self.seed = low, high, seed
        self.diag_num, self.diag_step, self.diag_val = diag_num, diag_step, diag_val

    def draw(self, shape):
        values = _random.uniform(shape, self.low, self.high, self.seed)
        diagonal = np.arange(self.diag_num)
        values.reshape(-1)[diagonal * self.diag_step + diagonal] = self.diag_val
        return values


class Normal(Initializer):
    """Normal with mean `loc` and standard deviation `scale`."""

    def __init__(self, loc=0.0, scale=1.0, seed=0):
        self.loc, self.scale, self.seed = loc, scale, seed

    def draw(self, shape):
        return _random.normal(shape, self.loc, self.scale, self.seed)


class TruncatedNormal(Normal):
    """Normal, cut off two standard deviations from the mean."""

    def draw(self, shape):
        return _random.truncated_normal(shape, self.loc, self.scale, self.seed)


def compute_fans(shape):
    """Return how many inputs and outputs one unit of a weight of this shape has: `[in, out]`, `[out, in, ...]`."""
    if len(shape) < 2:
        length = shape[0] if shape else 1
        return length, length
    if len(shape) == 2:
        return shape[0], shape[1]
    window = int(np.prod(shape[2:]))
    return shape[1] * window, shape[0] * window


class Xavier(Initializer):
    """Variance 2 / (fan_in + fan_out) (Glorot and Bengio, 2010)."""

    def __init__(self, uniform=True, fan_in=None, fan_out=None, seed=0):
        self.uniform, self.fan_in, self.fan_out, self.seed = uniform, fan_in, fan_out, seed

    def draw(self, shape):
        fan_in, fan_out = compute_fans(shape)
        fan_in = fan_in if self.fan_in is None else self.fan_in
        fan_out = fan_out if self.fan_out is None else self.fan_out
        if self.uniform:
            limit = np.sqrt(6.0 / (fan_in + fan_out))
            return _random.uniform(shape, -limit, limit, self.seed)
        return _random.normal(shape, 0.0, np.sqrt(2.0 / (fan_in + fan_out)), self.seed)


class MSRA(Initializer):
    """Variance 2 / fan_in, for layers before a ReLU (He et al., 2015)."""

    def __init__(self, uniform=True, fan_in=None, seed=0):
        self.uniform, self.fan_in, self.seed = uniform, fan_in, seed

    def draw(self, shape):
        fan_in = compute_fans(shape)[0] if self.fan_in is None else self.fan_in
        if self.uniform:
            limit = np.sqrt(6.0 / fan_in)
            return _random.uniform(shape, -limit, limit, self.seed)
        return _random.normal(shape, 0.0, np.sqrt(2.0 / fan_in), self.seed)


class Bilinear(Initializer):
    """Weights with which a transposed convolution interpolates, nearly bilinearly; square windows only."""

    def draw(self, shape):
        if len(shape) != 4 or shape[2] != shape[3]:
            raise ValueError(f"Bilinear needs a weight [out, in, k, k], got shape {shape}")
        size = shape[3]
        factor = np.ceil(size / 2.0)
        center = (2 * factor - 1 - factor % 2) / (2.0 * factor)
        place = np.arange(np.prod(shape))
        # Paddle 1.8 on Python 3 did not round the row down: place / size, not place // size.
        column, row = place % size, (place / size) % size
        weights = (1 - np.abs(column / factor - center)) * (1 - np.abs(row / factor - center))
        return weights.reshape(shape).astype(np.float32)


class NumpyArrayInitializer(Initializer):
    """The values of a numpy array of the parameter's shape."""

    def __init__(self, value):
        if not isinstance(value, np.ndarray):
            raise TypeError(f"NumpyArrayInitializer needs a numpy array, got {type(value).__name__}")
        self.value = value

    def draw(self, shape):
        return self.value.reshape(shape)


@contextlib.contextmanager
def init_on_cpu():
    """Do nothing: in static graphs of Paddle 1.5 it put first values on the CPU."""
    yield


def force_init_on_cpu():
    """Return False: nothing is forced to the CPU."""
    return False


ConstantInitializer = Constant
UniformInitializer = Uniform
NormalInitializer = Normal
TruncatedNormalInitializer = TruncatedNormal
XavierInitializer = Xavier
MSRAInitializer = MSRA
BilinearInitializer = Bilinear


__getattr__ = absent(__name__)
