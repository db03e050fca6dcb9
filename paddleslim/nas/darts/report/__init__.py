"""Seeing a search or a retraining: reports, an animated picture, and dashboards."""

from typing import TYPE_CHECKING

from ....lazy import lazy_names

if TYPE_CHECKING:
    from .animation import write_animation
    from .dashboards import TensorBoard, VisualDL
    from .observer import Report
    from .page import render_report, write_report
    from .progress_bar import ProgressBar
    from .recording import EpochRecord, Recording
    from .recording_file import read_recording, write_recording
    from .retraining_page import render_training, write_training_report
    from .retraining_report import RetrainingReport
    from .training_record import TrainingRecord

__all__ = [
    "EpochRecord",
    "ProgressBar",
    "Recording",
    "Report",
    "RetrainingReport",
    "TensorBoard",
    "TrainingRecord",
    "VisualDL",
    "read_recording",
    "render_report",
    "render_training",
    "write_animation",
    "write_recording",
    "write_report",
    "write_training_report",
]

__getattr__, __dir__ = lazy_names(__name__)
