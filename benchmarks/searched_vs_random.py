"""Do searched cells beat random ones? Search, draw cells of equal size, retrain all alike, compare on test images.

    python benchmarks/searched_vs_random.py --cells 5 --data digits
    python benchmarks/searched_vs_random.py --cells 5 --data fashion-mnist --data-dir fashion-mnist --pooled \\
        --methods darts drnas --search "--channels 8 --layers 4" --retrain "--channels 8 --layers 4" --equal 0.05

Every cell is found or drawn with a seed of its own, and its network trained by the same settings on all images but
those of the test. Searches and trainings run in processes of one thread. Each is a folder that is complete or can be
resumed: stopped at any time, the same command does the rest. What was measured is written to results.json.
"""

from __future__ import annotations

import argparse
import functools
import json
import pathlib

import numpy as np

from paddleslim.nas.darts.__main__ import main as run_command
from paddleslim.nas.darts.distributed.executor import compute_all, make_executor
from paddleslim.nas.darts.genotype.genotype import Genotype
from paddleslim.nas.darts.genotype.json_file import read_genotype, write_genotype
from paddleslim.nas.darts.networks.build import build_network
from paddleslim.nas.darts.retrain import count_parameters
from paddleslim.nas.darts.search_space import SPACES
from paddleslim.nas.darts.truth.protocol import load_images
from paddleslim.nas.darts.truth.statistics import bootstrap_interval, holm, permutation_p_value

DRAWS = 200_000  # seeds of random cells that are tried for one of equal size


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=5, help="of each kind")
    parser.add_argument("--methods", nargs="+", default=["darts"], help="of the searches")
    parser.add_argument("--data", default="digits")
    parser.add_argument("--data-dir")
    parser.add_argument("--pooled", action="store_true", help="the images of the tabular benchmark: 14x14, 6,000")
    parser.add_argument("--limit", help="training images")
    parser.add_argument("--space", default="darts")
    parser.add_argument("--search", default="--epochs 10", help="further options of search")
    parser.add_argument("--retrain", default="", help="further options of retrain, such as '--epochs 20'")
    parser.add_argument("--equal", type=float, help="draw random cells whose parameters differ by this share at most")
    parser.add_argument("--workers", type=int, help="processes; as many as there are cores if not given")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("runs/searched-vs-random"))
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    folder, seeds = arguments.folder, range(arguments.cells)
    folder.mkdir(parents=True, exist_ok=True)
    data = data_options(arguments)
    found = {(m, s): folder / f"search-{m}-{s}" for m in arguments.methods for s in seeds}
    with make_executor(arguments.workers) as executor:
        searches = {
            (method, seed): ("search", path, [*data, f"--seed={seed}", f"--method={method}", *arguments.search.split()])
            for (method, seed), path in found.items()
        }
        follow(executor, searches)
        cells = {key: path / "genotype.json" for key, path in found.items()}
        cells.update(draw_cells(arguments, cells, seeds))
        trainings = {
            (kind, seed): (
                "retrain",
                folder / f"retrain-{kind}-{seed}".replace(" ", "-"),
                [str(cell), *data, f"--seed={seed}", *arguments.retrain.split()],
            )
            for (kind, seed), cell in cells.items()
        }
        follow(executor, trainings)
    results = {}
    for (kind, _), (_, path, _) in trainings.items():
        results.setdefault(kind, []).append(read_result(path))
    raw = {kind: [{"test_accuracy": a, "parameters": p} for a, p in pairs] for kind, pairs in results.items()}
    (folder / "results.json").write_text(json.dumps(raw, indent=1), encoding="utf-8")
    print_results(arguments, results)


def data_options(arguments):
    """Return the options that name the images."""
    options = ["--space", arguments.space]
    if arguments.pooled:
        path = arguments.folder / "images.npz"
        if not path.is_file():
            images = load_images(arguments.data_dir)
            train, test = images.train, images.test
            np.savez(path, image=train.image, label=train.label, test_image=test.image, test_label=test.label)
        return [*options, "--data", str(path)]
    options += ["--data", arguments.data]
    options += [f"--data-dir={arguments.data_dir}"] if arguments.data_dir else []
    return options + ([f"--limit={arguments.limit}"] if arguments.limit else [])


def follow(executor, runs):
    """Run all commands; print a line at the end of each."""
    for count, (key, path) in enumerate(compute_all(executor, run, runs), 1):
        print(f"{count}/{len(runs)} {path.name}: {key[0]}, seed {key[1]}", flush=True)


