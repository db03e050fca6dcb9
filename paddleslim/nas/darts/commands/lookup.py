"""Search spaces and genotypes by what a user may write for them."""

from __future__ import annotations

import pathlib
import runpy

from ....common.did_you_mean import did_you_mean
from ....common.one_line import one_line
from ..genotype import published
from ..genotype.json_file import read_genotype
from ..genotype.known import as_genotype
from ..search_space.catalogue import SPACES
from ..search_space.cell_space import CellSpace
from ..state.schema import NUMBER, Maybe, shorten
from ..state.sealed_json import read_object
from ..strategy.names import METHOD_NAMES
from .typed import suggest_path
from .yaml_file import read_yaml

__all__ = [
    "RECORDED",
    "check_recorded_space",
    "find_genotype",
    "find_space",
    "locate_space",
    "read_recorded",
    "run_file",
]

# What the settings of a run hold, so far as other commands use it.
RECORDED = {
    "command": str,
    "space": str,
    **dict.fromkeys(("data", "data_dir", "transform", "preset"), Maybe(str)),
    **dict.fromkeys(("limit", "channels", "layers", "epochs"), Maybe(int)),
    "image_size": Maybe((int, list)),
    "skip_damaged": Maybe(bool),
    "auxiliary_weight": Maybe(NUMBER),
    "image_shape": Maybe([int]),
    "class_names": Maybe([str]),
}


def run_file(path):
    """Return what a file of the user's own defines, by name.

    Raises:
        OSError: the file cannot be read.
        ValueError: it fails; the message says how.
    """
    try:
        return runpy.run_path(path)
    except (OSError, ImportError):
        raise
    except (Exception, SystemExit) as error:
        raise ValueError(f"{path} fails with {type(error).__name__}: {one_line(error)}") from error


def find_space(text):
    """Return the search space called `text`.

    Args:
        text: one of `SPACES`; `FILE.py:NAME`, a `CellSpace` of one's own; or a YAML file with the operations of each
            edge, `normal: [[a, b], ...]` and `reduce: [[a, b], ...]`.

    Raises:
        ValueError: it is none of these.
        OSError: the file cannot be read.
    """
    if text in SPACES:
        return SPACES[text]
    path, _, name = text.rpartition(":")
    if path.endswith(".py"):
        if not name:
            raise ValueError(f"space {text!r} lacks a name; write {path}:NAME")
        found = run_file(path).get(name)
        if isinstance(found, type) or not hasattr(found, "build_supernet"):
            what = "defines no search space" if found is None else f"holds {name_kind(found)}, and no search space,"
            raise ValueError(
                f"space {name} cannot be used: {path} {what} called {name}; write {name} = CellSpace(...) there"
            )
        return found
    if pathlib.Path(text).suffix in (".yaml", ".yml"):
        return read_space(text)
    refuse_space(text)


def read_space(path):
    """Return the search space of the table of operations in a YAML file, `{"normal": edges, "reduce": edges}`.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds something else; one sentence with the file, the cell and the edge.
    """
    from ..search_space.operations import build_operation
    from ..search_space.table_supernet import check_table

    table = read_yaml(path)
    try:
        operations = [name for edges in check_table(table).values() for names in edges for name in names]
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    for name in dict.fromkeys(operations):
        try:
            build_operation(name, 2, 1)
        except ValueError as error:
            raise ValueError(f"{path}: {where_is(table, name)}: {error}") from error
    return CellSpace(str(path), sorted(set(operations)), edges=table)


def name_kind(value):
    """Return what a value is, for messages: a class, or of which class."""
    return "a class" if isinstance(value, type) else f"something of the type {type(value).__name__}"


def where_is(table, operation):
    """Return the first edge that has an operation, for messages."""
    found = [(cell, edge) for cell, edges in table.items() for edge, names in enumerate(edges) if operation in names]
    return "edge {1} of `{0}`".format(*found[0])


