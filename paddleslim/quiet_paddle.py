"""Leave out Paddle's advice on compiling C++ extensions, which nobody who searches asked for."""

import warnings

__all__ = []

warnings.filterwarnings("ignore", "No ccache found")