def run(command, folder, arguments):
    """Run a command into `folder`, or what is left of it; return the folder."""
    last = "genotype.json" if command == "search" else "result.json"
    if not (folder / last).is_file():
        begun = ["--resume"] if (folder / "settings.json").is_file() else arguments
        run_command([command, *begun, "--quiet", "--save-dir", str(folder)], standalone_mode=False)
    return folder


def draw_cells(arguments, cells, seeds):
    """Return `{(kind, seed): path}` of random cells; with --equal, one of about the size of each cell in `cells`."""
    if arguments.equal is None:
        return {("random", seed): draw_random(arguments, seed, "random", None) for seed in seeds}
    return {
        (f"random like {method}", seed): draw_random(arguments, seed, f"random-like-{method}", path)
        for (method, seed), path in cells.items()
    }


def draw_random(arguments, seed, name, like):
    """Return the path of a random cell; with --equal, of one with about as many parameters as the cell at `like`."""
    space, path = SPACES[arguments.space], arguments.folder / f"{name}-{seed}.json"
    if path.is_file():
        return path
    draws = [space.draw_genotype(seed, 4)]
    if like is not None:
        target = count(read_genotype(like))
        draws = (space.draw_genotype(DRAWS * (seed + 1) + number, 4) for number in range(DRAWS))
        draws = [next((cell for cell in draws if abs(size_of(cell) / target - 1) <= arguments.equal), None)]
        if draws == [None]:
            raise SystemExit(f"none of {DRAWS} random cells is as large as {like}; give a larger --equal")
    write_genotype(path, draws[0])
    return path


def size_of(genotype):
    """Return `count(genotype)`, quickly for a cell of DARTS: the sum over its operations."""
    if not isinstance(genotype, Genotype):
        return count(genotype)
    edges = [(kind, *edge) for kind in ("normal", "reduce") for edge in getattr(genotype, kind)]
    return size_of_pools() + sum(share_of(kind, operation, source < 2) for kind, operation, source in edges)


@functools.cache
def size_of_pools():
    """Return the parameters of the network whose operations have none."""
    return count(pools_but())


@functools.cache
def share_of(kind, operation, from_input):
    """Return the parameters of an operation in the cells of a kind, on an edge from their inputs or from others."""
    return count(pools_but(kind, operation, 0 if from_input else 2)) - size_of_pools()


def pools_but(kind="normal", operation="max_pool_3x3", source=0):
    """Return a cell of pools with one other operation."""
    edges = {name: [("max_pool_3x3", source) for _ in range(4) for source in (0, 1)] for name in ("normal", "reduce")}
    edges[kind][-1] = (operation, source)
    return Genotype(edges["normal"], range(2, 6), edges["reduce"], range(2, 6))


def count(genotype):
    """Return the parameters of a small network of a genotype."""
    return count_parameters(build_network(genotype, [1, 28, 28], 10))


def read_result(folder):
    """Return test accuracy and parameters of a retraining."""
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return result["test_accuracy"], result["parameters"]


def print_results(arguments, results):
    """Print a table: each searched kind against the random cells of its size, or against all random ones."""
    accuracies = {kind: [accuracy for accuracy, _ in pairs] for kind, pairs in results.items()}
    against = {m: "random" if arguments.equal is None else f"random like {m}" for m in arguments.methods}
    p_values = holm({m: permutation_p_value(accuracies[m], accuracies[kind]) for m, kind in against.items()})
    data = "Fashion-MNIST at 14x14" if arguments.pooled else arguments.data
    print(
        f"\n{data}, {arguments.space}: test accuracy after the same retraining, {arguments.cells} cells of each kind\n"
    )
    print("| cell | each | mean | 95 % interval | p against random | parameters |")
    print("|---|---|---|---|---|---|")
    for kind, values in accuracies.items():
        low, high = bootstrap_interval(values)
        each = " ".join(f"{accuracy:.2%}" for accuracy in values)
        p_value = f"{p_values[kind]:.3f}" if kind in p_values else "-"
        size = np.mean([parameters for _, parameters in results[kind]])
        print(f"| {kind} | {each} | {np.mean(values):.2%} | {low:.2%} - {high:.2%} | {p_value} | {size:,.0f} |")


if __name__ == "__main__":
    main()
