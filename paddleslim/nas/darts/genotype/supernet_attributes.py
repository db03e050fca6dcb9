"""What a supernet must offer for a genotype to be read from its alphas."""

from __future__ import annotations

import inspect

from paddle import nn

__all__ = ["check_genotype_attributes", "has_own_genotype", "require"]

NEEDED_FOR_GENOTYPE = {
    "_method": "'DARTS' or 'PC-DARTS'",
    "_steps": "the number of inner states of a cell, such as 4",
    "_multiplier": "how many of the last states a cell puts out, such as 4",
    "_primitives": "the names of the operations of an edge, in the order of the columns of the alphas",
    "alphas_normal": "the alphas of the normal cell, [edges, operations]",
    "alphas_reduce": "the alphas of the reduction cell, [edges, operations]",
}
NEEDED_FOR_PC_DARTS = {
    "betas_normal": "the edge weights of the normal cell, [edges]",
    "betas_reduce": "the edge weights of the reduction cell, [edges]",
}


def check_genotype_attributes(supernet):
    """Raise unless `supernet` offers what a genotype is read from; see `check_supernet`."""
    require(supernet, NEEDED_FOR_GENOTYPE, "a genotype (or offer a method `genotype()`)")
    if supernet._method == "PC-DARTS":
        require(supernet, NEEDED_FOR_PC_DARTS, "a PC-DARTS genotype")


def require(supernet, attributes, purpose):
    for name, holds in attributes.items():
        if not hasattr(supernet, name):
            raise AttributeError(
                f"{type(supernet).__name__} lacks `{name}`, needed for {purpose}; it should be {holds}"
            )


def has_own_genotype(supernet):
    """Return whether `supernet` has a method `genotype()` that needs no argument; an attribute of that name is none."""
    method = getattr(supernet, "genotype", None)
    if not callable(method) or isinstance(method, nn.Layer):
        return False
    try:
        inspect.signature(method).bind()
    except TypeError:
        return False
    except ValueError:  # some builtins have no signature
        pass
    return True
