"""Runs a peer's benchmark, whose steps are timed by `time.perf_counter`, one step for each line of input.

    python peer_in_turns.py torch_darts.py --batch 16 --steps 6 --channels-last

The peer stays as it is: it finds here a clock that waits for a line before it tells when a step begins.
"""

import importlib.util
import sys
import time


class WaitingClock:
    """Stands for the module `time`: every second call of `perf_counter` ends a step."""

    def __init__(self):
        self.start = None

    def perf_counter(self):
        """Return the seconds; before a step wait for a line, after it print how long it took."""
        if self.start is None:
            sys.stdin.readline()
            self.start = time.perf_counter()
            return self.start
        now = time.perf_counter()
        print(now - self.start, flush=True)
        self.start = None
        return now


def main():
    sys.argv = sys.argv[1:]
    spec = importlib.util.spec_from_file_location("peer", sys.argv[0])
    peer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(peer)
    peer.time = WaitingClock()
    peer.main()


if __name__ == "__main__":
    main()
