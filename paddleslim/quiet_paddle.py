"""Import Paddle without its advice on compiling C++ extensions, which nobody who searches asked for."""

import warnings

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "No ccache found")
    import paddle  # noqa: F401

__all__ = []
