"""A transform of the user's own for training images, such as those of `paddle.vision.transforms`."""

from __future__ import annotations

import contextlib
import random

import numpy as np

from ....extras import require

__all__ = ["transform_batch"]


def transform_batch(image, transform, rng):
    """Return the batch with `transform` applied to each image.

    Paddle's transforms draw from the generators of Paddle, numpy and Python; these are seeded by `rng` and left as
    they were, so that the same `rng` gives the same images.

    Args:
        image: `[N, C, H, W]`.
        transform: function of one image: a Pillow image where the batch is bytes in 1 or 3 channels, else an array
            `[H, W, C]`. It returns one of them, of the same size and range, or what `ToTensor()` makes of it.
        rng: a numpy generator.

    Raises:
        TypeError, ValueError: the transform returns something else.
    """
    with seeded(*rng.integers(0, 2**32, 3).tolist()):
        return np.stack([to_planes(transform(to_picture(one)), one) for one in image])


@contextlib.contextmanager
def seeded(for_paddle, for_numpy, for_python):
    """Seed the generators of Paddle on the CPU, numpy and Python for a block, and restore them."""
    import paddle

    on_cpu = paddle.framework.core.default_cpu_generator()  # a worker process must not touch a GPU
    outside = on_cpu.get_state(), np.random.get_state(), random.getstate()
    try:
        on_cpu.manual_seed(for_paddle)
        np.random.seed(for_numpy)
        random.seed(for_python)
        yield
    finally:
        on_cpu.set_state(outside[0])
        np.random.set_state(outside[1])
        random.setstate(outside[2])


def to_picture(image):
    """Return `[C, H, W]` as a Pillow image if it is one, else as an array `[H, W, C]`."""
    if image.dtype != np.uint8 or len(image) not in (1, 3):
        return np.ascontiguousarray(image.transpose(1, 2, 0))
    require("PIL", extra="cli", user="A transform of images")
    from PIL import Image

    return Image.fromarray(image[0]) if len(image) == 1 else Image.fromarray(image.transpose(1, 2, 0))


def to_planes(result, given):
    """Return what a transform made of the image `given`, `[C, H, W]`, in the same layout and range."""
    import paddle

    if isinstance(result, paddle.Tensor):
        planes = from_tensor(result, given)
    else:
        array = np.asarray(result)
        planes = array[None] if array.ndim == 2 else array.transpose(2, 0, 1) if array.ndim == 3 else array
    if planes.dtype.kind not in "fiu":
        raise TypeError(f"the transform must return images of numbers, got {type(result).__name__} of {planes.dtype}")
    if planes.shape != given.shape:
        raise ValueError(
            f"the transform must leave images of {describe(given.shape)}, got {describe(planes.shape)}; "
            "end it with one that brings them to size, such as Resize or RandomResizedCrop"
        )
    return planes


def from_tensor(result, given):
    """Return the tensor of `ToTensor()`, `[C, H, W]` from 0 to 1, in the range of the bytes that it was made of."""
    planes = result.numpy()
    if given.dtype != np.uint8:
        return planes
    if planes.min(initial=0) < 0 or planes.max(initial=0) > 1:
        raise ValueError(
            f"the transform returns a tensor from {planes.min():.3g} to {planes.max():.3g}, where ToTensor() gives 0 "
            "to 1; leave Normalize out, images are normalised by the mean and deviation of the data set"
        )
    return planes * np.float32(255)


def describe(shape):
    return " x ".join(map(str, shape[-2:])) + f" pixels in {shape[0]} channels" if len(shape) == 3 else str(shape)
