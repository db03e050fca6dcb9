"""Readers that draw random numbers of all three libraries: the same batches each time, whatever reads them."""

import random
import threading
import time

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.data.one_thread import in_one_thread
from paddleslim.nas.darts.data.readers import BatchLoader, ReaderError
from paddleslim.nas.darts.state.random_states import RandomStream, Seeds
from tests.searches import make_search, summarize


class Draws(paddle.io.Dataset):
    """Samples made of what the three generators draw."""

    def __len__(self):
        return 8

    def __getitem__(self, index):
        time.sleep(0.001)
        drawn = [np.random.rand(), random.random(), paddle.rand([1]).item()]
        return np.full([1, 2, 2], index + sum(drawn), "float32"), np.array([index % 2])


def loader(**options):
    return paddle.io.DataLoader(Draws(), batch_size=2, shuffle=True, **options)


def own_draws():
    for start in range(0, 8, 2):
        image, label = zip(*(Draws()[start + k] for k in range(2)))
        yield np.stack(image), np.stack(label)


def inside(**options):
    """Return a reader that iterates over a DataLoader of its own."""
    made = loader(**options)

    def reader():
        for image, label in made:
            assert isinstance(image, paddle.Tensor)
            yield image.numpy(), label.numpy()

    return reader


KINDS = {
    "function": lambda: (own_draws, False),
    "worker": lambda: (own_draws, True),
    "DataLoader": lambda: (loader(), False),
    "DataLoader with a worker": lambda: (loader(num_workers=1), False),
    "DataLoader with workers": lambda: (loader(num_workers=2), False),
    "DataLoader inside a function": lambda: (inside(), False),
    "DataLoader inside a worker": lambda: (inside(), True),
    "DataLoader with workers inside a function": lambda: (inside(num_workers=2), False),
    "DataLoader with persistent workers inside a function": lambda: (
        inside(num_workers=1, persistent_workers=True),
        False,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_reader_yields_the_same_batches_for_the_same_seeds(kind):
    reader, use_multiprocess = KINDS[kind]()
    batches = BatchLoader("train_reader", reader, use_multiprocess)

    def read(epoch):
        batches.seek(epoch, RandomStream(Seeds(1, 2, 3), epoch))
        found = []
        for image, _ in batches:
            found.append(image.numpy())
            random.random(), np.random.rand(), paddle.rand([1])
            time.sleep(0.002)
        return np.stack(found)

    first, other, again = read(0), read(1), read(0)
    np.testing.assert_array_equal(again, first)
    assert not np.array_equal(first, other)


def test_a_worker_reads_what_would_be_read_here():
    def read(use_multiprocess):
        batches = BatchLoader("train_reader", own_draws, use_multiprocess)
        batches.seek(0, RandomStream(Seeds(1, 2, 3), 0))
        return [image.numpy() for image, _ in batches]

    np.testing.assert_array_equal(read(True), read(False))


def test_elsewhere_a_data_loader_reads_ahead_as_ever():
    fixed = paddle.io.DataLoader([(np.zeros(1, "float32"), 0)] * 2)  # draws nothing in a thread that outlives the test
    with in_one_thread():
        next(iter(fixed))
        kinds = []
        thread = threading.Thread(target=lambda: kinds.append(type(iter(fixed)).__name__))
        thread.start()
        thread.join()
    assert kinds == ["_DataLoaderIterSingleProcess"]


def scaling_reader(half):
    """A reader whose augmentation draws from Python's and Paddle's random numbers."""

    def reader():
        for _ in range(4):
            scale = random.random() + paddle.rand([1]).item()
            yield np.full([8, 1, 6, 6], scale, "float32"), np.arange(8)[:, None] % 10

    return reader


def test_a_search_with_python_random_in_workers_resumes_to_the_same_bits(tmp_path):
    def search(folder, **settings):
        random.seed(4)
        return make_search(folder, scaling_reader, use_multiprocess=True, num_epochs=2, **settings)

    through = search(tmp_path / "a")
    through.train()
    again = search(tmp_path / "b", checkpoint_steps=1)
    again.train()
    assert summarize(again) == summarize(through)
    for path in sorted((tmp_path / "b" / "checkpoints").glob("*.safetensors"))[-2:]:
        path.unlink()
    resumed = search(tmp_path / "b")
    resumed.train(resume=True)
    assert summarize(resumed) == summarize(through)


def test_a_search_in_a_thread_may_read_with_paddle_in_a_worker(tmp_path):
    ended = []

    def run():
        search = make_search(tmp_path, scaling_reader, use_multiprocess=True, num_epochs=1)
        search.train()
        ended.append(search)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert ended


def test_a_data_loader_with_workers_inside_a_worker_is_refused_with_a_remedy():
    batches = BatchLoader("train_reader", inside(num_workers=2), use_multiprocess=True)
    with pytest.raises(ReaderError, match=r"cannot be read in the worker process .* give use_multiprocess=False, or"):
        list(batches)
