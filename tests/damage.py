"""Damaged files, and what reading one may come to: a sentence that names the file, or what was written."""

import contextlib
import copy
import resource
import signal

__all__ = ["alter_json", "damage", "limited", "read_or_refuse"]

MEMORY = 2**30  # bytes that reading a small file may take at most
SECONDS = 20


def damage(content, rng):
    """Return the bytes with a bit flipped, cut off, with a part left out, or with others in the place of a part."""
    kind, place = rng.randrange(4), rng.randrange(len(content))
    if kind == 0:
        return content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]
    if kind == 1:
        return content[:place]
    end = min(len(content), place + rng.randrange(1, 64))
    return content[:place] + (b"" if kind == 2 else rng.randbytes(end - place)) + content[end:]


ODD = (
    None,
    True,
    -1,
    0,
    10**30,
    1e300,
    "",
    "x",
    "\x1b[2J",
    "|" + "+" * 5000,
    [],
    {},
    [[[[]]]],
    {"a": None},
    [None] * 3,
)


def alter_json(content, rng):
    """Return a copy of what JSON gave in which one entry, at any depth, is missing, odd, or there twice."""
    content = copy.deepcopy(content)
    places = list(list_places(content))
    container, key = places[rng.randrange(len(places))]
    kind = rng.randrange(4)
    if kind == 0:
        del container[key]
    elif kind == 1 and isinstance(container, list):
        container.insert(key, copy.deepcopy(container[key]))
    else:
        container[key] = copy.deepcopy(rng.choice(ODD))
    return content


def list_places(value):
    """Yield `(container, key)` of every entry."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(entries):
        yield value, key
        yield from list_places(inner)


def read_or_refuse(read, path):
    """Return what `read(path)` returns, or the message of the error by which it refuses.

    Returns:
        `(value, None)` or `(None, message)`; any other exception passes.
    """
    with limited():
        try:
            return read(path), None
        except (ValueError, OSError) as error:
            return None, str(error)


@contextlib.contextmanager
def limited():
    """Let a block take no more than `MEMORY` beside what the process has, and no more than `SECONDS`."""

    def stop(*_):
        raise TimeoutError("reading a file never ended")

    before, handler = resource.getrlimit(resource.RLIMIT_AS), signal.signal(signal.SIGALRM, stop)
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, before[1]))
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, handler)
        resource.setrlimit(resource.RLIMIT_AS, before)
