"""The contract of readers: whatever a batch holds, each kind of reader makes the same tensors or the same sentence."""

import collections
import itertools
import logging
import re

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.data.batch import call_with, check_inputs, check_loss_inputs, list_tensors
from paddleslim.nas.darts.data.readers import BatchLoader, ReaderError

RNG = np.random.default_rng(0)
IMAGE = RNG.integers(0, 200, [4, 3, 5, 6]).astype("float32")
WORDS = RNG.integers(0, 9, [4, 7])
CLASSES = np.arange(4)
MANY = (RNG.random([4, 3]) < 0.5).astype("float32")
MASK = RNG.integers(0, 3, [4, 5, 6])
RECORDS = np.zeros(4, [("left", "float32"), ("right", "int64")])
Fields = collections.namedtuple("Fields", "image label")


def objects(*values):
    array = np.empty(len(values), object)
    array[:] = values
    return array


# name: inputs, label, any label, and what both become: (dtype, shape) of each tensor
ACCEPTED = {
    "classes": (IMAGE, CLASSES, False, [("float32", [4, 3, 5, 6]), ("int64", [4, 1])]),
    "classes in the other byte order": (
        IMAGE,
        CLASSES.astype(">i8"),
        False,
        [("float32", [4, 3, 5, 6]), ("int64", [4, 1])],
    ),
    "classes as bytes": (IMAGE, CLASSES.astype("uint8"), False, [("float32", [4, 3, 5, 6]), ("int64", [4, 1])]),
    "bytes": (IMAGE.astype("uint8"), CLASSES, False, [("float32", [4, 3, 5, 6]), ("int64", [4, 1])]),
    "int32": (IMAGE.astype("int32"), CLASSES, False, [("float32", [4, 3, 5, 6]), ("int64", [4, 1])]),
    "int16": (IMAGE.astype("int16"), CLASSES, False, [("float32", [4, 3, 5, 6]), ("int64", [4, 1])]),
    "float16": (IMAGE.astype("float16"), CLASSES, False, [("float32", [4, 3, 5, 6]), ("int64", [4, 1])]),
    "float64": (IMAGE.astype("float64"), CLASSES, False, [("float32", [4, 3, 5, 6]), ("int64", [4, 1])]),
    "floats in the other byte order": (
        IMAGE.astype(">f4"),
        CLASSES,
        False,
        [("float32", [4, 3, 5, 6]), ("int64", [4, 1])],
    ),
    "words": (WORDS.astype("int32"), CLASSES, False, [("int64", [4, 7]), ("int64", [4, 1])]),
    "floats to regress": (IMAGE, MANY[:, 0].astype("float64"), True, [("float32", [4, 3, 5, 6]), ("float32", [4])]),
    "many labels": (IMAGE, MANY, True, [("float32", [4, 3, 5, 6]), ("float32", [4, 3])]),
    "many labels as booleans": (IMAGE, MANY > 0, True, [("float32", [4, 3, 5, 6]), ("float32", [4, 3])]),
    "masks": (IMAGE, MASK.astype("uint8"), True, [("float32", [4, 3, 5, 6]), ("int64", [4, 5, 6])]),
    "images": (IMAGE, IMAGE.astype("float64"), True, [("float32", [4, 3, 5, 6])] * 2),
    "tags": (WORDS, WORDS.astype("int32"), True, [("int64", [4, 7])] * 2),
    "an ignored class": (IMAGE, np.array([0, -100, 1, 255]), True, [("float32", [4, 3, 5, 6]), ("int64", [4, 1])]),
    "the widest floats": (
        IMAGE.astype("longdouble"),
        CLASSES,
        False,
        [("float32", [4, 3, 5, 6]), ("int64", [4, 1])],
    ),
    "the widest whole numbers": (
        WORDS.astype("uint64"),
        CLASSES.astype("uint64"),
        False,
        [("int64", [4, 7]), ("int64", [4, 1])],
    ),
    "the widest floats to regress": (WORDS, MANY.astype("longdouble"), True, [("int64", [4, 7]), ("float32", [4, 3])]),
    "every second sample": (IMAGE[::2], CLASSES[::2], False, [("float32", [2, 3, 5, 6]), ("int64", [2, 1])]),
    "one row for all": (
        np.broadcast_to(IMAGE[:1], IMAGE.shape),
        CLASSES,
        False,
        [("float32", [4, 3, 5, 6]), ("int64", [4, 1])],
    ),
    "samples without a feature": (IMAGE[..., :0], CLASSES, False, [("float32", [4, 3, 5, 0]), ("int64", [4, 1])]),
    "two inputs": ((IMAGE, WORDS), CLASSES, False, [("float32", [4, 3, 5, 6]), ("int64", [4, 7]), ("int64", [4, 1])]),
}

