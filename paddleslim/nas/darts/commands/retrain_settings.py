"""The retraining preset that fits, and what the command line changes of it."""

from __future__ import annotations

import dataclasses

from ..genotype.known import as_genotype
from ..genotype.nas_bench_201 import NASBench201Genotype
from ..retrain.settings import PRESETS, RetrainSettings

__all__ = ["choose_preset", "choose_settings"]


def choose_preset(genotype, data):
    """Return the name of a preset small enough for the CPU."""
    if isinstance(as_genotype(genotype), NASBench201Genotype):
        return "nas-bench-201-small"
    return "digits" if data == "digits" else "small"


def choose_settings(preset, options):
    """Return the `RetrainSettings` of a preset, but for the options that were given (are not None)."""
    names = [field.name for field in dataclasses.fields(RetrainSettings)]
    changes = {name: options[name] for name in names if options.get(name) is not None}
    return dataclasses.replace(PRESETS[preset], **changes)
