"""The shape of what a checkpoint holds of a loop, checked before a run resumes from it."""

from __future__ import annotations

from ..state.schema import ANY, NUMBER, Each, Maybe, check_shape

__all__ = ["check_record"]

MOST = 10**12  # steps of an epoch
MAYBE = (*NUMBER, type(None))
REPORT = {
    **{"epoch": int, "steps": int, "learning_rate": NUMBER, "train_loss": MAYBE, "train_accuracy": MAYBE},
    "genotype": ANY,
    **dict.fromkeys(("valid_loss", "valid_accuracy", "entropy", "eigenvalue"), Maybe(NUMBER)),
    **dict.fromkeys(("skips_normal", "skips_reduce"), Maybe(int)),
    "method": Maybe(dict),
    **dict.fromkeys(("train_metrics", "valid_metrics"), Maybe(Each(MAYBE))),
}
READER = {"first": (str, type(None)), "latest": (str, type(None)), "longest": int}
RECORD = {
    **{"epoch": int, "step": int, "samples": int, "steps_per_epoch": MAYBE, "epoch_rate": MAYBE},
    **{"learning_rate": MAYBE, "seeds": [int], "readers": Each(READER), "history": [REPORT], "callbacks": [list]},
    **{"task": dict, "settings": dict, "frozen": Maybe([[str]])},
    **{"objects": Maybe(dict), "code": Maybe(Each((dict, type(None))))},
}


def check_record(state):
    """Raise a ValueError that says where `state` is not what a loop's `get_state` returns."""
    try:
        check_shape(state, RECORD, "loop")
    except ValueError as error:
        raise ValueError(f"it does not hold what a checkpoint of this release does ({error})") from error
    numbers = [report["epoch"] for report in state["history"]]
    if numbers != list(range(state["epoch"])) or not 0 <= state["step"] <= MOST or state["samples"] < 0:
        raise ValueError(
            f"`loop` is at epoch {state['epoch']}, step {state['step']}, and has reports of the epochs {numbers[:10]}"
        )
