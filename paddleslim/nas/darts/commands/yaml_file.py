"""YAML files: data alone, in the form that a user may write."""

from __future__ import annotations

import pathlib

from ....common.one_line import one_line

__all__ = ["read_yaml"]


def read_yaml(path):
    """Return what the YAML file at `path` holds: numbers, texts, lists and objects; nothing in it is run.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds something else.
    """
    import yaml

    try:
        return yaml.safe_load(pathlib.Path(path).read_text(encoding="utf-8"))
    except OSError:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ValueError(f"{path} holds no YAML: {error.problem or error.context}{where}") from error
    except Exception as error:  # yaml's own, those of dates and numbers that cannot be, and of a nesting too deep
        raise ValueError(f"{path} holds no YAML: {one_line(error)}") from error
