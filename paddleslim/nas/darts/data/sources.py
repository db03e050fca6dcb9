"""Which files a data set of pictures is made of: a folder, parted into train and test or not, or a table of paths."""

from __future__ import annotations

import collections
import dataclasses
import os
import pathlib
import re

from ....common.paths import is_url
from .folder import is_image, list_classes, list_files
from .path_table import is_table, read_entries

__all__ = ["Source", "find_source"]

TRAIN = ("train", "training")
VALID = ("val", "valid", "validation")
TEST = ("test", "testing")
SHOWN = 10  # folders or endings that notes name


@dataclasses.dataclass
class Source:
    """The files of a data set, unread.

    Attributes:
        name: what messages call the data set.
        class_names: one for each label.
        parts: the files by the name of their part: 'all' where nothing is parted; else 'train', and what there is of
            'valid' and 'test', as `(paths, labels)`.
        names: how the folder or table calls these parts.
        notes: sentences about what was left out.
    """

    name: str
    class_names: list[str]
    parts: dict[str, tuple[list, list[int]]]
    names: dict[str, str]
    notes: list[str]


def find_source(path):
    """Return the `Source` at `path`: a folder of pictures, or a table of their paths and labels.

    Raises:
        OSError: it cannot be read.
        ValueError: it holds something else.
    """
    return read_table(pathlib.Path(path)) if is_table(path) else look_into(pathlib.Path(path))


def look_into(folder):
    """Return the `Source` of a folder with a sub-folder for each class, or for each part of the data."""
    found = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith((".", "__")))
    name = folder.resolve().name
    by_part = {part: [p for p in found if p.name.lower() in known] for part, known in known_parts().items()}
    if not is_parted(by_part, found):
        left_out: list[pathlib.Path] = []
        paths, labels, class_names = list_classes(folder, others=left_out)
        notes = note_stray(folder) + note_others(left_out)
        return Source(name, class_names, {"all": (paths, labels)}, {"all": name}, notes)
    for part, folders in by_part.items():
        if len(folders) > 1:
            both = " and ".join(str(f) for f in folders)
            raise ValueError(f"{both} are both for {part}; keep one of them, or put their files together")
    others = [folder for folder in found if folder.name.lower() not in TRAIN + VALID + TEST]
    notes = [f"{folder} was left out: it is no part of the data" for folder in others]
    notes += note_stray(folder)
    parts: dict = {}
    left_out = []
    class_names = None
    for part, folders in by_part.items():
        for sub in folders:
            if part != "train" and not has_classes(sub):
                notes.append(f"{sub} was left out: it holds no sub-folder for each class, so nothing says its labels")
                continue
            paths, labels, class_names = list_classes(sub, class_names, left_out)
            notes += note_stray(sub)
            parts[part] = (paths, labels)
    notes += note_others(left_out)
    return Source(name, class_names or [], parts, {part: by_part[part][0].name for part in parts}, notes)


def note_stray(folder):
    """Return a sentence about the images beside the sub-folders, in a list; none if there is no such image."""
    stray = [path for path in sorted(folder.iterdir()) if is_image(path)]
    if not stray:
        return []
    what = f"{stray[0]} was" if len(stray) == 1 else f"{stray[0]} and {len(stray) - 1} more images of {folder} were"
    return [f"{what} left out: no folder says the class"]


def note_others(paths):
    """Return a sentence about what is beside the images of classes, in a list; none if nothing is."""
    links = [path for path in paths if path.is_dir()]
    notes = [f"{link} was left out: it is a link to a folder" for link in links[:SHOWN]]
    endings = collections.Counter(path.suffix.lower() or "without one" for path in paths if not path.is_dir())
    if endings:
        counts = ", ".join(f"{count} {ending}" for ending, count in endings.most_common(SHOWN))
        notes.append(f"what has no ending of an image was left out: {counts}")
    return notes


def known_parts():
    return {"train": TRAIN, "valid": VALID, "test": TEST}


