"""What holds for all tests."""

import paddleslim  # noqa: F401  (before Paddle, see paddleslim.zlib_first)
