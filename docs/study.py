"""Write what a study found into the pages that state it: `python docs/study.py runs/judge`.

The folder is that of `paddleslim-darts judge`, complete or not: the seeds that all methods have completed are taken.
It becomes the data file of the package, the table and the sentences of both pages, the lines of the README and the
picture. Without a folder the data file is taken as it is. Nothing in a block between `<!-- study -->` and
`<!-- end of study -->` is written by hand.
"""

# ruff: noqa: E501 - sentences of the pages are one line each

from __future__ import annotations

import argparse
import json
import pathlib

import numpy as np
from blocks import write_block

from paddleslim.nas.darts.truth import load_table, study
from paddleslim.nas.darts.truth.verdict import LEVEL, draw_verdict, judge_searches

ROOT = pathlib.Path(__file__).parents[1]
DATA = pathlib.Path(study.__file__).with_name("study.json")
PARAMETERS = "most parameters"

WORDS = {
    "en": {
        "heads": "method|accuracy|percentile|p|same size|p|worth|same time buys|tau|skips|p against `darts`",
        "seeds": "{searches} searches: {methods} methods, seeds for each: {seeds} ({numbers}).",
        "planned": " The rule asks for 20 seeds; these are those that are complete. So this is an interim report, which decides "
        "nothing: bootstrap intervals of so few searches are too narrow, and no method should be preferred to its neighbour.",
        "table": "Means over the seeds, with 95 % bootstrap intervals; p values corrected by Holm over the methods. Worth "
        "and what the same processor time buys are numbers of random trainings. The ceiling of tau is {ceiling:.3f}.",
        "beats": "Mean accuracy above `{rule}` ({accuracy:.4f}): {names}.",
        "not beats": "Not above it, so they do not beat counting parameters: {names}.",
        "chance": "Percentile above chance (p < {level}): {names}.",
        "size": "Percentile among cells of the same size above chance (p < {level}): {names}.",
        "counts": "Above chance, but not among cells of the same size, so they count parameters: {names}.",
        "dearer": "Mean accuracy below that of the best of as many random cells as the same time trains: {names}.",
        "better": "Better than `darts` (p < {level}), as a new default has to be: {names}.",
        "failed": "Searches that failed: {names}.",
        "none": "none",
        "picture": "Percentile of each search, means with their intervals, and rules that search nothing",
        "time": "A random training took {mean:.1f} s of processor time, the mean over {count} cells drawn at random; "
        "like the searches, it ran beside other work.",
    },
    "zh_cn": {
        "heads": "方法|准确率|百分位|p|同等大小|p|价值|同样时间可训练|tau|跳跃连接|与 `darts` 相比的 p",
        "seeds": "{searches} 次搜索：{methods} 种方法，各 {seeds} 个种子（{numbers}）。",
        "planned": "规则要求 20 个种子，这里只有已完成的种子，因此只是中期报告，不下任何结论：搜索次数这么少，自助法区间偏窄，也不能据此认为某种方法优于另一种。",
        "table": "表中是各种子的均值及 95 % 自助法区间；p 值用 Holm 方法对所有方法校正。"
        "“价值”和“同样时间可训练”（按处理器时间）两列都以随机单元的训练次数计。tau 的上限为 {ceiling:.3f}。",
        "beats": "平均准确率高于 `{rule}`（{accuracy:.4f}）：{names}。",
        "not beats": "不高于它，即没有胜过“直接取参数最多的单元”：{names}。",
        "chance": "百分位高于随机水平（p < {level}）：{names}。",
        "size": "同等大小单元中的百分位高于随机水平（p < {level}）：{names}。",
        "counts": "在全部单元中高于随机水平，但在同等大小的单元中不高于，即只是偏好参数多的单元：{names}。",
        "dearer": "用同样的时间训练随机单元并取其中最好的，准确率反而更高：{names}。",
        "better": "优于 `darts`（p < {level}），满足成为新默认值的条件：{names}。",
        "failed": "失败的搜索：{names}。",
        "none": "无",
        "picture": "每次搜索的百分位、均值及其区间，以及无需搜索的规则",
        "time": "训练一个随机单元用处理器时间 {mean:.1f} 秒（随机抽取的 {count} 个单元的均值），与各次搜索一样是在有其他负载时测得的。",
    },
}
README = """- **Measured**: [all 125 cells](docs/en/truth.md) of a small space are trained on Fashion-MNIST, and what {methods} search
  methods find there (seeds for each: {seeds}) is looked up. The largest cell has {accuracy:.2%}, a random one {random:.2%}; plain
  DARTS finds {darts:.2%}, the best method, `{best}`, {top:.2%}. Methods whose mean is above the rule *take the most
  parameters*: {beats}. Above chance among cells of equal size (corrected p < {level}): {size}.
  {planned}"""
PARTIAL = "Interim, since the rule asks for 20 seeds: `python docs/study.py` refreshes it. "
JUDGE = "Judge your own: `paddleslim-darts judge`."


def name_all(names, words):
    return ", ".join(f"`{name}`" for name in names) or words["none"]


def time_of_trainings(content, found):
    """Return how many random trainings the processor time of a mean search is."""
    return found["estimates"]["processor_seconds"][0] / np.mean(list(content["training_seconds"].values()))


