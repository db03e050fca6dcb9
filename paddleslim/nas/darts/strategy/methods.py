"""Search methods by name, with the settings of their papers."""

from __future__ import annotations

from typing import Any

from ....common.did_you_mean import did_you_mean
from .adversarial import Adversarial
from .beta_decay import BetaDecay
from .decaying_skip import WithDecayingSkip
from .dirichlet import Dirichlet
from .gumbel_softmax import GumbelSoftmax
from .hypergradient import FirstOrder, SecondOrder
from .operation_early_stopping import OperationEarlyStopping
from .perturbation import Perturbation
from .random_smoothing import RandomSmoothing
from .sigmoid import Sigmoid
from .stages import Stages
from .strategy import Strategy
from .threshold import Threshold
from .zero_one import ZeroOne

__all__ = ["METHODS", "find_strategy"]

METHODS: dict[str, Any] = {
    "darts": Strategy(),
    "darts-2nd": Strategy(hypergradient=SecondOrder()),
    "beta-darts": Strategy(penalties=[BetaDecay()]),
    "darts-minus": Strategy(mixture=WithDecayingSkip()),
    "drnas": Strategy(mixture=Dirichlet()),
    "drnas-two-stage": Strategy(mixture=Dirichlet(), stages=Stages()),
    "gdas": Strategy(mixture=GumbelSoftmax(hard=True)),
    "gumbel": Strategy(mixture=GumbelSoftmax()),
    "sdarts-rs": Strategy(weight_step=RandomSmoothing()),
    "sdarts-adv": Strategy(weight_step=Adversarial()),
    "fair-darts": Strategy(mixture=Sigmoid(), penalties=[ZeroOne()], selection=Threshold()),
    "darts-pt": Strategy(selection=Perturbation()),
    "oles": Strategy(weight_step=OperationEarlyStopping(), hypergradient=FirstOrder()),
}


def find_strategy(strategy):
    """Return the `Strategy` of that name, or `strategy` itself if it is one; plain DARTS for None.

    Raises:
        ValueError: no method has that name.
        TypeError: it is neither.
    """
    if strategy is None:
        return Strategy()
    if isinstance(strategy, str):
        if strategy not in METHODS:
            raise ValueError(
                f"strategy {strategy!r} is unknown; known are {', '.join(METHODS)}.{did_you_mean(strategy, METHODS)}"
            )
        return METHODS[strategy]
    if not isinstance(strategy, Strategy):
        raise TypeError(f"strategy must be a Strategy or one of {', '.join(METHODS)}, got {strategy!r}")
    return strategy
