"""One run in one folder: a lock that ends with the process that holds it."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import pathlib
import socket
import time

try:
    import fcntl
except ImportError:  # no Unix
    fcntl = None  # type: ignore[assignment]

from .writable import check_writable

__all__ = ["FolderInUseError", "find_holder", "is_alive", "locked", "reserved"]

NOTICE = 1.0  # seconds in which a process that was killed begins to end
WAIT = 30.0  # seconds at most until it has left its memory, and with it the lock
FILES: set = set()
RESERVED: dict = {}  # lock files that `reserved` holds and no run has taken over, by their paths
UNSUPPORTED = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)


class FolderInUseError(OSError):
    """Another process uses the folder; the message names it."""


@contextlib.contextmanager
def locked(folder, rank, ranks, warn):
    """Hold `folder` for the run of this process; inside, nobody else can.

    The system frees the lock when the process ends, however it ends. Each rank of a distributed run holds a lock of its
    own, so that one that outlives the others keeps the folder. Nothing is held where `folder` is None.

    Args:
        folder: is there, and can be written.
        rank, ranks: which of how many.
        warn: called with a sentence where the file system has no locks.

    Raises:
        FolderInUseError: another process holds it.
    """
    if folder is None or fcntl is None:
        yield
        return
    folder = pathlib.Path(folder)
    with contextlib.ExitStack() as held:
        try:
            file = held.enter_context(taken(folder / name_lock(rank)))
            for path in left_by_others(folder, ranks) if rank == 0 else ():
                with taken(path):  # of a rank of an earlier run, which may live on
                    pass
            describe_holder(file, rank, ranks)
        except OSError as error:
            if isinstance(error, FolderInUseError) or error.errno not in UNSUPPORTED:
                raise
            warn(f"{folder} is on a file system without locks; take care that no other search uses it")
        yield


@contextlib.contextmanager
def reserved(folder):
    """Hold `folder` for all that a command does in it; inside, one run of this process after the other may lock it.

    Raises:
        FolderInUseError: another process holds it.
        OSError: it cannot be written.
    """
    check_writable(folder)
    path = pathlib.Path(folder).resolve() / name_lock(0)
    with contextlib.ExitStack() as held:
        if fcntl is not None:
            try:
                RESERVED[path] = held.enter_context(taken(path))
                describe_holder(RESERVED[path], 0, 1)
            except OSError as error:  # where there are no locks, the run will say so
                if isinstance(error, FolderInUseError) or error.errno not in UNSUPPORTED:
                    raise
        try:
            yield
        finally:
            RESERVED.pop(path, None)


def find_holder(folder):
    """Return who holds `folder` at present, in words; None for nobody."""
    with contextlib.suppress(OSError), open(pathlib.Path(folder) / name_lock(0), "rb") as file:
        try:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return name_holder(read_holder(file))
    return None


def name_lock(rank):
    return f".rank-{rank}.lock" if rank else ".run.lock"


def left_by_others(folder, ranks):
    """Return the lock files of ranks that the present run does not have."""
    own = {name_lock(rank) for rank in range(ranks)}
    return sorted(path for path in folder.glob(".rank-*.lock") if path.name not in own)


@contextlib.contextmanager
def taken(path):
    """Hold the lock file at `path`, and remove it on leaving; one that is reserved is taken over for a while.

    Raises:
        FolderInUseError: another process holds it; one that is ending is waited for.
    """
    known = path.resolve()
    if known in RESERVED:
        file = RESERVED.pop(known)
        try:
            yield file
        finally:
            RESERVED[known] = file
        return
    start = time.monotonic()
    while True:
        with open_here_alone(path) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                holder = read_holder(file)
            else:
                if not is_at(path, file):  # its last holder has removed it in the meantime
                    continue
                try:
                    yield file
                finally:
                    path.unlink(missing_ok=True)
                return
        is_ending = holder.get("host") == socket.gethostname() and not is_alive(holder.get("process"))
        if time.monotonic() - start > (WAIT if is_ending else NOTICE):
            raise FolderInUseError(
                errno.EBUSY,
                f"this folder is in use by {name_holder(holder)}; wait for it, end it, or choose another folder",
                str(path.parent),
            )
        time.sleep(0.05)


def is_at(path, file):
    """Return whether the open file is the one at `path`."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def name_holder(holder):
    if not holder:
        return "another process"
    which = f", rank {holder['rank']} of {holder['ranks']}," if holder.get("ranks", 1) > 1 else ""
    return f"process {holder['process']}{which} on {holder['host']}, since {holder['since']}"


def describe_holder(file, rank, ranks):
    """Write into the lock file who holds it, for the message of others."""
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    holder = {"process": os.getpid(), "host": socket.gethostname(), "since": since, "rank": rank, "ranks": ranks}
    file.truncate(0)
    file.write(json.dumps(holder).encode())


def read_holder(file):
    """Return what `describe_holder` wrote; empty where nothing was written yet."""
    file.seek(0)
    try:
        holder = json.loads(file.read())
        return {"process": int(holder["process"]), "ranks": int(holder["ranks"]), **holder}
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}


def is_alive(process):
    """Return whether there is a process of this number that has not ended."""
    if process is None:
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    with contextlib.suppress(OSError, IndexError):
        # "<number> (<name>) <state> ...": one that has ended and was not yet asked how is a zombie
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return True


@contextlib.contextmanager
def open_here_alone(path):
    """Open the file at `path` in this process alone: a process that is forked from it would share the lock."""
    with open(path, "a+b", buffering=0) as file:
        FILES.add(file)
        try:
            yield file
        finally:
            FILES.discard(file)


def close_in_child():
    RESERVED.clear()
    while FILES:
        FILES.pop().close()


if fcntl is not None:
    os.register_at_fork(after_in_child=close_in_child)
