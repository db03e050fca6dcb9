"""The name of the output of a model in Paddle's inference format, which Paddle itself numbers."""

from __future__ import annotations

import json

import paddle

from ....common.paths import own_path
from ..state.atomic_file import write_atomically

__all__ = ["name_output"]


def name_output(path, name):
    """Give the only output of the model at `path`, a path without its ending, the name `name`.

    Raises:
        OSError: the file cannot be read or written.
        ValueError: the model has another number of outputs.
    """
    path = own_path(path)
    rename = rename_in_json if path.with_suffix(".json").is_file() else rename_in_program
    file = path.with_suffix(".json" if rename is rename_in_json else ".pdmodel")
    write_atomically(file, rename(file.read_bytes(), name, file))


def rename_in_json(content, name, file):
    """Return the model of Paddle 3 with its output renamed."""
    model = json.loads(content)
    operations = [op for region in model["program"]["regions"] for block in region["blocks"] for op in block["ops"]]
    fetches = [op for op in operations if op["#"].endswith(".fetch")]
    check_count(fetches, file)
    for attribute in fetches[0]["A"]:
        if attribute["N"] == "name":
            attribute["AT"]["D"] = name
    return json.dumps(model, separators=(",", ":")).encode()


def rename_in_program(content, name, file):
    """Return the model of Paddle 2 with its output renamed."""
    program = paddle.framework.core.ProgramDesc(content)
    block = program.block(0)
    fetches = [block.op(i) for i in range(block.op_size()) if block.op(i).type() == "fetch"]
    check_count(fetches, file)
    block._rename_var(fetches[0].input("X")[0].encode(), name.encode())
    return program.serialize_to_string()


def check_count(fetches, file):
    if len(fetches) != 1:
        raise ValueError(f"{file} has {len(fetches)} outputs where a network has one; it is of no use")