REFUSED = {
    "complex images": (IMAGE.astype("complex64"), CLASSES, False, "images are complex64, which no layer computes with"),
    "names": (np.array(list("abcd")), CLASSES, False, "images are str"),
    "float classes": (
        IMAGE,
        MANY[:, 0],
        False,
        r"label must be of integers, got float32; convert it.*or give a criterion",
    ),
    "boolean classes": (IMAGE, CLASSES > 1, False, "label must be of integers, got bool"),
    "many classes": (
        IMAGE,
        MANY,
        False,
        r"label must be of shape \[N, 1\] or \[N\], got \[4, 3\], or give a criterion",
    ),
    "complex labels": (IMAGE, MANY.astype("complex128"), True, "labels are complex128"),
    "objects": (objects({}, 1, "a", None), CLASSES, False, "images are objects, which no layer computes with"),
    "rows of different lengths": (objects([1], [2, 3]), CLASSES, False, "images are objects"),
    "what cannot be sent": (objects(lambda: 0), CLASSES, False, "images are objects"),
    "a function": (lambda: 0, CLASSES, False, "images are function"),
    "nothing": (None, CLASSES, False, "images are NoneType"),
    "dates": (np.zeros(4, "datetime64[ns]"), CLASSES, False, r"images are datetime64\[ns\]"),
    "durations": (IMAGE, np.zeros(4, "timedelta64[s]"), True, r"labels are timedelta64\[s\]"),
    "records": (RECORDS, CLASSES, False, "images are void96"),
    "labels that are records": (IMAGE, RECORDS, True, "labels are void96"),
    "no sample": (IMAGE[:0], CLASSES[:0], False, "image holds 0 samples and label 0"),
    "no sample of any label": (IMAGE[:0], MANY[:0], True, "image holds 0 samples and label 0"),
    "a ragged list": ([[1, 2], [3]], CLASSES[:2], False, "images are arrays of different shapes; pad them"),
    "a list of ragged arrays": (
        [WORDS[0], WORDS[0, :3]],
        CLASSES[:2],
        False,
        r"images are arrays of different shapes \(\[7\], \[3\]\); pad them to one shape",
    ),
    "a masked array": (np.ma.masked_less(IMAGE, 9), CLASSES, False, "images are a masked array, whose mask would be"),
    "masked words": (np.ma.array(WORDS), CLASSES, False, "images are a masked array"),
    "masked labels": (
        IMAGE,
        np.ma.masked_equal(MASK, 0),
        True,
        r"labels are a masked array.* fill it, array.filled\(0",
    ),
    "masked classes": (IMAGE, np.ma.masked_equal(CLASSES, 2), False, "labels are a masked array"),
    "a list of masked arrays": (list(np.ma.masked_less(WORDS, 3)), CLASSES, False, "images are a masked array"),
    "classes too large": (
        IMAGE,
        CLASSES.astype("uint64") + np.uint64(2**63),
        False,
        "labels hold 9223372036854775811, and the largest number of int64 is 9223372036854775807",
    ),
    "tags too large": (IMAGE, np.full([4, 2], 2**63, "uint64"), True, "labels hold 9223372036854775808"),
    "words too large": (np.full([4, 2], 2**63, "uint64"), CLASSES, False, "images hold 9223372036854775808"),
    "a list of numbers too large": (WORDS, [2**64, 0, 0, 0], False, "labels are list, which no layer computes with"),
    "sparse images": (
        paddle.to_tensor(MANY).to_sparse_coo(2),
        CLASSES,
        False,
        r"images are sparse tensors, which few layers compute with; give dense ones, x\.to_dense\(\)",
    ),
    "sparse labels": (IMAGE, paddle.to_tensor(MANY).to_sparse_csr(), True, "labels are sparse tensors"),
    "too few labels": (IMAGE, MANY[:2], True, "image holds 4 samples and label 2; give as many of both"),
}


