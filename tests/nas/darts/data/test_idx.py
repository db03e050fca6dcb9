import gzip

import numpy as np
import pytest

from paddleslim.nas.darts.data.idx import read_idx, read_mnist_folder


def idx(values):
    head = bytes([0, 0, 8, values.ndim]) + b"".join(n.to_bytes(4, "big") for n in values.shape)
    return head + values.tobytes()


def write_mnist(folder, count=8, compressed=True):
    """Write the four files of MNIST with random images; return the images to train on."""
    rng = np.random.default_rng(0)
    for part in ("train", "t10k"):
        image = rng.integers(0, 256, [count, 28, 28]).astype(np.uint8)
        label = (np.arange(count) % 10).astype(np.uint8)
        for name, values in (("images-idx3", image), ("labels-idx1", label)):
            content = idx(values)
            path = folder / f"{part}-{name}-ubyte{'.gz' if compressed else ''}"
            path.write_bytes(gzip.compress(content) if compressed else content)
        if part == "train":
            first = image
    return first


@pytest.mark.parametrize("compressed", [True, False])
def test_images_and_labels_are_read_compressed_or_not(tmp_path, compressed):
    expected = write_mnist(tmp_path, compressed=compressed)
    image, label = read_mnist_folder(tmp_path, "train")
    np.testing.assert_array_equal(image[:, 0], expected)
    assert label.tolist() == list(range(8))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PNG and so on", "is no IDX file of bytes"),
        (idx(np.zeros([3, 4], np.uint8))[:-1], "holds 11 values where its head says 3x4"),
    ],
)
def test_another_file_is_refused(tmp_path, content, message):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_idx(tmp_path / "file")


def test_a_truncated_archive_is_refused(tmp_path):
    (tmp_path / "file.gz").write_bytes(gzip.compress(idx(np.zeros([30, 4], np.uint8)))[:-5])
    with pytest.raises(ValueError, match="is damaged"):
        read_idx(tmp_path / "file.gz")


def test_a_folder_without_the_files_says_which_are_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no train-images-idx3-ubyte"):
        read_mnist_folder(tmp_path, "train")
