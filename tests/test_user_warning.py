import contextlib
import inspect
import os
import pathlib
import warnings

import pytest

import paddleslim
from paddleslim.user_warning import is_inside, warn_user

INSIDE = """
@contextlib.contextmanager
def manager():
    warn_user("slow")
    yield
"""


def test_a_warning_points_at_the_users_line_through_this_library_and_the_standard_one():
    file = str(pathlib.Path(paddleslim.__file__).with_name("inside.py"))
    names = {"contextlib": contextlib, "warn_user": warn_user}
    exec(compile(INSIDE, file, "exec"), names)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        line = inspect.currentframe().f_lineno + 1
        with names["manager"]():
            pass
    assert (caught[0].filename, caught[0].lineno) == (__file__, line)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (os.path.join(os.path.dirname(os.__file__), "contextlib.py"), True),
        (os.path.join(os.path.dirname(os.__file__), "site-packages", "theirs", "search.py"), False),
        ("<frozen importlib._bootstrap>", True),
        ("<stdin>", False),
        ("/home/me/paddle/search.py", False),
    ],
)
def test_what_is_of_python_itself_is_no_users_line(file, expected):
    assert is_inside(file, ("/opt/paddle/",)) is expected


def test_a_warning_points_at_the_line_that_led_to_it():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_user("mind the step")
    assert [(str(w.message), w.filename) for w in caught] == [("mind the step", __file__)]
