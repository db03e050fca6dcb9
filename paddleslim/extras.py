"""Packages that only a part of the library needs: which are absent, and the command that brings them."""

from __future__ import annotations

import importlib.util
import logging
import pathlib

__all__ = ["explain", "folder_of", "has", "require", "require_matplotlib"]

DISTRIBUTIONS = {"PIL": "pillow", "sklearn": "scikit-learn", "yaml": "pyyaml"}  # where the module is named otherwise


def has(package: str) -> bool:
    """Return whether a package is installed, without importing it."""
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def explain(user: str, package: str, extra: str) -> str:
    """Return the sentence that says what `user` lacks, with the command that installs it alone and its whole extra."""
    distribution = DISTRIBUTIONS.get(package, package)
    return (
        f"{user} needs {package}: run `pip install {distribution}`, or `pip install '.[{extra}]'` in a checkout of "
        "this library"
    )


def require(*packages: str, extra: str, user: str) -> None:
    """Raise an ImportError with the remedy unless all these packages can be imported.

    Args:
        packages: names of modules.
        extra: of this distribution, which brings them.
        user: what needs them, the subject of the sentence.
    """
    for package in packages:
        try:
            __import__(package)
        except ImportError as error:
            if error.name not in (None, package):  # it is there, and lacks something itself
                raise
            raise ImportError(explain(user, package, extra), name=package) from None


def folder_of(package: str, extra: str, user: str) -> pathlib.Path:
    """Return the folder of an installed package, without importing it, or raise an ImportError as `require` does."""
    spec = importlib.util.find_spec(package) if has(package) else None
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(explain(user, package, extra), name=package)
    return pathlib.Path(next(iter(spec.submodule_search_locations)))


def require_matplotlib(user: str) -> None:
    """Do so for matplotlib, and let it not announce that it builds a cache of fonts."""
    require("matplotlib", extra="cli", user=user)
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
