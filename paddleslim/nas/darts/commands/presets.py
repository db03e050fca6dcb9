"""Settings of searches in the papers, as presets of `search`."""

from __future__ import annotations

import dataclasses
from typing import Any

from ..search.settings import SearchSettings

__all__ = ["COMMAND_DEFAULTS", "DEFAULT_METHOD", "SEARCH_PRESETS", "default_method", "use_preset"]

# What the command takes where no option is given: small enough for the CPU.
COMMAND_DEFAULTS = {
    **{field.name: field.default for field in dataclasses.fields(SearchSettings)},
    "num_epochs": 10,
    "arch_learning_rate": 3e-3,
    "valid_freq": 1,
    "log_freq": 10,
}

# What did best on the tabular benchmark (docs/en/truth.md, "Defaults").
DEFAULT_METHOD = "drnas"

SEARCH_PRESETS: dict[str, dict[str, Any]] = {
    # Liu et al. (2019), section 3.1 and appendix A.1.1
    "darts": {
        "space": "darts",
        "method": "darts",
        "epochs": 50,
        "batch_size": 64,
        "channels": 16,
        "layers": 8,
        "learning_rate": 0.025,
        "arch_learning_rate": 3e-4,
        "order": "2",
    },
    # Xu et al. (2020), section 4.2
    "pc-darts": {
        "space": "pc-darts",
        "method": "darts",
        "epochs": 50,
        "batch_size": 256,
        "channels": 16,
        "layers": 8,
        "learning_rate": 0.1,
        "arch_learning_rate": 6e-4,
        "epochs_no_archopt": 15,
    },
    # Dong and Yang (2020), appendix: the supernet of DARTS on the benchmark's skeleton
    "nas-bench-201": {
        "space": "nas-bench-201",
        "method": "darts",
        "epochs": 50,
        "batch_size": 64,
        "channels": 16,
        "layers": 5,
        "learning_rate": 0.025,
        "weight_decay": 5e-4,
        "arch_learning_rate": 3e-4,
    },
}


FIRST_ORDER = {**SEARCH_PRESETS["darts"], "order": "1"}
BENCHMARK = SEARCH_PRESETS["nas-bench-201"]
SEARCH_PRESETS.update(
    {
        # Ye et al. (2022): on the benchmark
        "beta-darts": {**BENCHMARK, "epochs": 100, "method": "beta-darts"},
        # Chen et al. (2021): on the benchmark
        "drnas": {**BENCHMARK, "epochs": 100, "method": "drnas"},
        # Chen et al. (2021), section 5.2: in the space of DARTS, whole networks, a quarter of the channels at the end
        "drnas-two-stage": {
            "space": "pc-darts",
            "epochs": 50,
            "batch_size": 64,
            "channels": 36,
            "layers": 20,
            "learning_rate": 0.1,
            "arch_learning_rate": 6e-4,
            "method": "drnas-two-stage",
        },
        # Dong and Yang (2019): on the benchmark
        "gdas": {**BENCHMARK, "epochs": 250, "method": "gdas", "learning_rate_end": 1e-3, "nesterov": True},
        # Chu et al. (2021), Chen and Hsieh (2020), Wang et al. (2021), Jiang et al. (2023): DARTS's settings
        **{
            name: {**FIRST_ORDER, "method": name}
            for name in ("darts-minus", "sdarts-rs", "sdarts-adv", "darts-pt", "oles")
        },
        # Chu et al. (2020), section 5
        "fair-darts": {
            **FIRST_ORDER,
            "batch_size": 128,
            "learning_rate": 0.005,
            "arch_learning_rate": 3e-3,
            "arch_betas": (0.9, 0.999),
            "method": "fair-darts",
        },
    }
)


def use_preset(context, parameter, name):
    """Take the settings of a preset as defaults, behind those of a configuration file."""
    if name is not None:
        context.default_map = {**SEARCH_PRESETS[name], **(context.default_map or {})}


def default_method(space):
    """Return the method of a search in a space, as `locate_space` returns it, where none is given.

    A supernet from a file of Python need not let a method mix its operations, which all but plain DARTS do.
    """
    return "darts" if ".py:" in space else DEFAULT_METHOD
