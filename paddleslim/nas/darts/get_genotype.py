"""`get_genotype` and `Genotype`, where PaddleSlim 1.1 has them."""

from .genotype.derivation import Genotype, get_genotype

__all__ = ["Genotype", "get_genotype"]
