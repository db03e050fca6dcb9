"""`get_genotype` and `Genotype`, where PaddleSlim 1.1 has them."""

from .genotype.derivation import get_genotype
from .genotype.genotype import Genotype

__all__ = ["Genotype", "get_genotype"]
