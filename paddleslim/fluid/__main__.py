"""`python -m paddleslim.fluid script.py [arguments]`: run a script with `import paddle.fluid` at work, hook or not."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from paddleslim_fluid_hook import FluidFinder


def main(arguments):
    """Run the script named first, with the other arguments as its own.

    Returns:
        The exit status: 2 without a script.
    """
    if not arguments:
        print("usage: python -m paddleslim.fluid script.py [arguments]", file=sys.stderr)
        return 2
    if FluidFinder not in sys.meta_path:
        sys.meta_path.append(FluidFinder)
    sys.argv = arguments
    sys.path[0] = str(Path(arguments[0]).resolve().parent)
    runpy.run_path(arguments[0], run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
