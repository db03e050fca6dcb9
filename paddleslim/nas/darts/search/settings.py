"""Every setting of a search: its default, its check, its help and its option, once."""

from __future__ import annotations

import dataclasses
from typing import Any

from ....common.checks import Choice, Count, Factor, Flag, Pair, Rate
from ..strategy.names import DIFFERENCES
from ..strategy.stopping import STOPPING_RULES
from ..training.settings import RunSettings, setting

PLAIN = "plain"  # a virtual step without momentum and decay

__all__ = ["POSITIONAL", "SearchSettings"]

# The arguments of PaddleSlim 1.1's DARTSearch behind model, readers and place, in their order.
POSITIONAL = (
    "learning_rate",
    "batchsize",
    "num_imgs",
    "arch_learning_rate",
    "unrolled",
    "num_epochs",
    "epochs_no_archopt",
    "use_multiprocess",
    "use_data_parallel",
    "save_dir",
    "log_freq",
)


def check_strategy(name, value):
    """Check of the setting `strategy`, see `find_strategy`, which needs Paddle."""
    from ..strategy.methods import find_strategy

    return find_strategy(value)


@dataclasses.dataclass(frozen=True)
class SearchSettings(RunSettings):
    """The settings of a search; those of PaddleSlim 1.1 have its defaults."""

    learning_rate: float = setting(
        0.025,
        Rate(),
        "Learning rate of the weights at the start; it follows a cosine over `num_epochs` virtual epochs "
        "of `int(num_imgs * 0.5 / (batchsize * ranks))` steps.",
        "--learning-rate",
        True,
        short="Learning rate of the weights at the start; it falls along a cosine.",
    )
    batchsize: int = setting(
        64,
        Count(),
        "Samples in a batch, for the length of a virtual epoch.",
        "--batch-size",
        True,
        short="Images in a batch.",
    )
    num_imgs: int = setting(
        50000, Count(), "Training and validation images together, for the length of a virtual epoch.", None, True
    )
    arch_learning_rate: float = setting(
        3e-4,
        Rate(),
        "Learning rate of the alphas, constant.",
        "--arch-learning-rate",
        True,
        short="Learning rate of the alphas.",
    )
    unrolled: bool = setting(
        False, Flag(), "True for the second-order hypergradient, False for the first-order one.", None, True
    )
    num_epochs: int = setting(
        50, Count(), "Number of epochs; one ends with the shorter reader.", "--epochs", True, short="Number of epochs."
    )
    epochs_no_archopt: int = setting(
        0,
        Count(0),
        "How many epochs at the start leave the alphas alone.",
        "--epochs-no-archopt",
        True,
        short="Epochs at the start that train the weights alone, and leave the alphas as they are.",
    )
    learning_rate_end: float = setting(
        0.0,
        Factor(),
        "Learning rate of the weights that the cosine falls to.",
        "--learning-rate-end",
        True,
        short="Learning rate of the weights at the end of that cosine.",
    )
    momentum: float = setting(0.9, Factor(), "Momentum of the weights' optimizer.", "--momentum", True)
    nesterov: bool = setting(
        False, Flag(), "Whether that momentum is Nesterov's.", "--nesterov", True, short="Use Nesterov's momentum."
    )
    weight_decay: float = setting(
        3e-4, Factor(), "L2 decay of the weights, added after clipping.", "--weight-decay", True
    )
    grad_clip: float | None = setting(
        5.0,
        Rate(),
        "Limit of the global norm of the weights' gradients (None: no limit).",
        "--grad-clip",
        True,
        optional=True,
        short="Limit of the global norm of the weights' gradients.",
    )
    arch_betas: tuple = setting(
        (0.5, 0.999),
        Pair(Factor(), ("beta 1", "beta 2")),
        "Betas of the alphas' Adam.",
        "--arch-betas",
        True,
        short="The two betas of Adam, the optimizer of the alphas.",
    )
    arch_weight_decay: float = setting(1e-3, Factor(), "L2 decay of the alphas.", "--arch-weight-decay", True)
    virtual_step: str = setting(
        "optimizer",
        Choice(("optimizer", PLAIN)),
        "Of the second order: 'optimizer' for a step of SGD with momentum, as the weights take, or 'plain' for "
        "`w - xi grad` beside an optimizer of another kind.",
        None,
        True,
    )
    strategy: Any = setting(
        None,
        check_strategy,
        "The search method: a `Strategy`, or the name of one; plain DARTS if None.",
    )
    difference: str = setting(
        "central",
        Choice(DIFFERENCES),
        "Of the second order: 'central' as published, or 'forward' with one pass less, see `second_order`.",
        "--difference",
        True,
        short="Finite difference of --order 2: central, as published, or forward, which takes one pass less.",
    )
    eigenvalue_freq: int | None = setting(
        None,
        Count(),
        "Epochs between two computations of the dominant eigenvalue of the validation Hessian in the "
        "alphas, which costs up to 40 gradients of the alphas each time (None: never, or 1 where a rule needs it).",
        "--eigenvalue-freq",
        short="Epochs between two computations of the largest eigenvalue of the Hessian of the validation loss in the "
        "alphas, whose rise announces a collapse.",
    )
    stop_on_collapse: str | None = setting(
        None,
        Choice(tuple(STOPPING_RULES), or_none=True),
        "'skips' to stop as soon as the normal cell holds two skip connections or "
        "more (DARTS+), 'eigenvalue' as soon as that eigenvalue has risen by a third in 5 epochs (RobustDARTS), either "
        "with the genotype from before; None to continue.",
        "--stop-on-collapse",
        short="Stop before the cells collapse into skip connections: skips, as soon as the normal cell has two; "
        "eigenvalue, as soon as that eigenvalue has risen by a third in 5 epochs.",
    )
