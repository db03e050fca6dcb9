"""The mixture of DrNAS: weights drawn from a Dirichlet distribution (Chen et al., 2021)."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
import paddle
from paddle.nn import functional as F

from ....extras import require

__all__ = ["Dirichlet", "concentration", "log_gamma_sample"]

SMALLEST = 1e-12  # concentration: the derivatives of its samples, up to log(u) / c^2, are still numbers of float32


@dataclasses.dataclass(frozen=True)
class Dirichlet:
    """Mix by a sample `p ~ Dirichlet(elu(a) + 1)` (DrNAS: Chen et al., 2021).

    p = g / sum(g) with `g_o ~ Gamma(c_o)`. A sample moves with the alphas as its quantile does: at fixed uniform noise
    u = F(g; c), F the distribution function, it is `dg/dc = - (dF/dc) / (dF/dg)` (implicit reparameterisation).
    """

    equation: ClassVar[str] = "p ~ Dirichlet(elu(a) + 1), reparameterised"
    samples: ClassVar[bool] = True

    def curves(self, progress):
        """Return what anneals, by name: nothing."""
        return {}

    def weights(self, alphas, progress, generator):
        """Return the weights of the operations, `[edges, operations]`.

        Args:
            alphas: `[edges, operations]`.
            progress: a `Progress`.
            generator: a `numpy.random.Generator`.
        """
        c = F.relu(alphas) + paddle.exp(paddle.clip(alphas, max=0.0))  # elu(a) + 1, also where that rounds to 0
        values, slopes = log_gamma_sample(c.numpy().astype("float64"), generator.random(c.shape))
        values = values - values.max(axis=-1, keepdims=True)  # softmax is the same, and float32 holds them
        values, slopes = (paddle.to_tensor(x.clip(-1e30, 1e30), dtype=alphas.dtype) for x in (values, slopes))
        # c - c is zero: the value is log g, its gradient in c the slope
        return F.softmax(values + slopes * (c - c.detach()))

    def strength(self, alphas):
        """Return the mean of the distribution, c / sum(c), of an array of alphas `[edges, operations]`."""
        c = concentration(alphas)
        return c / c.sum(axis=-1, keepdims=True)


def concentration(alphas):
    """Return elu(a) + 1 of an array, at least `SMALLEST`."""
    return np.maximum(np.maximum(alphas, 0) + np.exp(np.minimum(alphas, 0)), SMALLEST)


def log_gamma_sample(c, uniform):
    """Return log g with F(g; c) = uniform, the logarithm of a sample of Gamma(c), and its derivative in c.

    Args:
        c: concentrations, a float64 array.
        uniform: numbers in [0, 1) of the same shape.
    """
    special = import_special()
    c = np.maximum(c, SMALLEST)
    uniform = np.clip(uniform, 1e-300, 1 - 2.0**-53)
    # F(g; c) -> g^c / Gamma(c + 1) as g -> 0, where g itself may be too small for a float
    log_g = (np.log(uniform) + special.gammaln(c + 1)) / c
    slope = (special.digamma(c + 1) - log_g) / c
    regular = log_g > np.log(1e-10)
    shape, u = c[regular], uniform[regular]
    g = special.gammaincinv(shape, u)
    log_density = (shape - 1) * np.log(g) - g - special.gammaln(shape)
    log_g[regular] = np.log(g)
    # d log g / dc = - (dF/dc) / (g dF/dg)
    slope[regular] = -distribution_slope(shape, g) * np.exp(-log_density - np.log(g))
    return log_g, slope


def distribution_slope(c, g):
    """Return dF(g; c)/dc by a central difference, of 1 - F where that is the smaller tail."""
    special = import_special()
    h = 1e-5 * np.minimum(c, 1.0)
    below = special.gammainc(c + h, g) - special.gammainc(c - h, g)
    above = special.gammaincc(c - h, g) - special.gammaincc(c + h, g)
    return np.where(special.gammainc(c, g) < 0.5, below, above) / (2 * h)


def import_special():
    """Return scipy's special functions, or raise an ImportError that says where they come from."""
    require("scipy", extra="cli", user="DrNAS")
    from scipy import special

    return special
