"""Record the log lines of PaddleSlim 1.1.1's DARTSearch, in the environment of `record.py`.

    python tests/fluid/recorded/record_log.py

writes `log_<search>.txt` for each search of `scripts/logged_searches.py`.
"""

import logging
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")


class Lines(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def main():
    import paddle.fluid as fluid

    from paddleslim.nas.darts import DARTSearch, train_search

    # Only now: the repository has a package paddleslim of its own.
    sys.path.insert(0, ROOT)
    from tests.fluid.scripts.logged_searches import SEARCHES

    for name, make in SEARCHES.items():
        handler = Lines()
        train_search.logger.addHandler(handler)
        with fluid.dygraph.guard(fluid.CPUPlace()), tempfile.TemporaryDirectory() as folder:
            model, train_reader, valid_reader, arguments = make()
            DARTSearch(model, train_reader, valid_reader, fluid.CPUPlace(), save_dir=folder, **arguments).train()
        train_search.logger.removeHandler(handler)
        with open(os.path.join(HERE, "log_" + name + ".txt"), "w") as file:
            file.write("\n".join(handler.lines) + "\n")


if __name__ == "__main__":
    main()
