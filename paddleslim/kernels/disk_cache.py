"""Compiled kernels kept on disk, in place of numba's own cache.

numba compares the file of one function with what it was, and knows nothing of the modules that the function uses; and
an index that cannot be read ends the program. Here a file is one compiled kernel. Its name holds all that it depends
on: the source of every module of this folder, the versions of Python, numba and llvmlite, the processor and numba's
settings. It begins with a checksum, and is put in place whole, so that processes do not disturb each other.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pathlib
import pickle
import sys
import tempfile
import time
from functools import cache

import llvmlite
import numba
from numba.core import compiler, serialize

from paddleslim.user_warning import warn_user

__all__ = ["DiskCache", "folders", "sources"]

PACKAGE = pathlib.Path(__file__).parent
BESIDE = PACKAGE / "__pycache__"
ENDING = ".nbc"
DAY = 24 * 3600
KEPT_SECONDS = 30 * DAY  # since the last use
SETTINGS = ("OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "DEBUGINFO_DEFAULT", "BOUNDSCHECK", "CPU_NAME", "CPU_FEATURES")


class DiskCache:
    """The compiled forms of one function, as numba's dispatchers and callbacks ask for them.

    Args:
        function: of a module of this folder.
    """

    cache_path = None

    def __init__(self, function):
        self._name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"

    def load_overload(self, signature, target_context):
        """Return the function compiled for a signature, or None if it is not there; a damaged file is removed."""
        target_context.refresh()
        name = self._file_name(signature, target_context.codegen())
        for folder in folders():
            path = folder / name
            try:
                content = path.read_bytes()
            except OSError:
                continue
            try:
                found = compiler.CompileResult._rebuild(target_context, *pickle.loads(checked(content)))
            except Exception as error:  # whatever a file of anything may raise
                warn_once(f"the compiled kernel {path} is damaged ({error or type(error).__name__}); it is made anew.")
                remove(path)
                continue
            mark_used(path)
            return found
        return None

    def save_overload(self, signature, compiled) -> None:
        """Keep the function compiled for a signature in the first folder that can be written, if there is one."""
        payload, reasons = serialize.dumps(compiled._reduce()), []
        for folder in folders():
            try:
                folder.mkdir(parents=True, exist_ok=True)
                write(folder / self._file_name(signature, compiled.codegen), seal(payload))
            except OSError as error:
                reasons.append(f"{folder}: {error.strerror}")
            else:
                clean(folder)
                return
        warn_once(
            f"compiled kernels cannot be kept on disk ({'; '.join(reasons)}), so every process compiles them; name a "
            "folder that can be written in NUMBA_CACHE_DIR."
        )

    def enable(self) -> None:
        """Do nothing: the cache is always used."""

    disable = flush = enable

    def _file_name(self, signature, codegen) -> str:
        about = [self._name, str(signature), sys.version, numba.__version__, llvmlite.__version__]
        about += [repr(codegen.magic_tuple()), repr([getattr(numba.config, name, None) for name in SETTINGS])]
        key = hashlib.sha256("\0".join(about).encode()).hexdigest()
        return f"{self._name}-{sources(PACKAGE)[:16]}-{key[:32]}{ENDING}"


@cache
def sources(folder: pathlib.Path) -> str:
    """Return a checksum of the sources in a folder, all of which the kernels may use."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def folders() -> list[pathlib.Path]:
    """Return where compiled kernels may be: the folder that the user names, beside the sources, the user's caches."""
    found = [BESIDE]
    if numba.config.CACHE_DIR:
        found.insert(0, pathlib.Path(numba.config.CACHE_DIR) / "paddleslim")
    own = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    home = os.path.expanduser("~")
    if own or os.path.isabs(home):
        found.append(pathlib.Path(own or os.path.join(home, ".cache")) / "paddleslim")
    return found


def seal(payload: bytes) -> bytes:
    """Return the content of a file: a checksum and what it is of."""
    return hashlib.sha256(payload).digest() + payload


def checked(content: bytes) -> bytes:
    """Return what was sealed, or raise a ValueError."""
    payload = content[32:]
    if hashlib.sha256(payload).digest() != content[:32]:
        raise ValueError("its checksum is wrong")
    return payload


def write(path: pathlib.Path, content: bytes) -> None:
    """Put a file in place whole."""
    handle, draft = tempfile.mkstemp(prefix=path.name, suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except OSError:
        remove(pathlib.Path(draft))
        raise


def remove(path: pathlib.Path) -> None:
    """Remove a file, if that is allowed."""
    with contextlib.suppress(OSError):
        path.unlink()


def mark_used(path: pathlib.Path) -> None:
    """Note that a file was used today, if that is allowed."""
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime > DAY / 2:
            os.utime(path)


def clean(folder: pathlib.Path) -> None:
    """Remove what nobody used for a month, or for a day where it is of other sources, and drafts of dead processes."""
    now, current = time.time(), f"-{sources(PACKAGE)[:16]}-"
    for path in [*folder.glob(f"*{ENDING}"), *folder.glob(f"*{ENDING}*.tmp")]:
        try:
            unused = now - path.stat().st_mtime
        except OSError:
            continue
        is_current = current in path.name and path.suffix == ENDING
        if path.name.count("-") >= 2 and unused > (KEPT_SECONDS if is_current else DAY):
            remove(path)


def warn_once(message: str) -> None:
    """Warn of a process's first trouble with the folders; the others are like it."""
    if not TROUBLES:
        warn_user(message)
    TROUBLES.append(message)


TROUBLES: list[str] = []