def refuse_space(text):
    """Raise the ValueError that `text` names no search space."""
    path = pathlib.Path(text)
    if text.startswith("|") or "Genotype(" in text or text in published.__all__ or path.suffix == ".json":
        raise ValueError(
            f"space {shorten(text)} is a genotype, one cell of a space; `show` and `retrain` take it as GENOTYPE"
        )
    if path.suffix == ".py":
        raise ValueError(f"space {text!r} lacks a name; write {text}:NAME, of a CellSpace in that file")
    if text in METHOD_NAMES:
        raise ValueError(f"space {text!r} is a search method; `search` takes it as --method {text}")
    known = f"known are {', '.join(SPACES)}, FILE.py:NAME and FILE.yaml"
    if text and path.is_dir():
        raise ValueError(f"space {text!r} is a folder; {known}")
    raise ValueError(f"space {text!r} is unknown; {known}.{did_you_mean(text, SPACES)}")


def locate_space(text):
    """Return `text` for `find_space`, with the whole path where it names a file, so that it is found from elsewhere.

    Raises:
        ValueError: it names neither a space nor a file.
    """
    path, _, name = text.rpartition(":")
    if path.endswith(".py"):
        return f"{pathlib.Path(path).resolve()}:{name}"
    if pathlib.Path(text).suffix in (".yaml", ".yml"):
        return str(pathlib.Path(text).resolve())
    return text if text in SPACES else refuse_space(text)


def check_recorded_space(text, folder):
    """Return the space `text` that the settings of the run in `folder` name, if nothing foreign is run for it.

    A file of Python runs if it is in the present working folder or below, but not in the run itself, which may be
    somebody else's.

    Raises:
        ValueError: it does not.
    """
    path, _, _ = text.rpartition(":")
    if path.endswith(".py"):
        file, run = pathlib.Path(path).resolve(), pathlib.Path(folder).resolve()
        run = run if run.is_dir() else run.parent
        if not pathlib.Path(path).is_absolute() or not is_below(file, pathlib.Path.cwd()) or is_below(file, run):
            raise ValueError(
                f"space {text} is named by the settings in {folder}, and code that a folder names is run only where it "
                f"is in the folder you work in; if you trust it, repeat --space {text}"
            )
    return text


def is_below(path, folder):
    return folder == path or folder in path.parents


def find_genotype(text, space=None, seed=0):
    """Return the genotype that `text` stands for.

    Args:
        text: the folder of a run; a file `genotype.json`; DARTS_V1, DARTS_V2 or PC_DARTS; a NAS-Bench-201 string; or
            'random', a cell of `space` drawn with `seed`.
        space: a search space.
        seed: a whole number.

    Raises:
        ValueError: it is none of these.
        OSError: the file cannot be read.
    """
    if text == "random" and space is not None:
        return space.draw_genotype(seed)
    if text in published.__all__:
        return getattr(published, text)
    if text.startswith("|") or "Genotype(" in text:
        try:
            return as_genotype(text)
        except ValueError as error:
            raise ValueError(f"genotype {shorten(text)} cannot be read: {error}") from error
    path = pathlib.Path(text)
    if path.is_dir():
        path = path / "genotype.json"
        if not path.is_file():
            raise FileNotFoundError(
                f"{text} holds no genotype.json; name the folder of a finished search or retraining"
            )
    if path.is_file():
        return check_genotype(read_genotype(path), path)
    names = [*published.__all__, "random"]
    known = f"no file and no folder, and none of {', '.join(names)}"
    raise ValueError(f"genotype {text!r} is {known}.{did_you_mean(text, names) or suggest_path(text)}")


def check_genotype(genotype, path):
    """Return the genotype, or raise a ValueError that names the file unless its states and sources make cells."""
    try:
        return as_genotype(genotype)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def read_recorded(text):
    """Return the settings of the run in folder `text`, or {} if it is no folder of a run."""
    path = pathlib.Path(text) / "settings.json"
    return read_object(path, RECORDED) if path.is_file() else {}
