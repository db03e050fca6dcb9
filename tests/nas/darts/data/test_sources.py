import csv
import logging

import numpy as np
import pytest
from PIL import Image

from paddleslim.nas.darts.data import load_dataset
from paddleslim.nas.darts.data.sources import find_source
from tests.nas.darts.data.test_folder import write_images

pytestmark = pytest.mark.any_paddle


@pytest.fixture
def lines(caplog, monkeypatch):
    """What the data room logs."""
    for name in ("datasets", "folder", "arrays"):
        monkeypatch.setattr(logging.getLogger(f"paddleslim.nas.darts.data.{name}"), "propagate", True)
    caplog.set_level(logging.INFO)
    return caplog


@pytest.mark.parametrize("held_out", ["val", "valid", "validation", "test", "Val"])
def test_a_held_out_folder_is_found_by_its_name(tmp_path, held_out, lines):
    write_images(tmp_path / "train")
    write_images(tmp_path / held_out, count=3)
    dataset = load_dataset(str(tmp_path), image_size=8)
    assert (len(dataset.train), len(dataset.test), dataset.class_names) == (20, 6, ["cat", "dog"])
    assert "20 to search and train on (cat 10, dog 10); 6 to test on (cat 3, dog 3)" in lines.text


def test_with_a_test_the_validation_joins_the_training_images(tmp_path):
    for part, count in (("train", 10), ("val", 4), ("test", 3)):
        write_images(tmp_path / part, count=count)
    dataset = load_dataset(str(tmp_path), image_size=8)
    assert (len(dataset.train), len(dataset.test)) == (28, 6)
    assert np.bincount(dataset.train.label).tolist() == [14, 14]


def test_training_images_alone_are_parted(tmp_path):
    write_images(tmp_path / "train")
    dataset = load_dataset(str(tmp_path), image_size=8)
    assert (len(dataset.train), len(dataset.test), dataset.class_names) == (16, 4, ["cat", "dog"])


def test_a_class_may_be_called_train(tmp_path):
    write_images(tmp_path, classes=("bus", "train"))
    assert find_source(tmp_path).class_names == ["bus", "train"]


def test_parts_without_classes_are_refused(tmp_path):
    write_images(tmp_path, classes=("train", "val"))
    with pytest.raises(ValueError, match=r"named as parts of the data, but .*train has no sub-folder"):
        load_dataset(str(tmp_path), image_size=8)


def test_images_without_labels_and_other_folders_are_left_out_with_a_word(tmp_path, lines):
    write_images(tmp_path / "train")
    write_images(tmp_path, classes=("test", "notes"))
    dataset = load_dataset(str(tmp_path), image_size=8)
    assert len(dataset.test) == 4
    assert "test was left out: it holds no sub-folder for each class" in lines.text
    assert "notes was left out: it is no part of the data" in lines.text


def test_parts_without_a_training_part_are_refused(tmp_path):
    for part in ("val", "test"):
        write_images(tmp_path / part)
    with pytest.raises(ValueError, match=r"test, .*val are named as parts of the data, and there is no folder `train`"):
        find_source(tmp_path)
    write_images(tmp_path / "classes", classes=("val", "test"))
    assert find_source(tmp_path / "classes").class_names == ["test", "val"]


@pytest.mark.parametrize("parts", [[""], ["train", "val"]])
def test_images_beside_the_folders_of_the_classes_are_left_out_with_a_word(tmp_path, parts):
    for part in parts:
        write_images(tmp_path / part)
        for name in ("b.png", "a.JPG", ".hidden.png", "notes.txt"):
            (tmp_path / part / name).write_bytes(b"")
    notes = find_source(tmp_path).notes
    beside = [f"{tmp_path / part / 'a.JPG'} and 1 more images of {tmp_path / part} were left out" for part in parts]
    assert [note.partition(":")[0] for note in notes] == beside


