"""Which parts of a strategy do not go together, and why."""

from __future__ import annotations

from .adversarial import Adversarial
from .beta_decay import BetaDecay
from .decaying_skip import WithDecayingSkip
from .dirichlet import Dirichlet
from .dirichlet_kl import DirichletKL
from .gumbel_softmax import GumbelSoftmax
from .hypergradient import SecondOrder
from .mixture import check_hook
from .operation_early_stopping import OperationEarlyStopping
from .operation_weights import OperationWeights
from .perturbation import Perturbation
from .random_smoothing import RandomSmoothing
from .sigmoid import Sigmoid
from .threshold import Threshold
from .zero_one import ZeroOne

__all__ = ["check_combination", "check_supernet_for"]


def check_combination(strategy):
    """Raise a ValueError, with the reason, where parts of a strategy do not go together."""
    for refuse in (refuse_penalties, refuse_weight_step, refuse_selection, refuse_stages):
        reason = refuse(strategy, operations_mixture(strategy.mixture))
        if reason:
            raise ValueError(reason)


def check_supernet_for(strategy, supernet):
    """Raise unless `supernet` offers what the parts of a strategy need of it.

    Raises:
        AttributeError: the supernet mixes its operations itself, or does not name the weights of its operations.
        ValueError: the supernet has no auxiliary skip connection.
        TypeError: the selection needs cells of DARTS.
    """
    check_hook(supernet, strategy.mixture)
    for part in (strategy.weight_step, strategy.selection):
        if getattr(part, "needs_hook", False):
            check_hook(supernet, part)
    if getattr(strategy.mixture, "needs_auxiliary_skip", False) and not getattr(supernet, "auxiliary_skip", False):
        raise ValueError(
            f"{type(strategy.mixture).__name__} weighs an auxiliary skip connection on every edge, which this "
            f"{type(supernet).__name__} does not have; build it with auxiliary_skip=True"
        )
    if strategy.stages is not None:
        check_stages(strategy.stages, supernet)
    if isinstance(strategy.selection, Threshold) and not hasattr(supernet, "_steps"):
        raise TypeError(
            f"Threshold chooses edges of the cells of DARTS, {type(supernet).__name__} has none; select by Strongest()"
        )
    if getattr(strategy.weight_step, "needs_operation_weights", False):
        OperationWeights(supernet)


def check_stages(stages, supernet):
    if not callable(getattr(supernet, "reshape", None)):
        raise AttributeError(
            f"{type(stages).__name__} prunes operations and widens cells, which {type(supernet).__name__} does not let "
            "it; search in a space of cells, such as pc-darts"
        )
    for stage in stages.stages:
        if stage.parts is not None:
            supernet.check_parts(stage.parts)


def operations_mixture(mixture):
    """Return the mixture of the operations, without an auxiliary skip connection around it."""
    return mixture.mixture if isinstance(mixture, WithDecayingSkip) else mixture


def refuse_penalties(strategy, mixture):
    name = type(mixture).__name__
    for penalty in strategy.penalties:
        if isinstance(penalty, BetaDecay) and isinstance(mixture, (Sigmoid, Dirichlet)):
            return f"BetaDecay keeps softmax(a) even, and {name} does not mix by softmax(a); leave it out"
        if isinstance(penalty, ZeroOne) and not isinstance(mixture, Sigmoid):
            return f"ZeroOne drives sigmoid(a) to 0 or 1, and {name} does not mix by sigmoid(a); give mixture=Sigmoid()"
        if isinstance(penalty, DirichletKL) and not isinstance(mixture, Dirichlet):
            return f"DirichletKL is of a Dirichlet distribution, and {name} is none; give mixture=Dirichlet()"
    return None


def refuse_weight_step(strategy, mixture):
    step = strategy.weight_step
    if isinstance(step, (RandomSmoothing, Adversarial)):
        if isinstance(mixture, Sigmoid):
            return f"{type(step).__name__} divides the weights of an edge by their sum; those of Sigmoid have none of 1"
        if isinstance(mixture, GumbelSoftmax) and mixture.hard:
            return (
                f"{type(step).__name__} moves the weights off zero and one, so that every operation would be computed; "
                "give GumbelSoftmax(hard=False)"
            )
    if isinstance(step, OperationEarlyStopping) and isinstance(strategy.hypergradient, SecondOrder):
        return (
            "OperationEarlyStopping is of first order: the virtual step of the second moves weights that rest; give "
            "hypergradient=FirstOrder()"
        )
    return None


def refuse_selection(strategy, mixture):
    if isinstance(strategy.selection, Threshold) and not isinstance(mixture, Sigmoid):
        return (
            f"Threshold asks each operation for a strength of its own, and those of {type(mixture).__name__} share a "
            "sum of 1; give mixture=Sigmoid() or selection=Strongest()"
        )
    if isinstance(strategy.selection, Perturbation) and isinstance(mixture, GumbelSoftmax) and mixture.hard:
        return (
            "Perturbation removes one operation among all that a supernet mixes, and that of GumbelSoftmax(hard=True) "
            "learned to compute one alone; give hard=False or selection=Strongest()"
        )
    return None


def refuse_stages(strategy, mixture):
    if strategy.stages is None:
        return None
    if isinstance(strategy.weight_step, OperationEarlyStopping):
        return (
            "OperationEarlyStopping freezes weights that a stage makes anew; leave one of both out: stages=None or "
            "weight_step=Unperturbed()"
        )
    if isinstance(strategy.selection, Perturbation):
        return (
            "Perturbation removes operations one by one from a supernet that has them all, and a stage has pruned some "
            "by their strength; give selection=Strongest() or stages=None"
        )
    return None
