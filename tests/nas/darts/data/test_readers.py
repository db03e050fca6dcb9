import os

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.data.readers import BatchLoader
from paddleslim.nas.darts.state.random_states import RandomStream, Seeds

IMAGE, LABEL = np.zeros([4, 1, 8, 8], "float32"), np.array([[0], [1], [2], [3]])


class Pairs(paddle.io.Dataset):
    def __getitem__(self, index):
        return IMAGE[index], LABEL[index]

    def __len__(self):
        return 4


def load(*batches, **options):
    return list(BatchLoader("train_reader", lambda: iter(batches), **options))


@pytest.mark.parametrize(
    "reader",
    [
        lambda: iter([(IMAGE, LABEL)] * 2),
        lambda: [(IMAGE, LABEL)] * 2,
        [(IMAGE, LABEL), [IMAGE, LABEL]],
        paddle.io.DataLoader(Pairs(), batch_size=2),
    ],
    ids=["function of an iterator", "function of a list", "list", "DataLoader"],
)
def test_every_kind_of_reader_can_be_read_twice(reader):
    loader = BatchLoader("train_reader", reader)
    for _ in range(2):
        batches = list(loader)
        assert len(batches) == 2
        for image, label in batches:
            assert isinstance(image, paddle.Tensor)
            assert label.dtype == paddle.int64
            assert label.shape == [image.shape[0], 1]


@pytest.mark.parametrize("label", [LABEL, LABEL[:, 0], LABEL.astype("uint8"), LABEL.tolist()])
def test_labels_become_a_column_of_int64(label):
    ((_, column),) = load((IMAGE, label))
    assert column.dtype == paddle.int64
    assert column.numpy().tolist() == [[0], [1], [2], [3]]


def test_float64_images_become_the_default_dtype():
    ((image, _),) = load((IMAGE.astype("float64"), LABEL))
    assert image.dtype == paddle.float32


def test_use_multiprocess_reads_in_another_process():
    def reader():
        yield np.full([1, 1], os.getpid()).astype("float32"), np.array([[0]])

    for use, same in ((False, True), (True, False)):
        ((image, _),) = BatchLoader("train_reader", reader, use_multiprocess=use)
        assert (image.item() == os.getpid()) is same


def test_a_data_loader_without_workers_cannot_use_multiprocess():
    with pytest.raises(ValueError, match=r"DataLoader with num_workers=0; give the DataLoader num_workers=1"):
        BatchLoader("train_reader", paddle.io.DataLoader(Pairs()), use_multiprocess=True)


def test_an_iterator_is_refused_since_it_can_be_read_only_once():
    with pytest.raises(TypeError, match=r"valid_reader is an iterator.*pass a function that returns a new one"):
        BatchLoader("valid_reader", iter([(IMAGE, LABEL)]))


def test_what_is_no_reader_is_refused():
    with pytest.raises(TypeError, match=r"train_reader must be a function.*got int"):
        BatchLoader("train_reader", 3)


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ((IMAGE,), r"train_reader, batch 0: expected \(image, label\), got 1 arrays"),
        (((IMAGE, LABEL), LABEL + 0.5), "label must be of integers, got float64"),
        (IMAGE, r"expected \(image, label\), got one array"),
        ((IMAGE, LABEL[:, :, None]), r"label must be of shape \[N, 1\] or \[N\], got \[4, 1, 1\]"),
        ((IMAGE, np.zeros([4, 10], "int64")), r"label must be of shape \[N, 1\] or \[N\], got \[4, 10\]"),
        ((IMAGE, LABEL[:3]), "image holds 4 samples and label 3"),
        ((IMAGE[:0], LABEL[:0]), "image holds 0 samples"),
        ((IMAGE, LABEL.astype("float32")), r"label must be of integers, got float32; convert it"),
        ((IMAGE, paddle.to_tensor(LABEL).astype("float32")), "label must be of integers, got float32"),
        ((IMAGE, LABEL - 1), "labels must be at least 0, got -1"),
    ],
)
def test_a_bad_batch_is_refused_with_what_is_wrong(batch, message):
    with pytest.raises(ValueError, match=message):
        load(batch)


def test_a_label_beyond_the_classes_is_refused():
    with pytest.raises(ValueError, match=r"labels must be at least 0 and below 3, the number of classes.*got 3"):
        load((IMAGE, LABEL), num_classes=3)


def test_an_empty_reader_is_refused():
    with pytest.raises(ValueError, match="train_reader yielded no batch"):
        load()


def test_an_exception_of_the_reader_is_passed_on():
    def reader():
        yield IMAGE, LABEL
        raise RuntimeError("broken file 7")

    with pytest.raises(RuntimeError, match="broken file 7"):
        list(BatchLoader("train_reader", reader))


def test_a_batch_sampler_is_given_the_epoch_as_a_reader_is():
    class Sampler(paddle.io.BatchSampler):
        def set_epoch(self, epoch):
            self.epoch = epoch

    sampler = Sampler(Pairs(), batch_size=2)
    loader = BatchLoader("train_reader", paddle.io.DataLoader(Pairs(), batch_sampler=sampler))
    for epoch in (3, 0):
        loader.seek(epoch, RandomStream(Seeds(1, 2, 3), epoch))
        assert sampler.epoch == epoch
