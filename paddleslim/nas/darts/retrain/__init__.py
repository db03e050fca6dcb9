"""The discrete network of a genotype: built, trained and measured."""

from typing import TYPE_CHECKING

from ....lazy import lazy_names

if TYPE_CHECKING:
    from ..networks.build import build_network
    from ..networks.cell_network import CellNetwork
    from ..networks.measure import Evaluation, count_multiply_adds, count_parameters, evaluate, measure_latency
    from ..networks.nas_bench_201 import NASBench201Network
    from .retraining import Retraining, SaveNetwork
    from .run import prepare_retraining, retrain_genotype
    from .settings import PRESETS, RetrainSettings

__all__ = [
    "PRESETS",
    "CellNetwork",
    "Evaluation",
    "NASBench201Network",
    "RetrainSettings",
    "Retraining",
    "SaveNetwork",
    "build_network",
    "count_multiply_adds",
    "count_parameters",
    "evaluate",
    "measure_latency",
    "prepare_retraining",
    "retrain_genotype",
]

__getattr__, __dir__ = lazy_names(__name__)
