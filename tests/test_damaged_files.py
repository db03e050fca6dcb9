"""Every file that is read, damaged: a sentence that names it, a fall-back or the same result, and nothing else."""

import dataclasses
import random

import numpy as np
import pytest

from tests.damage import damage, read_or_refuse
from tests.readers import READERS

TIMES = 300  # each


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