def write_rows(content, verdict, words):
    """Return the table of the methods."""
    heads = words["heads"].split("|")
    rows = [heads, ["---"] * len(heads)]
    for method, found in verdict["methods"].items():
        means = found["estimates"]

        def show(name, digits, means=means):
            mean, low, high = (f"{number:.{digits}f}" for number in means[name])
            return f"{mean} ({low}, {high})"

        against, p_values = found["p_against_darts"], found["p_values"]
        rows.append(
            [
                f"`{method}`",
                show("accuracy", 4),
                show("percentile", 2),
                f"{p_values['percentile']:.3f}",
                show("percentile_same_size", 2),
                f"{p_values['percentile_same_size']:.3f}",
                f"{means['worth'][0]:.1f}",
                f"{time_of_trainings(content, found):.1f}",
                f"{means['tau'][0]:.2f}" if "tau" in means else "-",
                f"{means['skips'][0]:.2f}",
                "-" if against is None else f"{against:.3f}",
            ]
        )
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def sort_out(content, verdict):
    """Return `{sentence: names of methods}`, by the rule of the study."""
    methods, table = verdict["methods"], load_table()

    def those(condition):
        return [name for name, found in methods.items() if condition(found)]

    return {
        "beats": those(lambda m: m["conclusions"]["beats most parameters"]),
        "not beats": those(lambda m: not m["conclusions"]["beats most parameters"]),
        "chance": those(lambda m: m["conclusions"]["above chance"]),
        "size": those(lambda m: m["conclusions"]["above chance at equal size"]),
        "counts": those(lambda m: m["conclusions"]["counts parameters"]),
        "dearer": those(lambda m: table.worth(m["estimates"]["accuracy"][0]) < time_of_trainings(content, m)),
        "better": those(lambda m: is_better(m, methods["darts"])),
        "failed": those(lambda m: m["failed"]),
    }


def is_better(found, darts):
    """Whether a method is more accurate than plain DARTS by the corrected paired test."""
    p_value = found["p_against_darts"]
    return (
        p_value is not None
        and p_value < LEVEL
        and found["estimates"]["accuracy"][0] > darts["estimates"]["accuracy"][0]
    )


def write_page(language, content, verdict):
    """Return what a page says between the marks."""
    words, seeds = WORDS[language], content["seeds"]
    count = {"methods": len(verdict["methods"]), "seeds": len(seeds), "numbers": ", ".join(map(str, seeds))}
    opening = words["seeds"].format(searches=count["methods"] * len(seeds), **count)
    opening += words["planned"] if len(seeds) < 20 else ""
    values = {
        "rule": PARAMETERS,
        "accuracy": verdict["rules"][PARAMETERS]["accuracy"],
        "level": LEVEL,
    }
    sentences = [
        "- " + words[name].format(names=name_all(names, words), **values)
        for name, names in sort_out(content, verdict).items()
    ]
    times = list(content["training_seconds"].values())
    return "\n\n".join(
        [
            opening,
            f"![{words['picture']}](../images/judge.png)",
            words["table"].format(ceiling=verdict["ceiling"])
            + (" " if language == "en" else "")
            + words["time"].format(mean=np.mean(times), count=len(times)),
            write_rows(content, verdict, words),
            "\n".join(sentences),
        ]
    )


def write_readme(content, verdict):
    """Return the lines of the README."""
    methods, words = verdict["methods"], WORDS["en"]
    accuracies = {name: found["estimates"]["accuracy"][0] for name, found in methods.items()}
    best = max(accuracies, key=lambda name: accuracies[name])
    sorted_out = sort_out(content, verdict)
    return README.format(
        methods=len(methods),
        seeds=len(content["seeds"]),
        accuracy=verdict["rules"][PARAMETERS]["accuracy"],
        random=verdict["rules"]["random"]["accuracy"],
        darts=accuracies["darts"],
        best=best,
        top=accuracies[best],
        beats=name_all(sorted_out["beats"], words),
        size=name_all(sorted_out["size"], words),
        level=LEVEL,
        planned=(PARTIAL if len(content["seeds"]) < 20 else "") + JUDGE,
    )


def write_blocks(content, verdict):
    """Return `{path: what its block says}`."""
    blocks = {ROOT / "docs" / language / "truth.md": write_page(language, content, verdict) for language in WORDS}
    return {**blocks, ROOT / "README.md": write_readme(content, verdict)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, help="of the searches")
    parser.add_argument("--training-seconds", type=pathlib.Path, help="JSON file, {code: processor seconds}")
    arguments = parser.parse_args()
    if arguments.folder is not None:
        seconds = arguments.training_seconds
        times = json.loads(seconds.read_text()) if seconds else study.load_study(DATA)["training_seconds"]
        study.write_study(DATA, study.gather(arguments.folder), times)
    content = study.load_study(DATA)
    verdict = judge_searches(load_table(), study.results_of(content))
    draw_verdict(verdict, ROOT / "docs" / "images" / "judge.png")
    for path, block in write_blocks(content, verdict).items():
        write_block(path, "study", block)
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
