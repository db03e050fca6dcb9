"""Settings of searches in the papers, as presets of `search`."""

from __future__ import annotations

__all__ = ["SEARCH_PRESETS", "use_preset"]

SEARCH_PRESETS = {
    # Liu et al. (2019), section 3.1 and appendix A.1.1
    "darts": {
        "space": "darts",
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
        "epochs": 50,
        "batch_size": 64,
        "channels": 16,
        "layers": 5,
        "learning_rate": 0.025,
        "weight_decay": 5e-4,
        "arch_learning_rate": 3e-4,
    },
}


def use_preset(context, parameter, name):
    """Take the settings of a preset as defaults, behind those of a configuration file."""
    if name is not None:
        context.default_map = {**SEARCH_PRESETS[name], **(context.default_map or {})}
