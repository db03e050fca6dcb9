"""Leave out what Paddle says to everybody: advice on compiling C++ extensions, and how batch norm counts."""

import warnings

__all__ = []

warnings.filterwarnings("ignore", "No ccache found")
# said of every batch norm, and true of every Paddle since 2.0
warnings.filterwarnings("ignore", "When training, we now always track global mean and variance")
