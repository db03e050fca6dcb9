"""Do searched cells beat random ones? Search and draw as many cells, retrain all alike, compare on test images.

    python benchmarks/searched_vs_random.py --cells 5 --data digits

Every cell is found or drawn with a seed of its own, and its network trained by the same settings on all images but
those of the test. A folder may be given a second time: what is in it is not computed again.
"""

from __future__ import annotations

import argparse
import json
import pathlib

import numpy as np

from paddleslim.nas.darts.__main__ import main as run_command


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=5, help="of each kind")
    parser.add_argument("--data", default="digits")
    parser.add_argument("--data-dir")
    parser.add_argument("--limit", help="training images")
    parser.add_argument("--space", default="darts")
    parser.add_argument("--search-epochs", default="10")
    parser.add_argument("--retrain", default="", help="further options of retrain, such as '--epochs 20'")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("runs/searched-vs-random"))
    return parser.parse_args()


def run(command, folder, *arguments):
    """Run a command into `folder`, unless it is there already."""
    if not (folder / "history.json").is_file():
        run_command([command, *arguments, "--save-dir", str(folder)], standalone_mode=False)


def read_result(folder):
    """Return test accuracy and parameters of a retraining."""
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return result["test_accuracy"], result["parameters"]


def main():
    arguments = parse_arguments()
    data = ["--data", arguments.data, "--space", arguments.space]
    data += [f"--data-dir={arguments.data_dir}"] if arguments.data_dir else []
    data += [f"--limit={arguments.limit}"] if arguments.limit else []
    results: dict[str, list[tuple[float, int]]] = {"searched": [], "random": []}
    for seed in range(arguments.cells):
        found = arguments.folder / f"search-{seed}"
        run("search", found, *data, "--seed", str(seed), "--epochs", arguments.search_epochs)
        for kind, genotype in (("searched", str(found)), ("random", "random")):
            folder = arguments.folder / f"{kind}-{seed}"
            run("retrain", folder, genotype, *data, "--seed", str(seed), *arguments.retrain.split())
            results[kind].append(read_result(folder))
    print(f"\n{arguments.data}, {arguments.space}: test accuracy after the same retraining\n")
    print(
        "| cell | "
        + " | ".join(f"seed {seed}" for seed in range(arguments.cells))
        + " | mean ± deviation | parameters |"
    )
    print("|---|" + "---|" * (arguments.cells + 2))
    for kind, pairs in results.items():
        accuracies, parameters = np.array(pairs).T
        spread = f"{accuracies.mean():.2%} ± {accuracies.std(ddof=1):.2%}"
        each = " | ".join(f"{accuracy:.2%}" for accuracy in accuracies)
        print(f"| {kind} | {each} | {spread} | {parameters.mean():,.0f} |")


if __name__ == "__main__":
    main()