class Whole(paddle.io.Dataset):
    """A data set whose one sample is a batch."""

    def __init__(self, inputs, label):
        self.batch = [*inputs, label] if isinstance(inputs, tuple) else [inputs, label]

    def __getitem__(self, index):
        return tuple(self.batch)

    def __len__(self):
        return 1


def keep(samples):
    """Collate one batch, which is one already."""
    return samples[0]


def make_readers(inputs, label):
    """Return each kind of reader of this one batch, and whether it reads in a process of its own."""
    batch = (*inputs, label) if isinstance(inputs, tuple) else (inputs, label)
    data = Whole(inputs, label)
    return {
        "in process": (lambda: iter([batch]), False),
        "worker": (lambda: iter([batch]), True),
        "list": ([batch], False),
        "DataLoader": (paddle.io.DataLoader(data, batch_size=1, collate_fn=keep), False),
        "DataLoader with workers": (paddle.io.DataLoader(data, batch_size=1, collate_fn=keep, num_workers=1), False),
    }


def read(kind, inputs, label, any_label):
    reader, in_worker = make_readers(inputs, label)[kind]
    loader = BatchLoader("train_reader", reader, in_worker, any_label=any_label)
    ((found_inputs, found_label),) = loader
    return list_tensors((found_inputs, found_label))


KINDS = list(make_readers(IMAGE, CLASSES))


def name_dtype(tensor):
    return str(tensor.dtype).rpartition(".")[2]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", ACCEPTED)