def test_what_is_no_image_and_links_to_folders_are_left_out_with_a_word(tmp_path):
    write_images(tmp_path / "data")
    cat = tmp_path / "data" / "cat"
    for name in ("a.heic", "b.HEIC", "notes", ".hidden"):
        (cat / name).write_bytes(b"")
    (cat / "again").symlink_to(tmp_path / "data")
    source = find_source(tmp_path / "data")
    assert len(source.parts["all"][0]) == 20
    assert source.notes == [
        f"{cat / 'again'} was left out: it is a link to a folder",
        "what has no ending of an image was left out: 2 .heic, 1 without one",
    ]


def test_a_file_that_a_table_names_twice_gets_a_note(tmp_path):
    (note,) = find_source(write_table(tmp_path, [*LINES, *LINES[:3]])).notes
    assert note.endswith("0.png twice, and 2 more files")


def test_a_file_that_a_table_names_twice_is_taken_once_however_its_path_is_written(tmp_path):
    again = [LINES[1], f"a/../{LINES[2]}", f"{tmp_path}/{LINES[0]}"]
    table = write_table(tmp_path, [*LINES, *again])
    assert sum(len(files) for files, _ in find_source(table).parts.values()) == len(LINES)
    with open(table, "a") as file:
        file.write(f"{tmp_path}/a/0.png,9\n")
    with pytest.raises(ValueError, match="twice, with the label '10' and '9'"):
        find_source(table)


def test_a_class_too_small_for_all_parts_is_named(tmp_path, lines):
    write_images(tmp_path, classes=("many", "more"), count=5)
    write_images(tmp_path, classes=("one",), count=1)
    write_images(tmp_path, classes=("two",), count=2)
    load_dataset(tmp_path, image_size=8)
    assert lines.messages[-1].endswith(
        "too few of one (1 to search and train on, 0 to test on), two (2 to search and train on, 0 to test on)"
    )


def test_labels_of_the_same_number_have_an_order(tmp_path):
    rows = [line.replace(",10", ",01").replace(",9", ",1") for line in LINES]
    assert find_source(write_table(tmp_path, rows)).class_names == ["01", "1"]


def test_a_link_to_a_missing_image_is_damaged_and_one_to_an_image_is_the_image(tmp_path):
    write_images(tmp_path / "photos")
    first = sorted((tmp_path / "photos").rglob("*.png"))[0]
    (first.parent / "same.png").symlink_to(first)
    (first.parent / "gone.PNG").symlink_to(tmp_path / "nothing.png")
    with pytest.raises(ValueError, match=r"1 file of 22 cannot be used: .*gone.PNG is a link to a file that is"):
        load_dataset(tmp_path / "photos", image_size=8)
    dataset = load_dataset(tmp_path / "photos", image_size=8, skip_damaged=True)
    assert sorted(np.bincount([*dataset.train.label, *dataset.test.label])) == [10, 11]


def test_two_folders_for_one_part_are_refused(tmp_path):
    for part in ("train", "val", "valid"):
        write_images(tmp_path / part, count=2)
    with pytest.raises(ValueError, match="are both for valid; keep one of them"):
        find_source(tmp_path)


def write_table(folder, lines, name="labels.csv"):
    write_images(folder, classes=("a", "b"), count=5)
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return str(folder / name)


LINES = [f"{folder}/{i}.png,{label}" for folder, label in (("a", "10"), ("b", "9")) for i in range(5)]


@pytest.mark.parametrize(
    "lines",
    [
        LINES,
        ["path,label", *LINES],
        ["Label,Other,File", *(f"{line.split(',')[1]},x,{line.split(',')[0]}" for line in LINES)],
    ],
    ids=["without names", "with names", "in another order"],
)
def test_a_table_names_files_beside_it_and_their_labels(tmp_path, lines):
    dataset = load_dataset(write_table(tmp_path, lines), image_size=8)
    assert dataset.class_names == ["9", "10"]
    for images in (dataset.train, dataset.test):
        assert (images.image[:, 0, 4, 4] == 1 - images.label).all()
    assert (len(dataset.train), len(dataset.test)) == (8, 2)


