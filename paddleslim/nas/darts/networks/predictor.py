"""Predictions for pictures and arrays, prepared as the images of the training were."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable, Sequence
from typing import Any, Callable, NamedTuple

import numpy as np

from ....common.log_helper import package_logger
from ....common.paths import is_url, own_path
from ....common.types import Array
from ..data.pictures import (
    DamagedPicture,
    Preparation,
    describe_several,
    fit_picture,
    list_damaged,
    make_upright,
    read_pictures,
)

__all__ = ["Prediction", "Predictor"]

logger = package_logger(__name__)

BATCH = 64  # images at a time


class Prediction(NamedTuple):
    """What a network makes of one image.

    Attributes:
        image: the path that was given, or the number of the image among those given.
        label: the number of the likeliest class.
        class_name: its name.
        probability: that the network gives it.
        probabilities: of all classes, `[classes]`.
    """

    image: object
    label: int
    class_name: str
    probability: float
    probabilities: np.ndarray


class Predictor:
    """A trained network with all that leads from a picture to the name of its class.

    Args:
        run: function of images `[N, channels, height, width]`, float32 in the units of the data set, that returns
            their logits `[N, classes]`; both are arrays.
        image_shape: `[channels, height, width]`.
        class_names: one for each logit.
        preparation: the `Preparation` of the training; None if the network was trained on arrays that no picture
            file can be turned into.

    Example:
        >>> predictor = load_trained("runs/trained")
        >>> predictor.predict(["cat.jpg"])[0].class_name
    """

    def __init__(
        self,
        run: Callable[[Array], Array],
        image_shape: Sequence[int],
        class_names: Sequence[str],
        preparation: Preparation | None = None,
    ) -> None:
        self.run, self.image_shape, self.class_names = run, list(image_shape), list(class_names)
        self.preparation = preparation

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.image_shape))
        return f"Predictor(images of {shape}, {len(self.class_names)} classes)"

    def predict(self, images: Array | Iterable[Any], skip_damaged: bool = False) -> list[Prediction]:
        """Return a `Prediction` for each of `images`.

        Args:
            images: an array or tensor `[N, channels, height, width]` in the units of the data set; or paths and Pillow
                images, one after the other, which are prepared as the training prepared its own.
            skip_damaged: leave files that cannot be read out, with a warning that names them, instead of an error.

        Raises:
            OSError: a file cannot be read.
            ValueError: files are damaged, the message names them all; or an array has another shape.
            TypeError: it is something else.
        """
        images = list_images(images)
        if isinstance(images, np.ndarray):
            self.warn_of_range(images)
        names = [image if isinstance(image, (str, pathlib.Path)) else i for i, image in enumerate(images)]
        found, damaged = [], []
        several: list[Any] = []
        for start in range(0, len(images), BATCH):
            prepared = self.prepare(images[start : start + BATCH], several)
            sound = [i for i, image in enumerate(prepared) if not isinstance(image, DamagedPicture)]
            damaged += [image for image in prepared if isinstance(image, DamagedPicture)]
            if sound and (skip_damaged or not damaged):
                logits = self.run(np.stack([prepared[i] for i in sound]).astype(np.float32))
                if logits.shape != (len(sound), len(self.class_names)):
                    raise ValueError(
                        f"the network gives logits of shape {list(logits.shape)} for {len(sound)} images of "
                        f"{len(self.class_names)} classes, so its classes are those of another one"
                    )
                found += [self.name(names[start + i], row) for i, row in zip(sound, softmax(logits))]
        if damaged and not skip_damaged:
            raise ValueError(
                f"{len(damaged)} of {len(images)} images cannot be used: {list_damaged(damaged)}. Leave them out by "
                "--skip-damaged (skip_damaged=True)"
            )
        if several:
            logger.warning(describe_several(several))
        if damaged:
            logger.warning("%d of %d images left out: %s", len(damaged), len(images), list_damaged(damaged))
        return found

    def name(self, image: object, probabilities: Array) -> Prediction:
        """Return the `Prediction` of these probabilities."""
        label = int(probabilities.argmax())
        return Prediction(image, label, self.class_names[label], float(probabilities[label]), probabilities)

    def prepare(self, images: Array | Sequence[Any], several: list[Any] | None = None) -> Array | list[Any]:
        """Return `images` in the units of the data set, one by one; a `DamagedPicture` for each that has none.

        Files of several frames or pages are added to `several`.
        """
        if isinstance(images, np.ndarray):
            if list(images.shape[1:]) != self.image_shape or images.dtype.kind not in "fiub":
                raise ValueError(
                    f"images must be numbers of shape {self.layout}, got {images.dtype} {list(images.shape)}"
                )
            if not np.isfinite(images).all():
                raise ValueError("images must be finite, and there are infinities or NaN among their values")
            return images
        if self.preparation is None:
            raise ValueError(
                "this network was trained on arrays, and nothing says how a picture becomes one; give an array of "
                f"shape {self.layout} in the units of the training"
            )
        return [self.prepare_one(image, several) for image in images]

    def warn_of_range(self, images: Array) -> None:
        """Warn of an array from 0 to 1 where those of the training were from 0 to 255."""
        fractions = images.dtype.kind == "f" and images.size and 0 < images.max() <= 1
        if self.preparation is not None and fractions:
            logger.warning(
                "the images have values up to %.3g, and those of the training went from 0 to 255; if these go from 0 "
                "to 1, multiply them by 255",
                images.max(),
            )

    @property
    def layout(self) -> str:
        """The shape of a batch, for messages."""
        return f"[N, {', '.join(map(str, self.image_shape))}]"

    def prepare_one(self, image: Any, several: list[Any] | None = None) -> Array | DamagedPicture:
        """Return a path or a Pillow image as an array, or the `DamagedPicture` that says why not."""
        if isinstance(image, (str, pathlib.Path)):
            if is_url(image):
                raise ValueError(f"{image} is on another machine; download it, and give the file")
            if own_path(image).is_dir():
                raise ValueError(
                    f"{image} is a folder; give the files in it, such as Path({str(image)!r}).glob('*.jpg')"
                )
            return read_pictures([image], self.preparation, several=several)[0]
        from PIL import Image

        if not isinstance(image, Image.Image):
            raise TypeError(
                f"images must be an array, or a list of paths and Pillow images, got {type(image).__name__}"
            )
        what = str(getattr(image, "filename", "")) or "a Pillow image"
        try:
            return fit_picture(make_upright(image, what), self.preparation)
        except DamagedPicture as error:
            return error
        except MemoryError:
            raise
        except Exception as error:  # pixels are decoded only now, and the decoders raise many
            return DamagedPicture(f"{what} is damaged ({type(error).__name__}: {error})")


def list_images(images: Any) -> Array | Sequence[Any]:
    """Return an array of numbers as it is, a tensor as an array, and several images or an array of paths as a list.

    Raises:
        TypeError: it is one image.
    """
    if hasattr(images, "numpy"):
        images = images.numpy()
    if isinstance(images, np.ndarray):
        return images.tolist() if images.ndim == 1 and images.dtype.kind in "UO" else images
    if isinstance(images, (str, bytes)) or not hasattr(images, "__iter__"):
        raise TypeError(
            f"images must be an array, or a list of paths and Pillow images, got {type(images).__name__} alone; "
            "put one image into a list"
        )
    return list(images)


def softmax(logits: Array) -> Array:
    """Return the probabilities `exp(z) / sum(exp(z))` of each row, in float64."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
