"""JSON files that say when they were damaged: an object with the SHA-256 of its other entries."""

from __future__ import annotations

import collections
import hashlib
import json

from ....common.paths import own_path
from .atomic_file import write_atomically
from .schema import ANY, check_shape, shorten

__all__ = ["SEAL", "check_seal", "parse", "read_object", "seal", "write_object"]

SEAL = "sha256"


def write_object(path, content, indent=2):
    """Write the dictionary `content` to `path` with its checksum; what JSON does not know becomes a text."""
    write_atomically(path, (json.dumps(seal(content), indent=indent) + "\n").encode())


def read_object(path, shape=ANY):
    """Return the dictionary in the JSON file at `path`, without its checksum; one that people wrote may have none.

    Args:
        path: of the file.
        shape: what it must hold, see `check_shape`.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged, or of something else; one sentence that names the file.
    """
    path = own_path(path)
    content = path.read_bytes()
    try:
        found = parse(content)
        if not isinstance(found, dict):
            raise ValueError("it holds no JSON object")
        check_seal(found)
        check_shape(found, shape)
    except RecursionError:
        raise ValueError(f"{path} is damaged or of something else: it is nested too deep") from None
    except ValueError as error:
        raise ValueError(f"{path} is damaged or of something else: {error}") from error
    return found


def parse(content):
    """Return what the bytes hold as JSON, or raise a ValueError."""
    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=without_doubles)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def without_doubles(entries):
    """Return a dictionary of these entries, or raise a ValueError for a name that is there twice."""
    found = dict(entries)
    if len(found) < len(entries):
        twice = collections.Counter(name for name, _ in entries).most_common(1)[0][0]
        raise ValueError(f"it has the entry {shorten(twice)} twice")
    return found


def seal(content):
    """Return the dictionary as JSON will give it back, with its checksum."""
    plain = json.loads(json.dumps(content, default=str))
    return {**plain, SEAL: digest(plain)}


def check_seal(found):
    """Take the checksum out of a dictionary that was read, and raise a ValueError unless it is that of the rest."""
    name = SEAL if SEAL in found else find_seal(found)
    expected = found.pop(name, None)
    if expected is not None and (name != SEAL or expected != digest(found)):
        raise ValueError(f"its content does not match its checksum; if that is meant, remove its entry `{SEAL}`")


def find_seal(found):
    """Return the name of an entry that is the checksum of the others, under a name that was damaged; else None."""
    for name in [name for name, value in found.items() if isinstance(value, str) and len(value) == 64]:
        if found[name] == digest({other: inner for other, inner in found.items() if other != name}):
            return name
    return None


def digest(content):
    """Return the SHA-256 of what JSON can say, whatever the order and the spaces it was written with."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
