import os
import pathlib
import subprocess
import sys

import paddle
import pytest

from paddleslim.nas.darts.training import determinism
from tests.searches import digest, make_search

ROOT = pathlib.Path(__file__).parents[4]


def test_flags_are_set_inside_and_as_before_afterwards(monkeypatch):
    flag = "FLAGS_benchmark"  # one that every build has; those of cuDNN are in builds for the GPU alone
    monkeypatch.setattr(determinism, "FLAGS", {"FLAGS_of_another_build": 1, flag: True})
    assert paddle.get_flags(flag) == {flag: False}
    seen = []

    def look_and_fail():
        seen.append(paddle.get_flags(flag))
        raise RuntimeError

    with pytest.raises(RuntimeError), determinism.same_bits():
        look_and_fail()
    assert seen == [{flag: True}]
    assert paddle.get_flags(flag) == {flag: False}
    with determinism.same_bits(False):
        assert paddle.get_flags(flag) == {flag: False}


def test_a_deterministic_search_ends_with_the_same_bits_in_every_process(tmp_path):
    command = [sys.executable, "-m", "tests.run_search", str(tmp_path / "there"), "to the end"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    there = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    search = make_search(tmp_path / "here", deterministic=True, unrolled=True)
    search.train()
    assert f"ends as {digest(search)}\n" in there.stdout
