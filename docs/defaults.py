"""Write what decides the defaults of `search` into the pages: `python docs/defaults.py runs/defaults runs/confirmation`.

The first folder holds those of `paddleslim-darts judge`, one for each setting; the second is that of
`benchmarks/searched_vs_random.py`. Both become data files in docs/data, and these become the blocks of docs/*/truth.md
between `<!-- defaults -->` and `<!-- end of defaults -->`, and the same for the confirmation. Without folders the data
files are taken as they are.
"""

# ruff: noqa: E501 - sentences of the pages are one line each

from __future__ import annotations

import argparse
import json
import pathlib

import numpy as np
from blocks import write_block

from paddleslim.nas.darts.truth import from_code, load_table, measure, study
from paddleslim.nas.darts.truth.statistics import bootstrap_interval, holm, permutation_p_value

DOCS = pathlib.Path(__file__).parent
DATA = DOCS / "data"
TRIED, CONFIRMED = range(100, 106), range(200, 220)  # seeds of the second and of the third step
PRESENT = ("darts", 3e-3, 0)  # what the command had before

WORDS = {
    "en": {
        "tried": "method|learning rate of the alphas|warm-up|cells|accuracy|percentile",
        "confirmed": "method|rate|warm-up|accuracy|percentile|same size|p against the old default",
        "step 2": "Step 2, seeds 100 to 105:",
        "step 3": "Step 3, seeds 200 to 219, means with 95 % bootstrap intervals:",
        "size": "cells|test accuracy of each|mean|parameters|p against random",
        "random": "random, about as large as those of {}",
    },
    "zh_cn": {
        "tried": "方法|架构参数的学习率|预热|单元|准确率|百分位",
        "confirmed": "方法|学习率|预热|准确率|百分位|同等大小|与旧默认值相比的 p",
        "step 2": "第二步，种子 100 到 105：",
        "step 3": "第三步，种子 200 到 219，均值及 95 % 自助法区间：",
        "size": "单元|各单元的测试准确率|均值|参数量|与随机单元相比的 p",
        "random": "随机单元，与 {} 的大小相近",
    },
}


def gather(folder):
    """Return the searches in the folders in `folder`: a list of dictionaries, one for each method and setting."""
    found = []
    for path in sorted(path for path in pathlib.Path(folder).iterdir() if any(path.glob("*/result.json"))):
        content = study.gather(path)
        for method, searches in content["searches"].items():
            settings = content["settings"][method]
            found.append(
                {
                    "method": method,
                    "arch_learning_rate": settings["arch_learning_rate"],
                    "epochs_no_archopt": settings.get("epochs_no_archopt", 0),
                    "epochs": content["epochs"],
                    "seeds": content["seeds"],
                    "cells": [search["cell"] for search in searches],
                    "processor_seconds": [search["processor_seconds"] for search in searches],
                }
            )
    return found


def measures(found, name):
    """Return a measure of each cell that a setting found, from the tabular benchmark."""
    table = load_table()
    return [getattr(measure(table, from_code(cell)), name) for cell in found["cells"]]


def of_seeds(content, seeds):
    return [found for found in content if found["seeds"] == list(seeds)]


def key(found):
    return found["method"], found["arch_learning_rate"], found["epochs_no_archopt"]


def write_table(heads, rows):
    heads = heads.split("|")
    return "\n".join("| " + " | ".join(row) + " |" for row in [heads, ["---"] * len(heads), *rows])


def with_interval(values, spelling):
    low, high = bootstrap_interval(values)
    return f"{np.mean(values):{spelling}} ({low:{spelling}}, {high:{spelling}})"


def write_defaults(language, content):
    """Return what a page says of the second and third step."""
    words = WORDS[language]
    tried = [
        [
            f"`{found['method']}`",
            f"{found['arch_learning_rate']:g}",
            str(found["epochs_no_archopt"]),
            " ".join(found["cells"]),
            f"{np.mean(measures(found, 'accuracy')):.4f}",
            f"{np.mean(measures(found, 'percentile')):.2f}",
        ]
        for found in sorted(of_seeds(content, TRIED), key=lambda f: (f["method"], f["epochs_no_archopt"], key(f)))
    ]
    confirmed = of_seeds(content, CONFIRMED)
    (present,) = (measures(found, "accuracy") for found in confirmed if key(found) == PRESENT)
    rows = []
    for found in confirmed:
        accuracy = measures(found, "accuracy")
        rows.append(
            [
                f"`{found['method']}`",
                f"{found['arch_learning_rate']:g}",
                str(found["epochs_no_archopt"]),
                with_interval(accuracy, ".4f"),
                with_interval(measures(found, "percentile"), ".2f"),
                with_interval(measures(found, "percentile_same_size"), ".2f"),
                "-" if key(found) == PRESENT else f"{permutation_p_value(accuracy, present):.2g}",
            ]
        )
    parts = [words["step 2"], write_table(words["tried"], tried), words["step 3"]]
    return "\n\n".join([*parts, write_table(words["confirmed"], rows)])


def write_confirmation(language, content):
    """Return what a page says of the confirmation at size; `content` is {kind: [{test_accuracy, parameters}]}."""
    words, rows = WORDS[language], []
    accuracies = {kind: [one["test_accuracy"] for one in found] for kind, found in content.items()}
    pairs = {kind: f"random like {kind}" for kind in content if f"random like {kind}" in content}
    p_values = holm({k: permutation_p_value(accuracies[k], accuracies[like]) for k, like in pairs.items()})
    for kind, found in content.items():
        name = words["random"].format(f"`{kind[12:]}`") if kind.startswith("random like ") else f"`{kind}`"
        p_value = f"{p_values[kind]:.3f}" if kind in p_values else "-"
        each = " ".join(f"{accuracy:.2%}" for accuracy in accuracies[kind])
        size = f"{np.mean([one['parameters'] for one in found]):,.0f}"
        rows.append([name, each, with_interval(accuracies[kind], ".2%"), size, p_value])
    return write_table(words["size"], rows)


def write_blocks():
    """Return `{(path, name): what the block says}` by the data files."""
    blocks = {}
    for name, write in (("defaults", write_defaults), ("confirmation", write_confirmation)):
        content = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
        for language in WORDS:
            blocks[DOCS / language / "truth.md", name] = write(language, content)
    return blocks


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("searches", nargs="?", type=pathlib.Path, help="folder of the folders of `judge`")
    parser.add_argument("confirmation", nargs="?", type=pathlib.Path, help="folder of searched_vs_random.py")
    arguments = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    if arguments.searches:
        rows = ",\n ".join(json.dumps(found) for found in gather(arguments.searches))
        (DATA / "defaults.json").write_text(f"[\n {rows}\n]\n", encoding="utf-8")
    if arguments.confirmation:
        found = (arguments.confirmation / "results.json").read_text(encoding="utf-8")
        (DATA / "confirmation.json").write_text(found + "\n", encoding="utf-8")
    for (path, name), block in write_blocks().items():
        write_block(path, name, block)
        print(path.relative_to(DOCS), name)


if __name__ == "__main__":
    main()
