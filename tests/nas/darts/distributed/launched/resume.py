"""One rank of a launched search that may be killed and resumed; run by test_resume.py.

    resume.py FOLDER SETTINGS.json

Settings: `arguments` of `tests.searches.make_search`, `resume`, and `kill`: the step of epoch 1 at which every rank is
killed, the second one step earlier; or None. Or `cases`, the settings of several searches, each of which has the folder
of its name.
"""

import json
import os
import pathlib
import signal
import sys

from paddleslim.nas.darts import Callback
from tests.searches import make_search, summarize

RANK = int(os.environ.get("PADDLE_TRAINER_ID", 0))


class DieAt(Callback):
    on_every_rank = True

    def __init__(self, step):
        self.step = step

    def on_step_end(self, search, report):
        if (report.phase, report.epoch, report.step) == ("Train", 1, self.step):
            os.kill(os.getpid(), signal.SIGKILL)


class WriteNumber(Callback):
    """Write the process number of this rank to a file when the first step is done."""

    on_every_rank = True

    def __init__(self, folder):
        self.folder = folder

    def on_step_end(self, search, report):
        (self.folder / f"pid{RANK}").write_text(str(os.getpid()))


class TermAt(DieAt):
    """The first rank alone gets a SIGTERM, and all stop."""

    def on_step_end(self, search, report):
        if RANK == 0 and (report.phase, report.epoch, report.step) == ("Train", 1, self.step):
            signal.raise_signal(signal.SIGTERM)


def main(folder, settings):
    callbacks = [WriteNumber(folder)]
    if settings.get("kill") is not None:
        callbacks += [DieAt(settings["kill"] - RANK)]
    if settings.get("term") is not None:
        callbacks += [TermAt(settings["term"])]
    search = make_search(
        folder / "run", use_data_parallel=True, checkpoint_steps=1, callbacks=callbacks, **settings["arguments"]
    )
    search.train(resume=settings["resume"])
    state, epochs = summarize(search)
    content = {"state": {name: value.hex() for name, value in state.items()}, "epochs": epochs}
    (folder / f"end{RANK}.json").write_text(json.dumps(content))


if __name__ == "__main__":
    given = json.loads(pathlib.Path(sys.argv[2]).read_text())
    for name, case in given.get("cases", {"": given}).items():
        main(pathlib.Path(sys.argv[1], name), case)