def test_a_table_may_part_the_data_and_use_tabs(tmp_path):
    rows = [line.replace(",", "\t") + ("\tval" if "3.png" in line else "\ttrain") for line in LINES]
    dataset = load_dataset(write_table(tmp_path, rows, "labels.tsv"), image_size=8)
    assert (len(dataset.train), len(dataset.test)) == (8, 2)
    assert (dataset.test.image[:, 1] == 3).all()


@pytest.mark.parametrize(
    ("lines", "error", "message"),
    [
        ([*LINES, "a/x.png,9", "b/y.png,9"], FileNotFoundError, r"names files that are not there: .*x\.png, .*y\.png"),
        (["one,two", *LINES], ValueError, "under the names `path,label`.*its first line is 'one,two'"),
        ([*LINES, "a/1.png,9"], ValueError, r"names .*1\.png twice, with the label '10' and '9'"),
        (
            [LINES[0] + ",test", *(line + ",train" for line in LINES)],
            ValueError,
            "twice, with the part 'test' and 'train'",
        ),
        ([*LINES, "a/1.png"], ValueError, r"labels\.csv, line 11: expected at least 2 columns, got 1"),
        ([*LINES, "a/1.png,"], ValueError, "line 11: path or label is empty"),
        (LINES[:5], ValueError, "two or more classes, it has 10"),
        ([], ValueError, r"labels\.csv is empty"),
        ([line + ",later" for line in LINES], ValueError, "'later' is no part of the data; write train, valid or test"),
        ([line + ",test" for line in LINES], ValueError, "no line of the part 'train'"),
    ],
)
def test_a_table_with_a_mistake_is_refused_in_a_sentence(tmp_path, lines, error, message):
    with pytest.raises(error, match=message):
        load_dataset(write_table(tmp_path, lines), image_size=8)


def test_a_class_without_a_training_image_is_named(tmp_path):
    rows = [line + (",train" if line.endswith("10") else ",test") for line in LINES]
    with pytest.raises(ValueError, match="no training image of the class 9"):
        load_dataset(write_table(tmp_path, rows), image_size=8)


def test_all_damaged_files_are_listed_at_once_and_can_be_left_out(tmp_path, lines):
    write_images(tmp_path)
    for name in ("cat/3.png", "dog/4.png"):
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content[:50])
    with pytest.raises(ValueError, match=r"2 files of 20 cannot be used: .*3\.png is .*; .*4\.png is .*--skip-damaged"):
        load_dataset(str(tmp_path), image_size=8)
    dataset = load_dataset(str(tmp_path), image_size=8, skip_damaged=True)
    assert len(dataset.train) + len(dataset.test) == 18
    assert "2 files of 20 left out: " in lines.text


def test_a_folder_that_is_read_later_is_checked_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("paddleslim.nas.darts.data.folder.IN_MEMORY", 100)
    write_images(tmp_path)
    (tmp_path / "cat" / "3.png").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"1 file of 20 cannot be used: .*3\.png is no image"):
        load_dataset(str(tmp_path), image_size=8)
    dataset = load_dataset(str(tmp_path), image_size=8, skip_damaged=True)
    assert len(dataset.train) == 15


def test_a_class_of_damaged_files_is_named(tmp_path):
    write_images(tmp_path, count=1)
    (tmp_path / "cat" / "0.png").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="class cat has no image that is not damaged"):
        load_dataset(str(tmp_path), image_size=8, skip_damaged=True)


def test_images_need_not_be_square(tmp_path):
    write_images(tmp_path)
    dataset = load_dataset(str(tmp_path), image_size=(6, 12))
    assert dataset.image_shape == [3, 6, 12]
    image = dataset.augmentation(dataset.train.image[:4], np.random.default_rng(0))
    assert image.shape == (4, 3, 6, 12)


