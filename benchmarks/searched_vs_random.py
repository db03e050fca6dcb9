"""Do searched cells beat random ones? Search, draw cells of equal size, retrain all alike, compare on test images.

    python benchmarks/searched_vs_random.py --cells 5 --data digits
    python benchmarks/searched_vs_random.py --cells 5 --data fashion-mnist --limit 6000 --methods darts beta-darts \\
        --search "--channels 8 --layers 3 --epochs 10" --retrain "--channels 8 --layers 3 --epochs 15" --equal 0.05

Every cell is found or drawn with a seed of its own, and its network trained by the same settings on all images but
those of the test. Each search and each training is a folder that is complete or can be resumed: stopped at any time,
the same command does the rest.
"""

from __future__ import annotations

import argparse
import json
import pathlib

import numpy as np

from paddleslim.nas.darts.__main__ import main as run_command
from paddleslim.nas.darts.genotype.json_file import read_genotype, write_genotype
from paddleslim.nas.darts.networks.build import build_network
from paddleslim.nas.darts.retrain import count_parameters
from paddleslim.nas.darts.search_space import SPACES
from paddleslim.nas.darts.truth.statistics import bootstrap_interval, holm, permutation_p_value

DRAWS = 1000  # seeds of random cells that are tried for one of equal size


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=5, help="of each kind")
    parser.add_argument("--methods", nargs="+", default=["darts"], help="of the searches")
    parser.add_argument("--data", default="digits")
    parser.add_argument("--data-dir")
    parser.add_argument("--limit", help="training images")
    parser.add_argument("--space", default="darts")
    parser.add_argument("--search", default="--epochs 10", help="further options of search")
    parser.add_argument("--retrain", default="", help="further options of retrain, such as '--epochs 20'")
    parser.add_argument("--equal", type=float, help="draw random cells whose parameters differ by this share at most")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("runs/searched-vs-random"))
    return parser.parse_args()


def run(command, folder, *arguments):
    """Run a command into `folder`, or what is left of it."""
    if (folder / "history.json").is_file():
        return
    begun = ["--resume"] if (folder / "settings.json").is_file() else arguments
    run_command([command, *begun, "--save-dir", str(folder)], standalone_mode=False)


def read_result(folder):
    """Return test accuracy and parameters of a retraining."""
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return result["test_accuracy"], result["parameters"]


def draw_random(arguments, seed, like):
    """Return the path of a random cell; with --equal, of one with about as many parameters as the cell at `like`."""
    space, path = SPACES[arguments.space], arguments.folder / f"random-cell-{seed}.json"
    if path.is_file():
        return path
    draws = [space.draw_genotype(seed, 4)]
    if arguments.equal is not None:
        target = count(read_genotype(like))
        draws = [space.draw_genotype(DRAWS * (seed + 1) + number, 4) for number in range(DRAWS)]
        draws = [cell for cell in draws if abs(count(cell) / target - 1) <= arguments.equal]
        if not draws:
            raise SystemExit(f"none of {DRAWS} random cells is as large as {like}; give a larger --equal")
    write_genotype(path, draws[0])
    return path


def count(genotype):
    """Return the parameters of a small network of a genotype."""
    return count_parameters(build_network(genotype, [1, 28, 28], 10))


def main():
    arguments = parse_arguments()
    data = ["--data", arguments.data, "--space", arguments.space]
    data += [f"--data-dir={arguments.data_dir}"] if arguments.data_dir else []
    data += [f"--limit={arguments.limit}"] if arguments.limit else []
    arguments.folder.mkdir(parents=True, exist_ok=True)
    results: dict[str, list[tuple[float, int]]] = {kind: [] for kind in (*arguments.methods, "random")}
    for seed in range(arguments.cells):
        cells = {}
        for method in arguments.methods:
            cells[method] = arguments.folder / f"search-{method}-{seed}"
            run("search", cells[method], *data, "--seed", str(seed), "--method", method, *arguments.search.split())
        cells["random"] = draw_random(arguments, seed, cells[arguments.methods[0]] / "genotype.json")
        for kind, genotype in cells.items():
            folder = arguments.folder / f"retrain-{kind}-{seed}"
            run("retrain", folder, str(genotype), *data, "--seed", str(seed), *arguments.retrain.split())
            results[kind].append(read_result(folder))
        print_results(arguments, results)


def print_results(arguments, results):
    """Print a table of what is complete."""
    accuracies = {kind: [accuracy for accuracy, _ in pairs] for kind, pairs in results.items()}
    p_values = holm({m: permutation_p_value(accuracies[m], accuracies["random"]) for m in arguments.methods})
    seeds = len(accuracies["random"])
    print(
        f"\n{arguments.data}, {arguments.space}: test accuracy after the same retraining, {seeds} cells of each kind\n"
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
