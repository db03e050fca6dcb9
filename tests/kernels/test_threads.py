import threading

import numba
import pytest

from paddleslim.kernels.threads import ThreadPool

pytestmark = pytest.mark.any_paddle


@pytest.mark.parametrize("threads", range(1, numba.config.NUMBA_NUM_THREADS + 1))
def test_as_many_threads_as_numba_may_have_take_part(threads):
    seen, all_here = [], threading.Barrier(threads)

    def work(name, thread):
        seen.append((name, thread))
        all_here.wait(timeout=60)

    numba.set_num_threads(threads)
    try:
        ThreadPool().run(work, "task")
    finally:
        numba.set_num_threads(numba.config.NUMBA_NUM_THREADS)
    assert sorted(seen) == [("task", thread) for thread in range(threads)]


def test_an_exception_in_the_calling_thread_reaches_the_caller():
    pool = ThreadPool()

    def work(thread):
        if thread == 0:
            raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        pool.run(work)
    pool.run(lambda thread: None)  # and others may run again
