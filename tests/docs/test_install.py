"""Lines that install this library install it, and no other one of its name, whatever its version is."""

import re
import shlex

import pytest

from tests.docs.pages import ALONE, CHINESE, ENGLISH, name, read_blocks

pytestmark = pytest.mark.any_paddle

COMMAND = re.compile(r"pip install ([^\n&|#]*)")


def installed_by(path):
    """Return what each command of pip on a page installs."""
    commands = [m[1] for b in read_blocks(path) if b.language == "bash" for m in COMMAND.finditer(b.text)]
    return [[word for word in shlex.split(command) if not word.startswith("-")] for command in commands]


@pytest.mark.parametrize("path", ENGLISH + CHINESE + ALONE, ids=name)
def test_this_library_is_installed_from_a_checkout_or_a_wheel_of_any_version(path):
    words = [word for command in installed_by(path) for word in command if "paddleslim" in word or word[0] in "./$"]
    for word in words:
        ours = re.fullmatch(r"(\.|\$\(ls paddleslim-\*\.whl\))\[[a-z,]+\]", word)
        assert ours or (word == "paddleslim" and path.name == "install.md"), word  # PaddleSlim's own, beside this one
    assert not re.search(r"paddleslim-\d", path.read_text(encoding="utf-8"))


def test_the_pages_on_installing_have_such_lines():
    with_lines = {
        path.stem for path in ENGLISH + ALONE if any(word[0] in ".$" for c in installed_by(path) for word in c)
    }
    assert with_lines >= {"README", "index", "install", "quick_start", "command_line", "gpus", "dashboards"}
