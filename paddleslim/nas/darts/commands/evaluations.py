"""What `evaluate` measured of a retrained network: a list in the folder of the run, and rows of its report."""

from __future__ import annotations

import pathlib
import shlex
from typing import Any

from ....common.log_helper import package_logger
from ..report.evaluations import add_evaluation
from ..state.atomic_file import clear_unfinished
from ..state.run_lock import reserved
from ..state.schema import NUMBER, Maybe
from ..state.sealed_json import read_object, write_object

__all__ = ["FILE", "describe_places", "keep_evaluation", "read_evaluations", "show_evaluations"]

logger = package_logger(__name__)

FILE = "evaluations.json"
MEASURED = {
    "when": str,
    "data": str,
    "device": str,
    "test_images": int,
    "test_accuracy": NUMBER,
    "test_top5_accuracy": Maybe(NUMBER),
    "test_loss": NUMBER,
    "latency_seconds": NUMBER,
}


def read_evaluations(run: pathlib.Path) -> list[dict[str, Any]]:
    """Return the evaluations in the folder of a run, the first one first; none where there is no file of them.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is damaged, or of something else.
    """
    path = run / FILE
    return read_object(path, {"evaluations": [MEASURED]})["evaluations"] if path.is_file() else []


def keep_evaluation(run: pathlib.Path, evaluation: dict[str, Any]) -> str | None:
    """Add an evaluation to those in the folder of a run; return why it could not be added, or None.

    What the training left there, and the evaluations before, stay as they are.
    """
    try:
        with reserved(run):
            clear_unfinished(run, [FILE])
            write_object(run / FILE, {"evaluations": [*read_evaluations(run), evaluation]})
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return None


def describe_places(run: pathlib.Path, evaluation: dict[str, Any]) -> str:
    """Add an evaluation that was kept to the report of the run as well, and return a sentence that says where it is."""
    page, kept = run / "report.html", f"These measures are in {run / FILE}"
    try:
        if page.is_file() and add_evaluation(page, evaluation):
            return f"{kept} and, as a row of the table of evaluations, in {page}."
        reason = f"{page} is not " + ("a report of this release" if page.is_file() else "there")
    except OSError as error:
        reason = f"{page} does not show them ({error.strerror})"
    remedy = f"paddleslim-darts retrain --resume --save-dir {shlex.quote(str(run))}"
    return f"{kept}; {reason}. `{remedy}` writes it anew, with all evaluations."


def show_evaluations(run: pathlib.Path) -> None:
    """Add the evaluations of a run to the report that a resumed training has written anew, or warn that it fails."""
    try:
        for evaluation in read_evaluations(run):
            add_evaluation(run / "report.html", evaluation)
    except (OSError, ValueError) as error:
        logger.warning("the report in %s does not show the evaluations: %s", run, error)