def is_parted(by_part, found):
    """Whether sub-folders are parts of the data rather than classes, of which one may be called 'train' too."""
    if not by_part["train"]:
        held_out = sorted(folder for folders in by_part.values() for folder in folders)
        if held_out and held_out == found and all(map(has_classes, held_out)):
            names = ", ".join(str(folder) for folder in held_out)
            raise ValueError(
                f"{names} are named as parts of the data, and there is no folder `train` beside them; add it, or "
                "rename the folders if they are the classes"
            )
        return False
    if has_classes(by_part["train"][0]):
        return True
    parts = [folder for folders in by_part.values() for folder in folders]
    if len(parts) == len(found) and len(parts) > 1:
        names = ", ".join(str(folder) for folder in parts)
        raise ValueError(
            f"{names} are named as parts of the data, but {by_part['train'][0]} has no sub-folder of images for each "
            "class; make them, or rename the folders if they are the classes"
        )
    return False


def has_classes(folder):
    """Whether any sub-folder holds images."""
    return any(p.is_dir() and not p.name.startswith((".", "__")) and list_files(p) for p in folder.iterdir())


def read_table(path):
    """Return the `Source` of a table with a line for each picture, see `read_entries`.

    Paths are those of the system, or begin in the folder of the table; a file that is named again is taken once.
    Labels are names; where all are whole numbers, classes follow their order.
    """
    entries = read_entries(path)
    for entry in entries:
        entry["part"] = find_part(f"{path}, line {entry['line']}", entry.get("split"))
    files = [find_file(path.parent, entry["path"]) for entry in entries]
    missing = [entry["path"] if is_url(entry["path"]) else str(f) for entry, f in zip(entries, files) if not is_file(f)]
    if missing:
        if is_url(missing[0]):
            raise ValueError(f"{path} names {missing[0]}; download the images, and name the files")
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise FileNotFoundError(f"{path} names files that are not there: {', '.join(missing[:SHOWN])}{more}")
    firsts, notes = take_once(path, files, entries)
    class_names = sort_labels({entry["label"] for entry in entries})
    if len(class_names) < 2:
        raise ValueError(f"{path} should name two or more classes, it has {', '.join(class_names) or 'none'}")
    parts: dict[str, tuple[list, list[int]]] = {}
    for file, entry in firsts:
        paths, labels = parts.setdefault(entry["part"], ([], []))
        paths.append(file)
        labels.append(class_names.index(entry["label"]))
    if "all" not in parts and "train" not in parts:
        raise ValueError(f"{path} has no line of the part 'train'")
    return Source(path.stem, class_names, parts, {part: part for part in parts}, notes)


def take_once(path, files, entries):
    """Return the files of a table, each with its first entry, and a sentence about those named again, in a list.

    A file is the same under an absolute path and a relative one; a test image must not be among the training's.

    Raises:
        ValueError: a file has two labels, or is in two parts.
    """
    folders: dict = {}
    first: dict = {}
    again = []
    for file, entry in zip(files, entries):
        folder = folders.get(file.parent) or folders.setdefault(file.parent, os.path.realpath(file.parent))
        _, before = first.setdefault((folder, file.name), (file, entry))
        for name in ("label", "part"):
            if entry[name] != before[name]:
                raise ValueError(f"{path} names {file} twice, with the {name} {before[name]!r} and {entry[name]!r}")
        if before is not entry:
            again.append(file)
    if not again:
        return list(first.values()), []
    more = f", and {len(again) - 1} more files" if len(again) > 1 else ""
    return list(first.values()), [f"each file is taken once, and {path} names {again[0]} twice{more}"]


def find_file(folder, text):
    """Return the file that a cell of a table in `folder` names; where there is none, backslashes part folders too."""
    file = folder / expand_user(text)
    return file if "\\" not in text or is_file(file) else folder / expand_user(text.replace("\\", "/"))


def expand_user(text):
    """Return a path with the folder of a user in the place of `~`; where there is no such user, as it is."""
    try:
        return pathlib.Path(text).expanduser()
    except RuntimeError:
        return pathlib.Path(text)


def is_file(path):
    """Whether there is a file; what cannot be one, such as a name that is too long, is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def find_part(where, text):
    """Return the part that a cell of the column `split` names; an error begins with `where`."""
    if text is None:
        return "all"
    for part, known in known_parts().items():
        if text.lower() in known:
            return part
    raise ValueError(f"{where}: {text!r} is no part of the data; write train, valid or test")


def sort_labels(labels):
    """Return the labels in order: that of whole numbers where all are some."""
    if all(re.fullmatch("-?[0-9]{1,18}", label) for label in labels):
        return sorted(labels, key=lambda label: (int(label), label))
    return sorted(labels)
