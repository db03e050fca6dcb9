"""The programs that write blocks of the pages."""

import importlib
import sys

from tests.docs.pages import DOCS


def load_program(name):
    """Return docs/NAME.py as a module, which finds those beside it."""
    sys.path.insert(0, str(DOCS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(DOCS))
