"""`fluid.dygraph.nn`: the layers."""

from .._absent import absent
from ._convolution import Conv2D, Conv2DTranspose, Conv3D, Conv3DTranspose
from ._linear import FC, BilinearTensorProduct, Dropout, Embedding, GRUUnit, Linear, Pool2D, PRelu
from ._loss import BCELoss, L1Loss, MSELoss, NLLLoss
from ._nce import NCE
from ._normalisation import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, SpectralNorm
from ._tree import TreeConv

__all__ = [
    "FC",
    "NCE",
    "BCELoss",
    "BatchNorm",
    "BilinearTensorProduct",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "Dropout",
    "Embedding",
    "GRUUnit",
    "GroupNorm",
    "InstanceNorm",
    "L1Loss",
    "LayerNorm",
    "Linear",
    "MSELoss",
    "NLLLoss",
    "PRelu",
    "Pool2D",
    "SpectralNorm",
    "TreeConv",
]
__getattr__ = absent(__name__)
