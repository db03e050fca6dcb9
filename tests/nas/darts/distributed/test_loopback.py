import socket
import sys

import pytest

from paddleslim.nas.darts.distributed.loopback import filter_listeners, find_master, is_one_machine


def own_address():
    """Return an address of this machine that is not the loopback's, or skip the test."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no other address")
        address = probe.getsockname()[0]
    if address.startswith("127."):
        pytest.skip("this machine has no other address")
    return address


@pytest.mark.skipif(sys.platform != "linux", reason="packet filters of Linux")
def test_a_filtered_socket_hears_its_own_machine_alone():
    own = own_address()
    with socket.socket() as listener:
        listener.bind(("", 0))
        listener.listen()
        port = listener.getsockname()[1]
        # a packet from another address to the loopback is as one from another machine
        socket.create_connection(("127.0.0.1", port), 5, source_address=(own, 0)).close()
        filter_listeners()
        for host in ("127.0.0.1", "127.0.0.5", own):
            socket.create_connection((host, port), 5).close()
        with pytest.raises(OSError, match="timed out"):
            socket.create_connection(("127.0.0.1", port), 0.5, source_address=(own, 0))


@pytest.mark.parametrize(
    ("endpoints", "one"),
    [("10.0.0.1:6070,10.0.0.1:6071", True), ("10.0.0.1:6070,10.0.0.2:6070", False), ("", False)],
)
def test_several_machines_are_distinguished_from_one(endpoints, one):
    assert is_one_machine({"PADDLE_TRAINER_ENDPOINTS": endpoints}) is one


def test_the_master_is_where_paddle_looks_for_it():
    found = {"PADDLE_TRAINER_ENDPOINTS": "10.0.0.1:1,10.0.0.1:2"}
    assert find_master(found) == ("10.0.0.1", 1)
    found["PADDLE_MASTER"] = "10.0.0.3:3"
    assert find_master(found) == ("10.0.0.3", 3)
    assert find_master({**found, "MASTER_ADDR": "10.0.0.4", "MASTER_PORT": "4"}) == ("10.0.0.4", 4)
