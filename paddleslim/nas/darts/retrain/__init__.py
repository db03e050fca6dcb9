"""The discrete network of a genotype: built, trained and measured."""

from .build import build_network
from .loop import Retraining, SaveNetwork
from .measure import Evaluation, count_multiply_adds, count_parameters, evaluate, measure_latency
from .nasbench201 import NASBench201Network
from .network import CellNetwork
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