def test_one_file_of_16_bits_makes_all_images_floats_of_the_same_range(tmp_path):
    write_images(tmp_path)
    Image.fromarray(np.full([9, 12], 51400, "uint16")).save(tmp_path / "dog" / "deep.png")
    dataset = load_dataset(str(tmp_path), image_size=8)
    image = np.concatenate([dataset.train.image, dataset.test.image])
    assert image.dtype == np.float32
    assert sorted(image[:, 0, 0, 0].tolist()) == [0.0] * 10 + [1.0] * 10 + [200.0]


def test_hidden_files_and_folders_are_no_images(tmp_path):
    write_images(tmp_path)
    write_images(tmp_path, classes=(".cache", "__MACOSX"))
    (tmp_path / "cat" / "._0.png").write_bytes(b"metadata")
    assert len(find_source(tmp_path).parts["all"][0]) == 20


def test_a_data_set_is_shown_briefly(tmp_path):
    write_images(tmp_path)
    dataset = load_dataset(str(tmp_path), image_size=8)
    assert repr(dataset) == f"Dataset({tmp_path.name!r}: 16 training and 4 test images of 3 x 8 x 8, 2 classes)"
    assert repr(dataset.test) == "Images(4 of 3 x 8 x 8, uint8, 2 classes)"


@pytest.mark.parametrize("limit", [131_072, 2**31 - 1])
def test_a_field_too_long_is_refused_whatever_limit_another_package_has_set(tmp_path, limit):
    (tmp_path / "long.csv").write_text("path,label\n" + "x" * 131_073 + ",1\n")
    before = csv.field_size_limit(limit)
    try:
        with pytest.raises(ValueError, match=r"long\.csv is no table: field larger than field limit \(131072\)"):
            find_source(tmp_path / "long.csv")
    finally:
        csv.field_size_limit(before)


def test_a_class_may_be_absent_from_the_test_and_none_may_be_there_alone(tmp_path):
    write_images(tmp_path / "train", classes=("cat", "dog", "eel"))
    write_images(tmp_path / "test", classes=("dog", "eel"), count=2)
    dataset = load_dataset(tmp_path, image_size=8)
    assert np.bincount(dataset.test.label).tolist() == [0, 2, 2]
    assert dataset.class_names == ["cat", "dog", "eel"]
    write_images(tmp_path / "test", classes=("fox",))
    with pytest.raises(ValueError, match="test holds the classes dog, eel, fox; its classes should be among those of"):
        find_source(tmp_path)


def test_a_link_to_a_folder_around_it_is_no_class(tmp_path):
    write_images(tmp_path / "photos")
    for name, target in (("around", ".."), ("itself", "."), ("nothing", "nothing")):
        (tmp_path / "photos" / name).symlink_to(target)
    source = find_source(tmp_path / "photos")
    assert source.class_names == ["cat", "dog"]
    assert [note.partition(" was")[0][-6:] for note in sorted(source.notes)] == ["around", "itself"]


def test_a_link_to_itself_is_damaged(tmp_path):
    write_images(tmp_path / "photos")
    loop = tmp_path / "photos" / "cat" / "loop.png"
    loop.symlink_to(loop)
    with pytest.raises(ValueError, match=r"1 file of 21 cannot be used: .*loop.png is a link that leads back to"):
        load_dataset(tmp_path / "photos", image_size=8)


def test_a_table_of_another_system_has_backslashes_and_one_of_addresses_is_refused(tmp_path):
    table = write_table(tmp_path, [line.replace("/", "\\") for line in LINES])
    assert [str(path) for path in find_source(table).parts["all"][0]] == [
        str(tmp_path / line.partition(",")[0]) for line in LINES
    ]
    table = write_table(tmp_path / "addresses", ["https://a.org/b.png,1", *LINES])
    with pytest.raises(ValueError, match=r"names https://a\.org/b\.png; download the images, and name the files"):
        find_source(table)
