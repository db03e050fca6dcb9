"""A retraining as one HTML page that needs nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....common.types import FilePath
from ..state.atomic_file import write_text_atomically
from .conclusion import Remark, judge_divergence
from .curves import draw_curves, find_measure
from .data_sheet import to_source
from .downloads import link_csv, link_json
from .drawing import read_cells, write_cell
from .evaluations import FIRST as EVALUATIONS
from .labels import LABELS, find_language
from .outcomes import Outcomes
from .rendering import choose_commands, render_page, spell_count, spell_duration, spell_measures, spell_state
from .training_record import TrainingRecord

__all__ = ["render_training", "write_training_report"]

MATRIX = 25  # classes of a confusion matrix at most; of more the most frequent mistakes are listed
MISTAKES = 25
PREDICTIONS = 20_000  # rows of predictions that a page carries at most
GAP = 0.1  # between the accuracies of training and test that is worth a remark
TEST_LABELS = {"valid_loss": "test", "valid_accuracy": "test", "last_valid_accuracy": "test_accuracy"}


def write_training_report(path: FilePath, record: TrainingRecord, language: str = "en") -> None:
    """Write a `TrainingRecord` as a page; see `render_training`."""
    write_text_atomically(path, render_training(record, language))


def render_training(record: TrainingRecord, language: str = "en") -> str:
    """Return a `TrainingRecord` as the text of an HTML page.

    Args:
        record: a `TrainingRecord`.
        language: 'en' or 'zh_cn'.

    Raises:
        ImportError: jinja2 is not installed.
        ValueError: the language is unknown.
    """
    language = find_language(language)
    labels = LABELS[language]
    if record.tested:
        labels = {**labels, **{name: labels[word] for name, word in TEST_LABELS.items()}}
    outcomes = record.outcomes
    small = outcomes is not None and outcomes.num_classes <= MATRIX
    return render_page(
        "retraining.html",
        language,
        title=record.title,
        state=spell_state(record.state, labels),
        remarks=conclude_training(record, labels),
        tiles=list_tiles(record, labels),
        cells=draw_cells(record),
        curves=draw_curves(record, labels) if record.epochs else [],
        matrix=describe_matrix(record, labels) if small else None,
        mistakes=list_mistakes(record, MISTAKES if not small else 10),
        worst=[] if outcomes is None else list_worst(record),
        genotype=None if record.genotype is None else str(record.genotype),
        commands=choose_commands(record.state, record.commands, record.resume),
        downloads=list_downloads(record, labels),
        settings=record.settings,
        versions=record.versions,
        evaluations=EVALUATIONS,
    )


def conclude_training(record: TrainingRecord, labels: dict[str, str]) -> list[Remark]:
    """Return what the page says at its top: what was reached, whether it is worth anything, and what goes wrong."""
    outcomes = record.outcomes
    if not record.epochs:
        return []
    last = record.epochs[-1]
    numbers = {"done": last.epoch, "epochs": record.num_epochs}
    diverged = judge_divergence(last, labels)
    if outcomes is None or diverged:
        return diverged or judge_measure(last.figures, numbers, labels)
    accuracy, count = outcomes.accuracy, len(outcomes.true)
    chance, shown = 1 / outcomes.num_classes, f"{accuracy:.2%}"
    text = labels["tested"].format(accuracy=shown, count=count, chance=f"{chance:.1%}", **numbers)
    found = [Remark("plain", text)]
    majority = float(np.bincount(outcomes.true).max()) / count
    if accuracy <= majority:
        found.append(Remark("warn", labels["no_better_than_chance"].format(share=f"{majority:.1%}")))
    trained = last.figures.get("train_accuracy")
    if trained is not None and trained - accuracy > GAP:
        found.append(Remark("warn", labels["overfitted"].format(gap=f"{100 * (trained - accuracy):.1f}")))
    mistakes = outcomes.mistakes()
    if not mistakes:
        return [*found, Remark("good", labels["no_mistake"])]
    true, predicted, times = mistakes[0]
    names = {"true": record.name(true), "predicted": record.name(predicted)}
    total = int((outcomes.true == true).sum())
    return [*found, Remark("plain", labels["most_confused"].format(**names, count=times, total=total))]


def judge_measure(figures: dict[str, int | float], numbers: dict[str, int], labels: dict[str, str]) -> list[Remark]:
    """Return the sentence about a task without classes: its first metric, its accuracy, or its loss."""
    name = find_measure(figures)
    if name is None:
        return []
    if name == "valid_accuracy":
        return [Remark("plain", labels["validated"].format(accuracy=f"{figures[name]:.2%}", **numbers))]
    shown = name.partition("/")[2] or labels["loss"]
    return [Remark("plain", labels["measured"].format(name=shown, value=f"{figures[name]:.5g}", **numbers))]


def list_tiles(record: TrainingRecord, labels: dict[str, str]) -> list[tuple[str, str]]:
    """Return the figures at the top, as `(value, what it is)`."""
    result, spelled = record.result, spell_measures(record.result)
    last = record.epochs[-1].figures if record.epochs else {}
    # of five classes or fewer there is no top-5 accuracy
    tiles = [(spelled[name], labels[name]) for name in ("test_accuracy", "test_top5_accuracy") if name in spelled]
    measure = (find_measure(last) or "").partition("/")[2]
    if measure:
        tiles.append((f"{last[f'valid_metrics/{measure}']:.5g}", f"{labels['valid_accuracy']} {measure}"))
    if "test_accuracy" not in spelled and "valid_accuracy" in last:
        tiles.append((f"{last['valid_accuracy']:.2%}", labels["last_valid_accuracy"]))
    if "test_loss" in spelled:
        tiles.append((spelled["test_loss"], labels["test_loss"]))
    tiles += [(spell_count(result[n]), labels[n]) for n in ("parameters", "multiply_adds") if n in result]
    if "latency_seconds" in spelled:
        tiles.append((spelled["latency_seconds"], labels["latency"].format(device=record.device)))
    done = record.epochs[-1].epoch if record.epochs else 0
    tiles.append((f"{done} {labels['of']} {record.num_epochs}", labels["epochs"]))
    if record.epochs and record.epochs[-1].seconds:
        tiles.append((spell_duration(record.epochs[-1].seconds), labels["duration"]))
    return tiles


def draw_cells(record: TrainingRecord) -> dict[str, str]:
    """Return the pictures of the cells by name; none of a genotype that cannot be drawn."""
    try:
        return {cell.name: write_cell(cell) for cell in read_cells(record.genotype)}
    except (TypeError, ValueError):
        return {}


def describe_matrix(record: TrainingRecord, labels: dict[str, str]) -> dict[str, Any]:
    """Return the confusion matrix as rows of cells, each with its count, its colour and a title."""
    outcomes = record.outcomes
    if outcomes is None:
        return {}
    rows = []
    for true, counts in enumerate(outcomes.confusion().tolist()):
        total = sum(counts)
        cells = []
        for predicted, count in enumerate(counts):
            share = count / total if total else 0.0
            colour = share if true == predicted else min(4 * share, 1.0)  # a quarter of a class is a grave mistake
            words = {"true": record.name(true), "predicted": record.name(predicted), "share": f"{share:.1%}"}
            title = labels["cell_title"].format(count=count, total=total, **words)
            cells.append({"count": count, "colour": colour, "right": true == predicted, "title": title})
        recall = f"{counts[true] / total:.1%}" if total else "-"
        rows.append({"name": record.name(true), "cells": cells, "recall": recall})
    return {"names": [row["name"] for row in rows], "rows": rows}


def list_mistakes(record: TrainingRecord, count: int) -> list[dict[str, Any]]:
    """Return the most frequent mistakes, `count` of them at most, for a table."""
    outcomes = record.outcomes
    if outcomes is None:
        return []
    totals = np.bincount(outcomes.true, minlength=outcomes.num_classes)
    return [
        {"true": record.name(true), "predicted": record.name(predicted), "count": times, "total": int(totals[true])}
        for true, predicted, times in outcomes.mistakes()[:count]
    ]


def list_worst(record: TrainingRecord) -> list[dict[str, Any]]:
    """Return the samples that the network is worst at, each with its picture if there is one."""
    outcomes = record.outcomes
    if outcomes is None:
        return []
    return [
        {
            "number": i,
            "source": to_source(outcomes.pictures[i]) if i in outcomes.pictures else None,
            "true": record.name(int(outcomes.true[i])),
            "predicted": record.name(int(outcomes.predicted[i])),
            "probability": f"{outcomes.probability[i]:.1%}",
            "of_true": f"{outcomes.of_true[i]:.1%}",
            "right": bool(outcomes.true[i] == outcomes.predicted[i]),
        }
        for i in outcomes.worst
    ]


def list_downloads(record: TrainingRecord, labels: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return the files that the page carries, as `(name, what it is, data URI)`."""
    names = list(dict.fromkeys(name for epoch in record.epochs for name in epoch.figures))
    rows = [[e.epoch, e.seconds, *(e.figures.get(name) for name in names)] for e in record.epochs]
    plain = ("title", "settings", "versions", "num_epochs", "state", "result", "class_names")
    whole: dict[str, Any] = {name: getattr(record, name) for name in plain}
    whole["genotype"] = None if record.genotype is None else str(record.genotype)
    whole["epochs"] = [{"epoch": e.epoch, "seconds": e.seconds, **e.figures} for e in record.epochs]
    files = [("history.csv", labels["history_csv"], link_csv(["epoch", "seconds", *names], rows))]
    outcomes = record.outcomes
    if outcomes is not None:
        classes = [record.name(label) for label in range(outcomes.num_classes)]
        confusion = outcomes.confusion().tolist()
        whole["confusion"] = confusion
        table = [[name, *counts] for name, counts in zip(classes, confusion)]
        files.append(("confusion.csv", labels["confusion_csv"], link_csv([labels["true_class"], *classes], table)))
        if len(outcomes.true) <= PREDICTIONS:
            files.append(("predictions.csv", labels["predictions_csv"], link_predictions(record, outcomes)))
    return [*files, ("report.json", labels["all_json"], link_json(whole))]


def link_predictions(record: TrainingRecord, outcomes: Outcomes) -> str:
    """Return the data URI of a table of all samples."""
    columns = zip(outcomes.true, outcomes.predicted, outcomes.probability, outcomes.of_true)
    rows = (
        [number, record.name(int(true)), record.name(int(predicted)), f"{share:.6f}", f"{of_true:.6f}"]
        for number, (true, predicted, share, of_true) in enumerate(columns)
    )
    return link_csv(["number", "true", "predicted", "probability", "probability_of_true"], rows)
