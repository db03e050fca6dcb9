"""Ranks of one machine among themselves: Paddle's rendezvous hears nobody outside.

`paddle.distributed` lets the store in which ranks find one another listen on all addresses, without a password, and has
no argument for another one. Here the store is made by us, and a filter is set on its socket before the first rank
answers: the kernel then drops every packet that comes from another machine.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import struct
import sys
import threading

from paddle.base import core

from ....common.log_helper import package_logger

__all__ = ["filter_listeners", "is_one_machine", "rendezvous_at_home"]

logger = package_logger(__name__)

SO_ATTACH_FILTER = 26  # of <asm-generic/socket.h>
# SKF_NET_OFF: offsets behind it count from the header of IPv4, of which 12 is the source, 16 the target
NET = 0xFFF00000
# (code, steps if true, steps if false, constant) of the classic packet filter, see socket(7)
FROM_HERE = (
    (0x20, 0, 0, NET + 12),  # A = source
    (0x07, 0, 0, 0),  # X = A
    (0x20, 0, 0, NET + 16),  # A = target
    (0x1D, 4, 0, 0),  # take the packet if A == X: to an address of its own
    (0x87, 0, 0, 0),  # A = X
    (0x54, 0, 0, 0xFF000000),  # A = A & 255.0.0.0
    (0x15, 1, 0, 0x7F000000),  # take it if A == 127.0.0.0
    (0x06, 0, 0, 0),  # drop it
    (0x06, 0, 0, 0xFFFFFFFF),  # take it
)
LOCK = threading.Lock()


def is_one_machine(environment=os.environ):
    """Return whether all ranks of this launch have one address."""
    endpoints = environment.get("PADDLE_TRAINER_ENDPOINTS", "")
    return len({endpoint.rpartition(":")[0] for endpoint in endpoints.split(",")}) == 1 and bool(endpoints)


@contextlib.contextmanager
def rendezvous_at_home():
    """Inside, `init_parallel_env` makes a store that only ranks of this machine reach, if they all are on one."""
    if not (sys.platform == "linux" and is_one_machine()):
        yield
        return
    with LOCK:
        make = core.create_or_get_global_tcp_store
        core.create_or_get_global_tcp_store = make_store
        try:
            yield
            filter_or_warn()  # whatever else listens by now
        finally:
            core.create_or_get_global_tcp_store = make


def make_store():
    """Return the store of the ranks, as Paddle makes it, but for its filter."""
    host, port = find_master()
    rank, count = (int(os.environ[name]) for name in ("PADDLE_TRAINER_ID", "PADDLE_TRAINERS_NUM"))
    patience = int(os.environ.get("FLAGS_stop_check_timeout", "900"))  # seconds  # noqa: SIM112
    # rank 0 waits for nobody here, so that the filter is set at once; the ranks wait for one another later
    store = core.TCPStore(host, port, rank == 0, count if rank else 1, patience)
    if rank == 0:
        filter_or_warn()
    return store


def find_master(environment=os.environ):
    """Return host and port of the store, as `init_parallel_env` finds them."""
    if environment.get("MASTER_ADDR") and environment.get("MASTER_PORT"):
        return environment["MASTER_ADDR"], int(environment["MASTER_PORT"])
    first = environment.get("PADDLE_MASTER") or environment["PADDLE_TRAINER_ENDPOINTS"].split(",")[0]
    host, _, port = first.rpartition(":")
    return host, int(port)


def filter_or_warn():
    try:
        filter_listeners()
    except OSError as error:
        logger.warning("the rendezvous of the ranks may be reached from other machines: %s", error)


def filter_listeners():
    """Let every socket of this process on which it listens take packets of this machine alone.

    Raises:
        OSError: the system has no such filters.
    """
    content = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in FROM_HERE))
    program = struct.pack("@HP", len(FROM_HERE), ctypes.addressof(content))  # struct sock_fprog
    for descriptor in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed in the meantime
            if not os.readlink(f"/proc/self/fd/{descriptor}").startswith("socket:"):
                continue
            with socket.socket(fileno=os.dup(int(descriptor))) as opened:
                is_tcp = opened.family == socket.AF_INET and opened.type == socket.SOCK_STREAM
                if is_tcp and opened.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    opened.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
