"""What a supernet must offer, and how its parameters part into weights and alphas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from paddle import nn

from ....common.dygraph_mode import check_dygraph_mode
from ....common.log_helper import package_logger
from ..genotype.supernet_attributes import check_genotype_attributes, has_own_genotype, require

__all__ = ["check_supernet", "list_alphas", "split_parameters"]

logger = package_logger(__name__)

NEEDED = {
    "arch_parameters": "a method that returns the list of architecture parameters (alphas)",
    "_loss": "a method `_loss(image, label)` that returns the scalar loss of a batch",
}


def check_supernet(supernet, with_loss=True):
    """Raise unless `supernet` offers all that a search and its genotype need.

    Args:
        supernet: the supernet.
        with_loss: False where no architecture step is taken, which alone needs `_loss`.

    Raises:
        TypeError: it is no `paddle.nn.Layer`, or its `arch_parameters` returns no list of parameters.
        AttributeError: something is missing; the message names it and what it should hold.
    """
    check_dygraph_mode()
    if not isinstance(supernet, nn.Layer):
        raise TypeError(f"the supernet must be a paddle.nn.Layer, got {type(supernet).__name__}")
    require(supernet, {name: holds for name, holds in NEEDED.items() if with_loss or name != "_loss"}, "a search")
    listed = check_alphas(supernet)
    if not split_parameters(supernet)[1]:
        logger.warning("arch_parameters() returns no parameter that can be trained; the weights are trained alone")
    if len({id(alpha) for alpha in listed}) < len(listed):
        logger.warning("arch_parameters() lists a parameter more than once; each is updated once a step")
    if not has_own_genotype(supernet):
        check_genotype_attributes(supernet)
        if supernet._method not in ("DARTS", "PC-DARTS"):
            logger.warning("_method %r has no meaning of its own and is read as 'DARTS'", supernet._method)


def check_alphas(supernet):
    """Return what `arch_parameters()` lists, or raise a TypeError unless these are tensors, the same in each call."""
    if not callable(supernet.arch_parameters):
        raise TypeError(
            f"arch_parameters must be {NEEDED['arch_parameters']}, it is {type_of(supernet.arch_parameters)}"
        )
    found = supernet.arch_parameters()
    if not isinstance(found, Iterable) or isinstance(found, (Mapping, str)) or hasattr(found, "stop_gradient"):
        raise TypeError(f"arch_parameters() must return a list of parameters, it returned {type_of(found)}")
    listed = list(found)
    for i, alpha in enumerate(listed):
        if not hasattr(alpha, "stop_gradient"):
            raise TypeError(f"arch_parameters()[{i}] must be a parameter, it is {type_of(alpha)}")
    for i, (alpha, again) in enumerate(zip(listed, supernet.arch_parameters())):
        if alpha is not again:
            raise TypeError(
                f"arch_parameters()[{i}] is another tensor in each call, so that nothing would train it; return the "
                "parameters themselves"
            )
    return listed


def type_of(value):
    return f"a {type(value).__name__}"


def split_parameters(supernet):
    """Return the trainable weights and the trainable alphas of `supernet`, as two lists.

    The alphas are what `supernet.arch_parameters()` returns: identity decides, not names.
    """
    alphas = list_alphas(supernet)
    of_alphas = {id(alpha) for alpha in alphas}
    weights = [p for p in supernet.parameters() if id(p) not in of_alphas and not p.stop_gradient]
    return weights, [alpha for alpha in alphas if not alpha.stop_gradient]


def list_alphas(supernet):
    """Return all alphas of `supernet`, each once, those that are frozen at present among them."""
    return list({id(alpha): alpha for alpha in supernet.arch_parameters()}.values())
