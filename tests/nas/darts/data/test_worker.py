import os
import signal
import time

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.data.worker import InWorker, WorkerError


class Numbers:
    """Random numbers with the process that drew them, as arrays and as tensors."""

    def __iter__(self):
        for _ in range(3):
            yield np.array(os.getpid()), [np.random.rand(2), paddle.to_tensor([1.5])]


def test_a_worker_yields_what_the_caller_would_have_read():
    np.random.seed(4)
    (_, (here, _)), *_ = Numbers()
    np.random.seed(4)
    batches = list(InWorker(Numbers()))
    pids, contents = zip(*batches)
    assert len(batches) == 3
    assert {int(pid) for pid in pids} != {os.getpid()}
    np.testing.assert_array_equal(contents[0][0], here)
    assert contents[0][1].tolist() == [1.5]


def test_the_next_batch_is_prepared_while_the_present_one_is_used(tmp_path):
    class Leaving:
        def __iter__(self):
            for number in range(3):
                (tmp_path / str(number)).touch()
                yield number

    iterator = iter(InWorker(Leaving()))
    assert next(iterator) == 0
    deadline = time.monotonic() + 60
    while not (tmp_path / "1").exists():
        assert time.monotonic() < deadline
    assert list(iterator) == [1, 2]


def test_each_iteration_has_a_process_of_its_own_and_ends_it():
    source = InWorker(Numbers())
    iterators = [iter(source), iter(source)]
    first, second = (int(next(iterator)[0]) for iterator in iterators)
    assert first != second
    for iterator in iterators:
        iterator.close()
        assert not iterator.process.is_alive()


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), r"its worker process \d+ was killed by SIGKILL"),
        (lambda: os._exit(3), r"its worker process \d+ ended with exit code 3"),
        (lambda: [][1], r"(?s)IndexError: list index out of range, in its worker process:.*in <lambda>"),
    ],
)
def test_the_error_says_how_a_worker_ended(end, message):
    class Ending:
        def __iter__(self):
            yield 1
            end()

    iterator = iter(InWorker(Ending()))
    assert next(iterator) == 1
    with pytest.raises(WorkerError, match=message):
        next(iterator)
    iterator.process.join()


def test_a_batch_larger_than_the_pipe_arrives_whole():
    image = np.random.default_rng(0).standard_normal([64, 3, 64, 64])
    (batch,) = InWorker([(image, np.arange(64))])
    np.testing.assert_array_equal(batch[0], image)
