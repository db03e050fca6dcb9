"""Tables of the paths of pictures and their labels, as people and spreadsheets write them."""

from __future__ import annotations

import csv
import io
import pathlib

from .folder import ENDINGS

__all__ = ["is_table", "read_entries"]

# By the ending of the file, what may separate its columns, the likeliest first: where a comma is the decimal point,
# spreadsheets write semicolons into a .csv.
SEPARATORS = {".csv": ",;\t", ".tsv": "\t,;"}
LONGEST = (
    131_072  # characters of a field: the limit of the module csv, which other packages raise for the whole process
)
COLUMNS = {
    "path": ("path", "file", "filename", "file_name", "image", "image_path", "filepath", "file_path"),
    "label": ("label", "class", "class_name", "category", "target"),
    "split": ("split", "part", "subset", "set"),
}


def is_table(path):
    """Whether `path` is named as a table of paths and labels."""
    return pathlib.Path(path).suffix.lower() in SEPARATORS


def read_entries(path):
    """Return the lines of a table as dictionaries: `path`, `label`, `split`, and the number of the `line`.

    A first line of names may give the columns another order. Fields may be quoted, and hold ends of lines then.

    Raises:
        OSError: the table cannot be read.
        ValueError: it is none.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is no text in UTF-8 ({error}); save it as such, in a spreadsheet as 'CSV UTF-8'"
        ) from error
    rows, columns = choose_separator(path, text)
    entries = []
    for number, row in rows:
        if len(row) <= max(columns.values()):
            raise ValueError(
                f"{path}, line {number}: expected at least {max(columns.values()) + 1} columns, got {len(row)}"
            )
        entry = {name: row[column].strip() for name, column in columns.items()}
        if not (entry["path"] and entry["label"]):
            raise ValueError(f"{path}, line {number}: path or label is empty, in {','.join(row)!r}")
        entries.append({**entry, "line": number})
    return entries


def choose_separator(path, text):
    """Return the rows of a table by the first separator that fits its first line, and the indices of the columns."""
    likeliest, *others = list(SEPARATORS[path.suffix.lower()])
    first = rows = read_rows(path, text, likeliest)
    if not rows:
        raise ValueError(f"{path} is empty; it should hold a line `path,label` for each picture")
    named, columns = find_columns(rows[0][1])
    while columns is None and others:
        rows = read_rows(path, text, others.pop(0))
        named, columns = find_columns(rows[0][1]) if rows else (named, None)
    if columns is None:
        raise ValueError(
            f"{path} should hold the path of a picture and its label in each line, under the names `path,label` "
            f"or without names; its first line is {','.join(first[0][1])!r}"
        )
    return rows[named:], columns


def read_rows(path, text, separator):
    """Return the fields of each line that is not blank, after the number of the line, where the last of them ends."""
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        rows = [(lines.line_num, row) for row in lines if any(map(str.strip, row))]
        if any(len(field) > LONGEST for _, row in rows for field in row):
            raise csv.Error(f"field larger than field limit ({LONGEST})")
    except csv.Error as error:
        raise ValueError(f"{path} is no table: {error}") from error
    return rows


def find_columns(first):
    """Return whether the first line names the columns, and the index of each by name; None if it fits no table."""
    head = [cell.strip().lower().replace(" ", "_") for cell in first]
    named = {name: next((i for i, cell in enumerate(head) if cell in known), None) for name, known in COLUMNS.items()}
    columns = {name: index for name, index in named.items() if index is not None}
    if {"path", "label"} <= set(columns):
        return True, columns
    if pathlib.Path(head[0]).suffix in ENDINGS and len(head) in (2, 3):
        return False, dict(zip(COLUMNS, range(len(head))))
    return False, None
