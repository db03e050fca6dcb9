"""Every file that is read, damaged: a sentence that names it, a fall-back or the same result, and nothing else."""

import ast
import dataclasses
import json
import pathlib
import random

import numpy as np
import pytest

from tests.damage import alter_json, damage, read_or_refuse
from tests.readers import EXEMPT, READERS

TIMES = 16  # each


def freeze(value):
    """Return a value as one that can be compared."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, dict):
        return {name: freeze(inner) for name, inner in value.items()}
    if dataclasses.is_dataclass(value):
        return freeze(vars(value))
    return [freeze(inner) for inner in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize("kind", READERS)
def test_a_damaged_file_is_refused_by_name_or_read_as_it_was(kind, tmp_path):
    reader, rng = READERS[kind], random.Random(kind)
    path = reader.write(tmp_path)
    content, sound = path.read_bytes(), freeze(reader.read(path))
    for _ in range(TIMES):
        path.write_bytes(damage(content, rng))
        found, refused = read_or_refuse(reader.read, path)
        if refused is not None:
            assert "\n" not in refused
            assert path.name in refused or not reader.named
        elif reader.checked:
            assert freeze(found) == sound


OF_JSON = [kind for kind, reader in READERS.items() if reader.is_json]


@pytest.mark.parametrize("kind", OF_JSON)
def test_json_of_another_shape_is_refused_by_name_or_read_whatever_its_checksum(kind, tmp_path):
    reader, rng = READERS[kind], random.Random(kind)
    path = reader.write(tmp_path)
    content = json.loads(path.read_bytes())
    if isinstance(content, dict):
        content.pop("sha256", None)
    for _ in range(TIMES):
        path.write_text(json.dumps(alter_json(content, rng)))
        _, refused = read_or_refuse(reader.read, path)
        assert refused is None or (path.name in refused and "\n" not in refused)


def test_enough_files_are_damaged():
    assert len(READERS) * TIMES >= 300


PACKAGE = pathlib.Path(__file__).parents[1] / "paddleslim"
OPENING = {"read_bytes", "read_text", "read_object", "safe_open", "open", "load", "read_plain_pickle", "run_path"}
LOADING = {"np", "numpy", "paddle", "jit"}  # whose `load` reads a file
WRITING = {"w", "wb", "a+b", "xb"}


def opens_a_file(node):
    """Whether a call opens a file to read it, as far as its name says."""
    name, owner = (getattr(node.func, "attr", getattr(node.func, "id", None)), getattr(node.func, "value", None))
    owner = getattr(owner, "attr", getattr(owner, "id", None))
    if name not in OPENING or (name == "load" and owner not in LOADING) or (name == "open" and owner == "os"):
        return False
    return not any(isinstance(part, ast.Constant) and part.value in WRITING for part in node.args)


def find_openers():
    """Return all functions of the package that open files to read them, as 'folder/file.py:function'."""
    found = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
                if any(map(opens_a_file, calls)):
                    found.add(f"{path.relative_to(PACKAGE).as_posix()}:{function.name}")
    return found


def test_every_function_that_opens_a_file_is_fuzzed_or_listed_with_a_reason():
    fuzzed = {name for reader in READERS.values() for name in reader.functions}
    openers = find_openers()
    assert openers - fuzzed - set(EXEMPT) == set()
    assert (fuzzed | set(EXEMPT)) - openers == set()
