"""One process of a launched command; Paddle's launcher runs this file as a script."""

import sys

if __name__ == "__main__":
    sys.path.pop(0)  # this folder, whose files are no modules of their own
    from paddleslim.nas.darts.__main__ import main

    main()
