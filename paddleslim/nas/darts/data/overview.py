"""What a data set is like, before anything is trained on it."""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import hashlib
import os
import pathlib
from typing import Any, NamedTuple

import numpy as np

from .pictures import DamagedPicture, describe_several, fit_picture, open_picture

__all__ = ["Overview", "look_over_arrays", "look_over_files"]

KINDS = {"I": "16-bit grey", "L": "grey", "1": "black and white", "P": "colours of a palette", "CMYK": "CMYK"}


@dataclasses.dataclass
class Overview:
    """What a data set is like.

    Attributes:
        name: what messages call it.
        class_names: one for each label.
        shape: `[channels, height, width]` of what a network is given.
        counts: the number of sound images of each class, by the part of the data, in the words of the folder.
        sizes: width and height of each file; empty where the data are arrays.
        kinds: how many files are grey, transparent and so on.
        damaged: the errors of the files that cannot be used.
        repeated: pairs of files with the same content.
        crossing: how many of these pairs are in two parts, so that a test measures what was trained on.
        notes: sentences about what stands out.
        thumbnails: Pillow images by class, as the network is given them, each with a caption.
    """

    name: str
    class_names: list[str]
    shape: list[int]
    counts: dict[str, list[int]]
    sizes: list[tuple[int, int]] = dataclasses.field(default_factory=list)
    kinds: dict[str, int] = dataclasses.field(default_factory=dict)
    damaged: list[DamagedPicture] = dataclasses.field(default_factory=list)
    repeated: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    crossing: int = 0
    notes: list[str] = dataclasses.field(default_factory=list)
    thumbnails: dict[int, list[tuple[Any, str]]] = dataclasses.field(default_factory=dict)

    def describe_sizes(self):
        """Return a sentence about the sizes of the files, in width x height."""
        widths, heights = zip(*self.sizes)
        if len(set(self.sizes)) == 1:
            return f"all {widths[0]} x {heights[0]} pixels"
        median = f"{round(float(np.median(widths)))} x {round(float(np.median(heights)))}"
        return (
            f"{min(widths)} to {max(widths)} pixels wide and {min(heights)} to {max(heights)} high, the medians are "
            f"{median}; a network is given {self.shape[2]} x {self.shape[1]}"
        )


class Look(NamedTuple):
    """What one file is like: a `Picture` without its pixels, the hash of its content, a thumbnail if one was wanted."""

    kinds: list[str]
    size: tuple[int, int]
    content: str
    thumbnail: object
    several: bool


def look_over_files(source, preparation, thumbnails=8):
    """Return the `Overview` of a `Source`; every file is read.

    Args:
        source: what `find_source` returns.
        preparation: how a network is given the pictures.
        thumbnails: how many of each class are kept.
    """
    entries = [(part, path, label) for part, files in source.parts.items() for path, label in zip(*files)]
    wanted = choose_evenly([label for _, _, label in entries], thumbnails)
    with concurrent.futures.ThreadPoolExecutor(min(os.cpu_count() or 1, 16)) as threads:
        looks = list(threads.map(lambda i: look_at(entries[i][1], preparation, i in wanted), range(len(entries))))
    overview = Overview(source.name, source.class_names, preparation.shape, {}, notes=list(source.notes))
    seen: dict[str, tuple[str, str]] = {}
    kinds: collections.Counter = collections.Counter()
    for (part, path, label), look in zip(entries, looks):
        counts = overview.counts.setdefault(source.names[part], [0] * len(source.class_names))
        if isinstance(look, DamagedPicture):
            overview.damaged.append(look)
            continue
        counts[label] += 1
        overview.sizes.append(look.size)
        kinds.update(look.kinds)
        first_part, first_path = seen.setdefault(look.content, (part, str(path)))
        if first_path != str(path):
            overview.repeated.append((first_path, str(path)))
            overview.crossing += first_part != part
        if look.thumbnail is not None:
            overview.thumbnails.setdefault(label, []).append((look.thumbnail, pathlib.Path(path).name))
    overview.kinds = dict(kinds)
    several = [path for (_, path, _), look in zip(entries, looks) if isinstance(look, Look) and look.several]
    overview.notes += [describe_several(several)] if several else []
    held_out = source.names.get("test" if "test" in source.parts else "valid")
    overview.notes += note_counts(overview, held_out)
    return overview


def look_at(path, preparation, with_thumbnail):
    """Return the `Look` at a file, or the `DamagedPicture` that says why there is none."""
    try:
        picture = open_picture(path)
        thumbnail = to_thumbnail(fit_picture(picture.pixels, preparation)) if with_thumbnail else None
    except DamagedPicture as error:
        return error
    mode = "I" if picture.mode.startswith("I") else picture.mode
    kinds = [KINDS.get(mode, "colour")]
    kinds += ["with transparency"] * picture.transparent + ["turned by EXIF data"] * picture.turned
    return Look(
        kinds, picture.size, hashlib.blake2b(pathlib.Path(path).read_bytes()).hexdigest(), thumbnail, picture.several
    )


def choose_evenly(labels, count):
    """Return the indices of about `count` entries of each label, evenly spread over them."""
    labels = np.asarray(labels)
    chosen: set[int] = set()
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        chosen.update(members[np.linspace(0, len(members) - 1, min(count, len(members))).astype(int)].tolist())
    return chosen


def look_over_arrays(dataset, thumbnails=8):
    """Return the `Overview` of a `Dataset` of arrays; thumbnails run from the darkest value to the brightest."""
    counts = {
        part: np.bincount(images.label, minlength=dataset.num_classes).tolist()
        for part, images in (("train", dataset.train), ("test", dataset.test))
    }
    overview = Overview(dataset.name, dataset.class_names, dataset.image_shape, counts)
    for i in sorted(choose_evenly(dataset.train.label, thumbnails)):
        image = dataset.train.image[np.asarray([i])][0]
        scaled = (image - image.min()) * (255.0 / max(float(np.ptp(image)), 1e-12))
        entry = to_thumbnail(scaled if len(image) in (1, 3) else scaled[:1]), f"number {i}"
        overview.thumbnails.setdefault(int(dataset.train.label[i]), []).append(entry)
    overview.notes += note_counts(overview, "test")
    return overview


def to_thumbnail(image):
    """Return `[1 or 3, H, W]` from 0 to 255 as a Pillow image."""
    from PIL import Image

    planes = np.broadcast_to(np.rint(image).astype(np.uint8), (3, *image.shape[1:]))
    return Image.fromarray(np.ascontiguousarray(planes.transpose(1, 2, 0)))


def note_counts(overview, held_out):
    """Return sentences about classes that are small or absent; the images of the part `held_out` are the test's."""
    totals = np.sum(list(overview.counts.values()), axis=0)
    trained = totals - overview.counts.get(held_out, 0)
    notes = [
        f"class {name} has no {'training image' if total else 'image'}"
        for name, total, count in zip(overview.class_names, totals, trained)
        if count == 0
    ]
    few = [f"{name} ({total})" for name, total in zip(overview.class_names, totals) if 0 < total < 10]
    if few:
        notes.append(f"fewer than 10 images: {', '.join(few)}")
    if totals.min() > 0 and totals.max() >= 10 * totals.min():
        notes.append(f"the largest class has {totals.max() / totals.min():.0f} times as many images as the smallest")
    return notes
