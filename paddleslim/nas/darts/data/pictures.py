"""From the file of a picture to the array that a network is given."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import errno
import functools
import os
import warnings
from typing import NamedTuple

import numpy as np

from ....common.one_line import one_line
from ....common.paths import own_path
from ....extras import require

__all__ = [
    "DamagedPicture",
    "Picture",
    "Preparation",
    "describe_several",
    "fit_picture",
    "list_damaged",
    "make_upright",
    "open_picture",
    "read_pictures",
]

WHITE = 255
SHOWN = 10  # damaged files that a message names
RUN_PROGRAMS = ("EPS",)  # formats that Pillow has a program of the system draw, whatever a file is called


class DamagedPicture(ValueError):
    """A file that is no picture, or a damaged one; the message names it and says why."""


@dataclasses.dataclass(frozen=True)
class Preparation:
    """How the file of a picture becomes an array `[channels, height, width]`, in training and in prediction alike.

    Of several frames or pages it is the first one. It is turned as its EXIF data say; transparent parts show white;
    sixteen bits a pixel become the range 0 to 255 with fractions; the largest middle part of the right shape is cut out
    and brought to size by Pillow.

    Attributes:
        height, width: in pixels.
        channels: 3 for red, green and blue, 1 for grey.
        crop: 'centre', the only one there is.
        interpolation: 'bilinear', Pillow's, which averages over the pixels that become one.
    """

    height: int
    width: int
    channels: int = 3
    crop: str = "centre"
    interpolation: str = "bilinear"

    def __post_init__(self):
        for name in ("height", "width"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} of the images must be a whole number of at least 1, got {value!r}")
        for name, known in (("channels", (1, 3)), ("crop", ("centre",)), ("interpolation", ("bilinear",))):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be one of {known}, got {getattr(self, name)!r}")

    @property
    def shape(self):
        """`[channels, height, width]`."""
        return [self.channels, self.height, self.width]

    @property
    def colours(self):
        """The meaning of the channels, in their order."""
        return "red, green, blue" if self.channels == 3 else "grey"


class Picture(NamedTuple):
    """A picture as it is looked at: its pixels, and what its file is like.

    Attributes:
        pixels: a Pillow image in mode RGB, or in mode F with values from 0 to 255 where the file has 16 bits of grey.
        mode: Pillow's mode of the file.
        size: width and height of the file, before it was turned.
        turned: whether its EXIF data say that it is to be turned.
        transparent: whether a part of it is transparent.
        several: whether its file holds further frames or pages.
    """

    pixels: object
    mode: str
    size: tuple[int, int]
    turned: bool
    transparent: bool
    several: bool


def open_picture(path):
    """Return the file at `path` as a `Picture`.

    Raises:
        DamagedPicture: it is no picture, a damaged one, one too large, or one whose range of values is unknown.
        OSError: the system cannot open it.
    """
    require("PIL", extra="cli", user="Reading pictures")
    from PIL import Image, UnidentifiedImageError

    try:
        with own_path(path).open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a large picture that is no error yet, of odd metadata
            with Image.open(file, formats=list_formats()) as image:
                mode, size = image.mode, image.size
                turned = image.getexif().get(0x0112, 1) not in (0, 1)  # the tag of the orientation
                image.load()
                pixels, transparent = make_upright(image, path), has_transparency(image)
                return Picture(pixels, mode, size, turned, transparent, has_several(image))
    except DamagedPicture:
        raise
    except UnidentifiedImageError as error:
        raise DamagedPicture(f"{path} is no image, or a damaged one") from error
    except Image.DecompressionBombError as error:
        raise DamagedPicture(f"{path} has more pixels than Pillow reads ({error}); make it smaller") from error
    except OSError as error:
        if isinstance(error, FileNotFoundError) and own_path(path).is_symlink():
            raise DamagedPicture(f"{path} is a link to a file that is not there") from error
        if error.errno == errno.ELOOP:
            raise DamagedPicture(f"{path} is a link that leads back to itself") from error
        if error.errno is not None:  # of the system; those of Pillow have no number
            raise
        raise DamagedPicture(f"{path} is damaged ({error})") from error
    except MemoryError:
        raise
    except Exception as error:  # the decoders raise SyntaxError, struct.error, zlib.error, IndexError and others
        raise DamagedPicture(f"{path} is damaged ({type(error).__name__}: {error})") from error


@functools.cache
def list_formats():
    """Return the formats that Pillow decodes itself."""
    from PIL import Image

    Image.init()
    return [name for name in Image.OPEN if name not in RUN_PROGRAMS]


def has_several(image):
    """Whether a file holds several frames or pages; the pictures that a camera adds to a photograph are none."""
    try:
        return image.format != "MPO" and bool(getattr(image, "is_animated", False))
    except Exception:  # whatever is wrong with the next one
        return True


def has_transparency(image):
    return image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info


def make_upright(image, path):
    """Return the Pillow image turned by its EXIF data, in mode RGB, or F for 16 bits of grey, white where transparent.

    Raises:
        DamagedPicture: its range of values is unknown; the message calls it `path`.
    """
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        values = np.asarray(image).astype(np.int64)
        if values.min() < 0 or values.max() > 65535:
            raise DamagedPicture(
                f"{path} holds numbers from {values.min()} to {values.max()}; save grey images with 8 or 16 bits"
            )
        return Image.fromarray((values / 257).astype(np.float32))  # 65535 / 257 = 255
    if image.mode == "F":
        raise DamagedPicture(f"{path} holds floats, of a range that is not known; save grey images with 8 or 16 bits")
    if has_transparency(image):
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, (WHITE,) * 4), image).convert("RGB")
    return image.convert("RGB")


def fit_picture(pixels, preparation):
    """Return `pixels` of a `Picture` as an array `[channels, height, width]`: uint8, or float32 from 16 bits."""
    from PIL import Image, ImageOps

    size = (preparation.width, preparation.height)
    fitted = ImageOps.fit(pixels, size, Image.Resampling.BILINEAR)
    if fitted.mode == "F":
        grey = np.clip(np.asarray(fitted, np.float32), 0, 255)
        return np.broadcast_to(grey, preparation.shape)
    fitted = fitted.convert("L") if preparation.channels == 1 else fitted
    return np.asarray(fitted).reshape(preparation.height, preparation.width, -1).transpose(2, 0, 1)


def read_picture(path, preparation, several):
    """Return the file at `path` as an array, or the `DamagedPicture` that says why not; see `read_pictures`."""
    try:
        picture = open_picture(path)
    except DamagedPicture as error:
        return error
    if picture.several and several is not None:
        several.append(path)
    return fit_picture(picture.pixels, preparation)


def read_pictures(paths, preparation, keep=True, several=None):
    """Return for each of the files its array, or the `DamagedPicture` that says why there is none.

    Args:
        paths: of the files.
        preparation: a `Preparation`.
        keep: False for the types of the arrays alone, which takes no memory.
        several: a list that is given the files that hold several frames or pages, in any order.
    """

    def read(path):
        found = read_picture(path, preparation, several)
        return found if keep or isinstance(found, DamagedPicture) else found.dtype

    if len(paths) < 16:
        return [read(path) for path in paths]
    with concurrent.futures.ThreadPoolExecutor(min(os.cpu_count() or 1, 16)) as threads:
        return list(threads.map(read, paths))


def describe_several(paths):
    """Return a sentence about files with several frames or pages, which names the first `SHOWN` of them."""
    files = sorted(map(str, paths))
    holds = "1 file holds" if len(files) == 1 else f"{len(files)} files hold"
    more = f" and {len(files) - SHOWN} more" if len(files) > SHOWN else ""
    listed = ", ".join(map(one_line, files[:SHOWN]))
    return f"{holds} several frames or pages, of which the first one is taken: {listed}{more}"


def list_damaged(errors):
    """Return one line that names the damaged files, the first `SHOWN` of them with the reason."""
    rest = f"; and {len(errors) - SHOWN} more" if len(errors) > SHOWN else ""
    return "; ".join(one_line(error) for error in errors[:SHOWN]) + rest
