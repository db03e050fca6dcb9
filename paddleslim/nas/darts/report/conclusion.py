"""What a search came to, in sentences: whether it settled, whether it collapsed, what random cells are worth."""

from __future__ import annotations

import math
import types
from typing import NamedTuple

from ..strategy.stopping import find_rise
from .drawing import Cell
from .edges import collect_cells
from .recording import EpochRecord, Recording
from .rendering import spell_mean

__all__ = ["Remark", "conclude", "judge_divergence"]

REST = 0.2  # share of the epochs for which a genotype must have been the same, and two epochs at least
SKIPS = {True: 2, False: None}  # DARTS+ (Liang et al., 2019) of a normal cell; of a cell of another kind half its edges


class Remark(NamedTuple):
    """A sentence and whether it is 'good' news, a 'warn'ing, or 'plain'."""

    kind: str
    text: str


def conclude(recording: Recording, labels: dict[str, str]) -> list[Remark]:
    """Return what the page says at its top; nothing before the first epoch is done."""
    if len(recording.epochs) < 2:
        return []
    found = [judge_rest(recording, labels), judge_skips(recording, labels), judge_rise(recording, labels)]
    known = [remark for remark in [*found, judge_random(recording, labels)] if remark is not None]
    diverged = judge_divergence(recording.epochs[-1], labels)
    return [*diverged, *(remark for remark in known if not (diverged and remark.kind == "good"))]


def judge_divergence(last: EpochRecord, labels: dict[str, str]) -> list[Remark]:
    """Say, in a list, that a loss of the last epoch is not finite; then nothing else is good news."""
    losses = [last.figures.get(name, 0.0) for name in ("train_loss", "valid_loss")]
    finite = all(map(math.isfinite, losses))
    return [] if finite else [Remark("warn", labels["diverged"].format(last=last.epoch))]


def find_last_change(recording: Recording) -> int:
    """Return the epoch since which the genotype is that of the last one."""
    last = recording.epochs[-1]
    others = [record.epoch for record in recording.epochs if str(record.genotype) != str(last.genotype)]
    return others[-1] + 1 if others else recording.epochs[0].epoch


def judge_rest(recording: Recording, labels: dict[str, str]) -> Remark:
    """Say since when the genotype has not changed, and whether that is long enough to call the search settled."""
    last = recording.epochs[-1].epoch
    if recording.about.get("selected"):
        return Remark("plain", labels["selected"])
    since = find_last_change(recording)
    if since == 0:
        return Remark("warn", labels["never_changed"].format(last=last))
    settled = last - since >= max(2, math.ceil(REST * recording.num_epochs))
    text = labels["settled" if settled else "unsettled"].format(since=since, last=last)
    return Remark("good" if settled else "warn", text)


def judge_skips(recording: Recording, labels: dict[str, str]) -> Remark | None:
    """Say how many operations of the normal cell, or of the only one, are skip connections, and what that means."""
    cells = collect_cells(recording)[-1]
    cell: Cell | None = cells.get("normal") or next(iter(cells.values()), None)
    if cell is None or not cell.edges:
        return None
    skips, edges = sum(operation == "skip_connect" for operation, _, _ in cell.edges), len(cell.edges)
    collapsed = skips >= (SKIPS[cell.name == "normal"] or max(1, edges / 2))
    word = ("collapse" if collapsed else "no_collapse") + ("" if cell.name == "normal" else "_one")
    return Remark("warn" if collapsed else "good", labels[word].format(skips=skips, edges=edges))


def judge_rise(recording: Recording, labels: dict[str, str]) -> Remark | None:
    """Warn of an eigenvalue that rises as before a collapse (RobustDARTS), where it was computed."""
    done = [
        types.SimpleNamespace(epoch=record.epoch, eigenvalue=record.figures.get("eigenvalue"))
        for record in recording.epochs
        if record.epoch
    ]
    return Remark("warn", labels["rise"]) if find_rise(done) is not None else None


def judge_random(recording: Recording, labels: dict[str, str]) -> Remark | None:
    """Say how many random cells this genotype beats, where some were trained alike."""
    known = recording.about.get("random")
    if not known or not known["random"]:
        return None
    own, others = known["own"], known["random"]
    beaten = sum(own > other for other in others)
    text = labels["against_random"].format(own=f"{own:.2%}", beaten=beaten, count=len(others), mean=spell_mean(others))
    return Remark("good" if beaten == len(others) else "warn" if beaten <= len(others) / 2 else "plain", text)
