"""Which test states facts about a source file: its mirror, another of its folder that names it, or one listed here."""

import functools
import pathlib
import re

import pytest

pytestmark = pytest.mark.any_paddle

ROOT = pathlib.Path(__file__).parents[1]
SOURCES = [
    path
    for path in sorted((ROOT / "paddleslim").rglob("*.py"))
    if not path.name.startswith("__") and "fluid" not in path.parts  # fluid is tested by its recorded behaviour
]

# Parts of a whole that is tested as one, by the test of that whole.
TESTED_BY = {
    "common/sparse_rows.py": "nas/darts/search/test_sparse_embedding.py",
    "common/types.py": "test_mirror.py",  # types alone
    "kernels/autograd.py": "kernels/test_functional.py",
    "kernels/capture/dependencies.py": "kernels/capture/test_guard.py",
    "kernels/capture/indexing.py": "kernels/capture/test_recording.py",
    "kernels/capture/translation.py": "kernels/capture/test_recording.py",
    "kernels/graph/forms.py": "kernels/graph/test_graph.py",
    "kernels/graph/operators/basic.py": "kernels/graph/test_graph.py",
    "kernels/graph/operators/convolution.py": "kernels/graph/test_graph.py",
    "kernels/graph/operators/norm.py": "kernels/graph/test_graph.py",
    "kernels/graph/operators/pooling.py": "kernels/graph/test_graph.py",
    "kernels/graph/operators/sums.py": "kernels/graph/test_graph.py",
    "kernels/tiles.py": "kernels/test_gemm.py",
    "nas/darts/commands/compare_report.py": "nas/darts/commands/test_compare.py",
    "nas/darts/commands/compared_text.py": "nas/darts/commands/test_compare.py",
    "nas/darts/commands/data.py": "nas/darts/test_journey.py",
    "nas/darts/commands/export.py": "nas/darts/test_journey.py",
    "nas/darts/commands/language.py": "nas/darts/commands/test_output.py",
    "nas/darts/commands/networks.py": "nas/darts/commands/test_workflow.py",
    "nas/darts/commands/rank.py": "nas/darts/commands/test_estimate.py",
    "nas/darts/commands/retrain.py": "nas/darts/commands/test_workflow.py",
    "nas/darts/commands/setting_options.py": "nas/darts/commands/test_options.py",
    "nas/darts/data/conversion.py": "nas/darts/data/test_batch.py",
    "nas/darts/data/masked.py": "nas/darts/data/test_batch.py",
    "nas/darts/data/reader_marks.py": "nas/darts/search/test_resume.py",
    "nas/darts/distributed/sync_batch_norm.py": "nas/darts/distributed/test_ranks.py",
    "nas/darts/distributed/termination.py": "nas/darts/distributed/test_executor.py",
    "nas/darts/genotype/attributes.py": "nas/darts/genotype/test_encoding.py",
    "nas/darts/genotype/readable.py": "nas/darts/genotype/test_json_file.py",
    "nas/darts/genotype/shown.py": "nas/darts/report/drawing/test_html.py",
    "nas/darts/genotype/supernet_attributes.py": "nas/darts/genotype/test_derivation.py",
    "nas/darts/report/log_lines.py": "nas/darts/search/test_dart_search.py",
    "nas/darts/report/saved_epochs.py": "nas/darts/search/test_dart_search.py",
    "nas/darts/search/settings.py": "nas/darts/search/test_dart_search.py",
    "nas/darts/search/task.py": "nas/darts/search/test_dart_search.py",
    "nas/darts/search_space/cell_graph.py": "nas/darts/search_space/test_equality.py",
    "nas/darts/search_space/cell_tensors.py": "nas/darts/search_space/test_convert.py",
    "nas/darts/search_space/mixture_hook.py": "nas/darts/strategy/test_spaces.py",
    "nas/darts/search_space/operation_weights.py": "nas/darts/strategy/test_operation_early_stopping.py",
    "nas/darts/strategy/operation_names.py": "nas/darts/strategy/test_threshold.py",
    "nas/darts/strategy/selection_progress.py": "nas/darts/strategy/test_perturbation.py",
    "nas/darts/strategy/weight_step.py": "nas/darts/strategy/test_methods.py",
    "nas/darts/training/accumulation.py": "nas/darts/search/test_weight_optimizer.py",
    "nas/darts/training/comparison.py": "nas/darts/training/test_compiling.py",
    "nas/darts/training/frozen_parameters.py": "nas/darts/training/test_control.py",
    "nas/darts/training/log.py": "nas/darts/training/test_silence.py",
    "nas/darts/training/notifier.py": "nas/darts/training/test_callback_contract.py",
    "nas/darts/training/recorded_pass.py": "nas/darts/training/test_captured_layer.py",
    "nas/darts/training/run_record.py": "nas/darts/search/test_resume.py",
    "nas/darts/training/task.py": "nas/darts/training/test_callback_contract.py",
    "nas/darts/training/weight_optimizer.py": "nas/darts/search/test_weight_optimizer.py",
    "nas/darts/truth/generate.py": "nas/darts/truth/test_table.py",
}


@functools.cache
def read(path):
    return path.read_text(encoding="utf-8")


def find_tests(path):
    """Return the tests of the mirrored folder that are named after a source file, import it or use its names."""
    relative = path.relative_to(ROOT / "paddleslim")
    folder, module = ROOT / "tests" / relative.parent, ".".join(path.relative_to(ROOT).with_suffix("").parts)
    exported = re.search(r"__all__ = \[(.*?)\]", read(path), flags=re.S)
    package, _, name = module.rpartition(".")
    named = [
        rf"(from|import) {re.escape(module)}\b",
        rf"from {re.escape(package)} import .*\b{name}\b",
        *(rf"\b{word}\b" for word in re.findall(r'"(\w+)"', exported[1] if exported else "")),
    ]
    return [
        test
        for test in sorted(folder.rglob("*.py"))
        if test.name == f"test_{path.name}" or re.search("|".join(named), read(test))
    ]


def test_every_source_file_is_tested_by_its_mirror_or_by_the_test_listed_here():
    names = {path.relative_to(ROOT / "paddleslim").as_posix(): path for path in SOURCES}
    assert [name for name, path in names.items() if name not in TESTED_BY and not find_tests(path)] == []


def test_the_list_holds_files_without_a_test_of_their_own_and_tests_that_are_there():
    names = {path.relative_to(ROOT / "paddleslim").as_posix(): path for path in SOURCES}
    assert [name for name in TESTED_BY if name not in names or find_tests(names[name])] == []
    assert [test for test in TESTED_BY.values() if not (ROOT / "tests" / test).exists()] == []