def test_each_kind_of_reader_makes_the_same_tensors(case, kind):
    inputs, label, any_label, expected = ACCEPTED[case]
    found = read(kind, inputs, label, any_label)
    assert [(name_dtype(tensor), tensor.shape) for tensor in found] == expected
    given = [*inputs, label] if isinstance(inputs, tuple) else [inputs, label]
    for tensor, array in zip(found, given):
        np.testing.assert_array_equal(tensor.numpy().reshape(array.shape), array.astype(name_dtype(tensor)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", REFUSED)
def test_each_kind_of_reader_refuses_in_the_same_sentence(case, kind):
    inputs, label, any_label, message = REFUSED[case]
    with pytest.raises(ValueError, match=f"train_reader, batch 0: {message}") as caught:
        read(kind, inputs, label, any_label)
    assert "\n" not in str(caught.value)


SHAPES = {
    "deep tuples": ((IMAGE, (WORDS, (MANY, IMAGE))), CLASSES),
    "deep lists of tensors": ([paddle.to_tensor(IMAGE), [paddle.to_tensor(WORDS), [paddle.to_tensor(MANY)]]], CLASSES),
    "deep dictionaries": {"a": {"b": (IMAGE, WORDS)}, "c": {"d": MANY}, "label": CLASSES},
    "a named tuple": Fields(IMAGE, CLASSES),
    "a named tuple of inputs": (Fields(IMAGE, WORDS), CLASSES),
    "a mapping": collections.UserDict(image=IMAGE, label=CLASSES),
    "a list of arrays": ([WORDS[0], WORDS[1]], CLASSES[:2]),
    "a label of a list of arrays": (WORDS[:2], [MANY[0], MANY[1]]),
    "one array": IMAGE,
    "no arrays": (),
}


@pytest.mark.parametrize("case", SHAPES)
def test_each_kind_of_reader_keeps_the_containers_of_a_batch(case):
    batch, found = SHAPES[case], []
    any_label = case == "a label of a list of arrays"
    for workers in (None, "own", 0, 1):
        reader = (lambda: iter([batch])) if workers in (None, "own") else load_whole(batch, workers)
        try:
            ((inputs, label),) = BatchLoader("r", reader, workers == "own", any_label=any_label)
            found.append(summarize_parts((inputs, label)))
        except ValueError as error:
            found.append(str(error))
    assert found == [found[0]] * 4
    assert ("expected (image, label)" in found[0]) is (case in ("one array", "no arrays"))


class Sample(paddle.io.Dataset):
    """A data set whose one sample is this."""

    def __init__(self, sample):
        self.sample = sample

    def __getitem__(self, index):
        return self.sample

    def __len__(self):
        return 1


def load_whole(batch, workers):
    return paddle.io.DataLoader(Sample(batch), batch_size=1, collate_fn=keep, num_workers=workers)


def summarize_parts(parts):
    """Return nested tensors as nested types, shapes and sums."""
    if isinstance(parts, dict):
        return {name: summarize_parts(part) for name, part in parts.items()}
    if isinstance(parts, tuple):
        return tuple(map(summarize_parts, parts))
    return name_dtype(parts), list(parts.shape), float(parts.astype("float64").sum())


@pytest.mark.parametrize("workers", [0, 1])
def test_samples_of_several_inputs_are_collated_to_several_inputs(workers):
    sample = (IMAGE[0], (WORDS[0], MANY[0])), 3
    ((inputs, label),) = BatchLoader("r", paddle.io.DataLoader(Sample(sample), batch_size=1, num_workers=workers))
    assert [tensor.shape for tensor in list_tensors(inputs)] == [[1, 3, 5, 6], [1, 7], [1, 3]]
    assert isinstance(inputs[1], tuple)
    assert label.tolist() == [[3]]


@pytest.mark.parametrize("workers", [0, 1])
def test_masked_samples_are_refused_unless_the_collate_function_fills_them(workers):
    data = Sample((np.ma.masked_less(IMAGE[0], 9), 3))
    with pytest.raises(ValueError, match=r"^r, batch 0: images are a masked array"):
        list(BatchLoader("r", paddle.io.DataLoader(data, batch_size=1, num_workers=workers)))
    loader = paddle.io.DataLoader(data, batch_size=1, num_workers=workers, collate_fn=fill_masked)
    ((image, _),) = BatchLoader("r", loader)
    np.testing.assert_array_equal(image.numpy()[0], np.where(IMAGE[0] < 9, 0, IMAGE[0]))


def fill_masked(samples):
    return np.stack([image.filled(0) for image, _ in samples]), np.array([label for _, label in samples])


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("batch_size", [1, None])
def test_unpack_is_given_what_a_data_loader_of_paddle_gives(workers, batch_size):
    def unpack(batch):
        assert all(isinstance(part, paddle.Tensor) for part in (batch["image"], *batch["pair"]))
        assert batch["name"] == (["a"] if batch_size else "a")
        return batch["image"].unsqueeze(0).flatten(1), paddle.to_tensor([1])

    sample = {"image": IMAGE[0].astype(">f4"), "pair": (WORDS, MANY), "name": "a"}
    loader = paddle.io.DataLoader(Sample(sample), batch_size=batch_size, num_workers=workers)
    ((image, _),) = BatchLoader("r", loader, unpack=unpack)
    np.testing.assert_array_equal(image.numpy().ravel(), IMAGE[0].ravel())


class Broken(paddle.io.Dataset):
    """Samples of which the third cannot be read."""

    def __getitem__(self, index):
        if index == 2:
            raise OSError("no such image")
        return IMAGE[index], index

    def __len__(self):
        return 4


class BrokenStream(paddle.io.IterableDataset):
    def __iter__(self):
        for index in range(4):
            yield Broken()[index]


def refuse(samples):
    raise TypeError("cannot be collated")


@pytest.mark.parametrize("workers", [0, 1, 2])
@pytest.mark.parametrize("data", [Broken, BrokenStream])
@pytest.mark.parametrize("size", [1, None])
def test_what_a_data_set_raises_is_named_after_the_batches_before_it(workers, data, size):
    if workers == 2 and data is BrokenStream:
        workers = 1  # each worker would read the whole stream
    found = []
    batches = BatchLoader("r", paddle.io.DataLoader(data(), batch_size=size, num_workers=workers), **UNPACK)
    with pytest.raises(ReaderError, match=r"^r failed at batch 2: (WorkerError: )?OSError: no such image") as caught:
        found.extend(image for image, _ in batches)
    assert len(found) == 2
    assert ("in its worker process" in str(caught.value)) is (workers > 0)


UNPACK = {"unpack": lambda batch: (batch[0].reshape([-1, *IMAGE.shape[1:]]), paddle.to_tensor([1]))}


@pytest.mark.parametrize("workers", [0, 1])
def test_what_a_collate_function_raises_is_named(workers):
    loader = paddle.io.DataLoader(Sample((IMAGE, 1)), batch_size=1, num_workers=workers, collate_fn=refuse)
    with pytest.raises(ReaderError, match=r"^r failed at batch 0: (WorkerError: )?TypeError: cannot be collated"):
        list(BatchLoader("r", loader))


class Share(paddle.io.IterableDataset):
    """Numbers from `start` on, which a worker may change."""

    start = 0

    def __iter__(self):
        yield from ((IMAGE[0] + index, 0) for index in range(self.start, self.start + 2))


def begin_at_number(worker):
    paddle.io.get_worker_info().dataset.start = 10 * worker


def test_workers_may_change_their_data_set():
    loader = paddle.io.DataLoader(Share(), batch_size=1, num_workers=2, worker_init_fn=begin_at_number)
    found = sorted(float((image - paddle.to_tensor(IMAGE[:1])).mean()) for image, _ in BatchLoader("r", loader))
    np.testing.assert_allclose(found, [0, 1, 10, 11], atol=1e-4)


@pytest.mark.parametrize("persistent", [False, True])
def test_the_users_data_loader_stays_as_it_was(persistent):
    loader = paddle.io.DataLoader(
        Sample((IMAGE[0], 1)), batch_size=1, num_workers=1, persistent_workers=persistent, worker_init_fn=print
    )
    list(BatchLoader("r", loader))
    assert (loader.collate_fn, loader.worker_init_fn, loader._iterator) == (None, print, None)
    ((image, label),) = loader
    assert (image.shape, label.tolist()) == ([1, 3, 5, 6], [1])
    loader._iterator = None


@pytest.mark.parametrize("in_worker", [False, True])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64", "uint8", "int32"])
def test_tensors_are_converted_like_arrays(dtype, in_worker):
    tensor = paddle.to_tensor(IMAGE).astype(dtype)
    ((image, _),) = BatchLoader("r", lambda: iter([(tensor, CLASSES)]), in_worker)
    assert image.dtype == paddle.float32
    np.testing.assert_array_equal(image.numpy(), tensor.astype("float32").numpy())


@pytest.mark.parametrize("in_worker", [False, True])
@pytest.mark.parametrize(
    ("batch", "names"),
    [
        ((IMAGE, WORDS, CLASSES), None),
        (((IMAGE, WORDS), CLASSES), None),
        ([[paddle.to_tensor(IMAGE), paddle.to_tensor(WORDS)], CLASSES], None),
        ({"image": IMAGE, "words": WORDS, "label": CLASSES}, ["image", "words"]),
        ({"image": IMAGE, "words": WORDS, "target": CLASSES}, ["image", "words"]),
    ],
    ids=["flat", "nested", "list of tensors", "dictionary", "target"],
)
def test_several_inputs_follow_one_rule(batch, names, in_worker):
    ((inputs, label),) = BatchLoader("r", lambda: iter([batch]), in_worker)
    assert (list(inputs) if isinstance(inputs, dict) else None) == names
    assert [tensor.shape for tensor in list_tensors(inputs)] == [[4, 3, 5, 6], [4, 7]]
    assert label.shape == [4, 1]
    called = call_with(lambda *args, **named: (args, named), inputs, label)
    assert len(called[0]) + len(called[1]) == 3


def test_a_dictionary_of_one_input_and_a_list_of_arrays_are_one_input():
    ((image, _),) = BatchLoader("r", [{"x": IMAGE, "label": CLASSES}])
    assert image.shape == [4, 3, 5, 6]
    ((image, _),) = BatchLoader("r", [(list(IMAGE), CLASSES.tolist())])
    assert image.shape == [4, 3, 5, 6]


def test_a_mixed_label_keeps_its_parts():
    batch = IMAGE, (CLASSES, CLASSES[::-1].copy(), 0.25)
    ((_, label),) = BatchLoader("r", lambda: iter([batch]), True, any_label=True)
    assert [tensor.shape for tensor in label] == [[4, 1], [4, 1], []]
    assert float(label[2]) == 0.25


@pytest.mark.parametrize("in_worker", [False, True])
def test_unpack_says_what_is_what(in_worker):
    batch = {"meta": ["a", "b"], "deep": {"image": IMAGE, "answer": CLASSES}}
    loader = BatchLoader(
        "r", lambda: iter([batch]), in_worker, unpack=lambda b: (b["deep"]["image"], b["deep"]["answer"])
    )
    ((image, label),) = loader
    assert (image.shape, label.shape) == ([4, 3, 5, 6], [4, 1])


@pytest.mark.parametrize(
    ("batch", "unpack", "message"),
    [
        (
            {"image": IMAGE},
            None,
            "a dictionary should hold inputs and one of label, labels, target, it holds image; give",
        ),
        ({"label": CLASSES}, None, "it holds label; give unpack="),
        ({0: IMAGE, "x": IMAGE, "label": CLASSES}, None, "to the supernet by their names, which are texts; one is 0"),
        ((IMAGE, CLASSES), lambda batch: batch[0], r"unpack should return \(inputs, label\), got one array"),
        ((IMAGE, CLASSES), lambda batch: batch["x"], "r, batch 0: unpack failed with TypeError: tuple indices must be"),
        (([IMAGE[0], IMAGE[1, :, :2]], CLASSES[:2]), None, r"different shapes \(\[3, 5, 6\], \[3, 2, 6\]\); pad them"),
        ((None, CLASSES), None, "images are NoneType, which no layer computes with"),
    ],
)
def test_a_batch_of_another_layout_is_refused(batch, unpack, message):
    with pytest.raises(ValueError, match=message):
        list(BatchLoader("r", [batch], unpack=unpack))


def test_sequences_may_change_their_length_and_images_only_where_the_criterion_is_ones_own():
    words = [(WORDS, CLASSES), (WORDS[:, :3], CLASSES)]
    assert [inputs.shape for inputs, _ in BatchLoader("r", words)] == [[4, 7], [4, 3]]
    images = [(IMAGE, CLASSES), (IMAGE[..., :3], CLASSES)]
    with pytest.raises(
        ValueError, match=r"batch 1: images are float32 of shape \[N, \*\[3, 5, 3\]\].*only the number of samp"
    ):
        list(BatchLoader("r", images))
    assert len(list(BatchLoader("r", images, any_label=True))) == 2
    with pytest.raises(ValueError, match="2 inputs, 1 before"):
        list(BatchLoader("r", [(IMAGE, CLASSES), (IMAGE, WORDS, CLASSES)]))


def test_epochs_of_a_stream_may_differ_in_length():
    lengths = iter([3, 1, 4])
    loader = BatchLoader("r", lambda: iter([(IMAGE, CLASSES)] * next(lengths)))
    assert [len(list(loader)) for _ in range(3)] == [3, 1, 4]


@pytest.mark.parametrize("in_worker", [False, True])
def test_a_reader_without_an_end_needs_a_number_of_steps(in_worker):
    def reader():
        while True:
            yield IMAGE, CLASSES

    loader = BatchLoader("r", reader, in_worker, steps=5)
    assert [len(list(loader)) for _ in range(2)] == [5, 5]


def test_an_iterator_without_an_end_is_refused():
    with pytest.raises(ValueError, match="train_reader never ends; give steps_per_epoch"):
        list(BatchLoader("train_reader", lambda: itertools.repeat((IMAGE, CLASSES))))


def test_a_reader_that_ends_before_its_steps_is_an_error():
    with pytest.raises(ValueError, match="ended after 2 batches, where steps_per_epoch asks for 3"):
        list(BatchLoader("r", [(IMAGE, CLASSES)] * 2, steps=3))


@pytest.mark.parametrize("workers", [0, 1])
def test_a_data_loader_with_an_iteration_of_its_own_is_iterated_by_it(workers):
    class Twice(paddle.io.DataLoader):
        def __iter__(self):
            for image, label in super().__iter__():
                yield image * 2, label
                yield image * 3, label

    loader = BatchLoader("r", Twice(Whole(IMAGE, CLASSES), batch_size=1, collate_fn=keep, num_workers=workers))
    np.testing.assert_array_equal([image.numpy() for image, _ in loader], [IMAGE * 2, IMAGE * 3])


def test_labels_with_gaps_get_a_warning_after_an_epoch_that_could_have_shown_them(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("paddleslim.nas.darts.data.readers"), "propagate", True)
    image, label = np.zeros([100, 1], "float32"), np.arange(100) % 2 * 2
    for _ in BatchLoader("train_reader", [(image, label)], num_classes=4):
        pass
    assert (
        "train_reader never had the label 1, 3 in an epoch of 100 samples, but the supernet has 4 outputs"
        in caplog.text
    )
    caplog.clear()
    list(BatchLoader("train_reader", [(image[:10], label[:10])], num_classes=4))
    assert caplog.text == ""


def test_a_loss_of_other_inputs_is_named():
    class Both(paddle.nn.Layer):
        def _loss(self, image, words, y):
            return image

    check_loss_inputs(Both(), (IMAGE, WORDS), CLASSES)
    with pytest.raises(TypeError, match=r"Both\._loss does not take by name, _loss\(image=, words=, label=\)"):
        check_loss_inputs(Both(), {"image": IMAGE, "words": WORDS}, CLASSES)
    with pytest.raises(TypeError, match=r"Both\._loss does not take 1 inputs and the label"):
        check_loss_inputs(Both(), IMAGE, CLASSES)


def test_a_supernet_of_other_inputs_is_named():
    class Both(paddle.nn.Layer):
        def forward(self, image, words):
            return image

    check_inputs(Both(), (IMAGE, WORDS))
    check_inputs(Both(), {"words": WORDS, "image": IMAGE})
    with pytest.raises(TypeError, match=re.escape("the readers yield 1 inputs and a label, but Both.forward does not")):
        check_inputs(Both(), IMAGE)
    with pytest.raises(TypeError, match="the readers yield inputs image, text and a label"):
        check_inputs(Both(), {"image": IMAGE, "text": WORDS})
