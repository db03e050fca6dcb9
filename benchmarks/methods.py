"""Cost of a step of every search method, relative to a first-order step of DARTS; all take turns in one run.

    python benchmarks/methods.py
    python benchmarks/methods.py --channels 24 --methods darts drnas-two-stage

The two stages of DrNAS are two rows, in the space of PC-DARTS, whose channels must be a multiple of 12.
"""

import argparse
import statistics
import tempfile
import time

import paddleslim  # noqa: F401  (before Paddle)

import paddle  # isort: skip

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.search_space import SPACES
from paddleslim.nas.darts.strategy.methods import METHODS

LEFT_OUT = ("darts-pt", "drnas-two-stage")  # the steps of the first are those of darts; the second has its own channels
MIDDLE, OF_STAGES = 25, {"drnas-two-stage": (12, 40)}  # epochs of 50 in which alphas move


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--space", default="darts", choices=SPACES)
    parser.add_argument("--methods", nargs="+", default=[name for name in METHODS if name not in LEFT_OUT])
    options = parser.parse_args()
    batches = [make_batch(options.batch, seed) for seed in range(2)]
    places = [(name, epoch) for name in options.methods for epoch in OF_STAGES.get(name, (MIDDLE,))]
    rows = [name if epoch == MIDDLE else f"{name}, epoch {epoch}" for name, epoch in places]
    steps = {row: make_step(*place, options, batches) for row, place in zip(rows, places)}
    seconds = {name: [] for name in steps}
    processor = {name: [] for name in steps}
    for number in range(options.steps + 1):
        for name, step in steps.items():
            begin, begin_processor = time.perf_counter(), time.process_time()
            step(number)
            if number:  # the first compiles
                seconds[name].append(time.perf_counter() - begin)
                processor[name].append(time.process_time() - begin_processor)
    first = options.methods[0]
    print(f"| method | seconds a step | times {first} | processor seconds | times {first} |\n|---|---|---|---|---|")
    for name in steps:
        wall, used = statistics.median(seconds[name]), statistics.median(processor[name])
        ratios = wall / statistics.median(seconds[first]), used / statistics.median(processor[first])
        print(f"| {name} | {wall:.2f} | {ratios[0]:.2f} | {used:.2f} | {ratios[1]:.2f} |")


def make_batch(size, seed):
    paddle.seed(seed)
    return paddle.randn([size, 3, 32, 32]), paddle.randint(0, 10, [size, 1])


def make_step(name, epoch, options, batches):
    """Return a function of the step's number that takes an architecture step and a weight step."""
    paddle.seed(0)
    strategy = METHODS[name]
    further = {"auxiliary_skip": True} if getattr(strategy.mixture, "needs_auxiliary_skip", False) else {}
    space = options.space if strategy.stages is None else "pc-darts"
    supernet = SPACES[space].build_supernet(options.channels, 10, options.layers, 3, **further)
    folder = tempfile.mkdtemp()
    readers = [[batch] for batch in batches]
    search = DARTSearch(supernet, *readers, "cpu", num_epochs=50, save_dir=folder, strategy=strategy)
    search.architect  # noqa: B018 - begins the search
    search.task.begin_epoch(epoch)
    search.task.look_at_first(*batches)
    supernet.train()
    return lambda number: float(search.task.train_step(epoch, number, *batches)[0])


if __name__ == "__main__":
    main()
