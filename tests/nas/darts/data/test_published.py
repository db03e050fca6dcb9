import io
import pickle
import tarfile

import numpy as np
import pytest

from paddleslim.nas.darts.data import load_dataset
from paddleslim.nas.darts.data.published import download
from tests.nas.darts.data.test_idx import write_mnist


def write_cifar(folder, classes):
    """Write an archive laid out as that of CIFAR-10 or CIFAR-100, of 20 images."""
    parts = ["data_batch_1", "test_batch"] if classes == 10 else ["train", "test"]
    rng = np.random.default_rng(0)
    with tarfile.open(folder / f"cifar-{classes}-python.tar.gz", "w:gz") as archive:
        for part in parts:
            data = rng.integers(0, 256, [20, 3072]).astype(np.uint8)
            labels = {b"labels" if classes == 10 else b"fine_labels": [i % 10 for i in range(20)]}
            content = pickle.dumps({b"data": data, **labels})
            entry = tarfile.TarInfo(f"cifar/{part}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return data


@pytest.mark.parametrize("classes", [10, 100])
def test_cifar_is_read_from_its_archive(tmp_path, classes):
    last = write_cifar(tmp_path, classes)
    dataset = load_dataset(f"cifar{classes}", tmp_path)
    assert (len(dataset.train), len(dataset.test), dataset.num_classes) == (20, 20, classes)
    np.testing.assert_array_equal(dataset.test.image.reshape(20, -1), last)


def test_a_truncated_archive_is_refused(tmp_path):
    write_cifar(tmp_path, 10)
    archive = tmp_path / "cifar-10-python.tar.gz"
    archive.write_bytes(archive.read_bytes()[:5000])
    with pytest.raises(ValueError, match=r"cifar-10-python\.tar\.gz is damaged"):
        load_dataset("cifar10", tmp_path)


def test_a_folder_without_the_archive_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds no cifar-100-python\.tar\.gz"):
        load_dataset("cifar100", tmp_path)


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_mnist_is_read_from_its_files(tmp_path, name):
    first = write_mnist(tmp_path)
    dataset = load_dataset(name, tmp_path)
    np.testing.assert_array_equal(dataset.train.image[:, 0], first)
    assert len(dataset.class_names) == 10


def test_a_download_that_fails_says_where_else_the_files_may_come_from():
    def load():
        raise RuntimeError("no route")

    with pytest.raises(OSError, match=r"mnist could not be downloaded \(no route\).*--data-dir"):
        download("mnist", load)
