"""One process of a launched command; Paddle's launcher runs this file as a script."""

import signal
import sys

if __name__ == "__main__":
    sys.path.pop(0)  # this folder, whose files are no modules of their own
    from paddleslim.nas.darts.__main__ import main  # isort: skip
    import paddle  # noqa: F401

    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # in place of Paddle's, which prints a stack that says nothing
    main()
