"""Seeing a search: its report, its animated picture, and dashboards."""

from typing import TYPE_CHECKING

from ....lazy import lazy_names

if TYPE_CHECKING:
    from .animation import write_animation
    from .dashboards import TensorBoard, VisualDL
    from .observer import Report
    from .page import render_report, write_report
    from .progress_bar import ProgressBar
    from .recording import EpochRecord, Recording, read_recording, write_recording

__all__ = [
    "EpochRecord",
    "ProgressBar",
    "Recording",
    "Report",
    "TensorBoard",
    "VisualDL",
    "read_recording",
    "render_report",
    "write_animation",
    "write_recording",
    "write_report",
]

__getattr__, __dir__ = lazy_names(__name__)
