import io

import numpy as np
import pytest
from PIL import Image

from paddleslim.nas.darts.data import pictures
from paddleslim.nas.darts.data.pictures import (
    DamagedPicture,
    Preparation,
    describe_several,
    fit_picture,
    open_picture,
    read_pictures,
)

pytestmark = pytest.mark.any_paddle

TURNED = 6  # in EXIF: the first row of the file is the right side of the picture


def read(path, height=4, width=4, channels=3):
    (found,) = read_pictures([path], Preparation(height, width, channels))
    if isinstance(found, DamagedPicture):
        raise found
    return found


def test_sixteen_bits_of_grey_keep_their_range(tmp_path):
    path = tmp_path / "deep.png"
    Image.fromarray(np.full([4, 4], [0, 257, 25700, 65535], "uint16")).save(path)
    image = read(path)
    assert image.dtype == np.float32
    np.testing.assert_allclose(image[:, 0], [[0, 1, 100, 255]] * 3, rtol=1e-6)


def test_a_sixteen_bit_tiff_of_either_byte_order_is_read_alike(tmp_path):
    values = np.full([4, 4], 5140, "uint16")
    for order in ("<u2", ">u2"):
        Image.fromarray(values.astype(order)).save(tmp_path / "deep.tif")
        np.testing.assert_allclose(read(tmp_path / "deep.tif"), 20, rtol=1e-6)


def test_a_picture_is_turned_as_its_exif_data_say(tmp_path):
    pixels = np.zeros([2, 4, 3], "uint8")
    pixels[0] = 255
    exif = Image.Exif()
    exif[0x0112] = TURNED
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    assert open_picture(tmp_path / "turned.png").turned
    expected = np.zeros([4, 2])
    expected[:, 1] = 255
    np.testing.assert_array_equal(read(tmp_path / "turned.png", 4, 2)[0], expected)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_shows_white(tmp_path, mode):
    pixels = np.zeros([4, 4, 4], "uint8")
    pixels[..., 3] = [0, 255, 255, 128]
    picture = Image.fromarray(pixels).convert(mode)
    picture.putalpha(Image.fromarray(pixels[..., 3]))  # which Pillow before 12 loses on the way to PA
    picture.save(tmp_path / "clear.tif" if mode == "PA" else tmp_path / "clear.png")
    image = read(next(tmp_path.iterdir()))
    np.testing.assert_allclose(image[0, 0], [255, 0, 0, 127], atol=1)


def test_a_transparent_colour_of_a_palette_shows_white(tmp_path):
    palette = Image.fromarray(np.full([4, 4], [0, 1, 1, 0], "uint8"), "L").convert("P")
    palette.putpalette([9, 9, 9, 50, 60, 70])
    palette.save(tmp_path / "clear.png", transparency=0)
    assert read(tmp_path / "clear.png")[:, 0, :2].tolist() == [[255, 50], [255, 60], [255, 70]]


def test_grey_pictures_have_three_equal_channels_or_one(tmp_path):
    Image.new("L", (4, 4), 77).save(tmp_path / "grey.png")
    assert (read(tmp_path / "grey.png") == 77).all()
    assert read(tmp_path / "grey.png", channels=1).shape == (1, 4, 4)


def test_the_middle_of_the_right_shape_is_cut_out(tmp_path):
    Image.fromarray(np.repeat(np.arange(8, dtype="uint8")[None, :, None] * 30, 4, 0).repeat(3, 2)).save(
        tmp_path / "wide.png"
    )
    assert read(tmp_path / "wide.png", 4, 4)[0, 0].tolist() == [60, 90, 120, 150]
    assert read(tmp_path / "wide.png", 4, 8)[0, 0].tolist() == list(range(0, 240, 30))


def make_bytes(**options):
    content = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, [40, 40, 3]).astype("uint8")
    Image.fromarray(noise).save(content, **options)
    return content.getvalue()


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "tiff", "gif", "bmp"])
def test_a_truncated_picture_is_named_whatever_its_format(tmp_path, kind):
    path = tmp_path / f"cut.{kind}"
    content = make_bytes(format=kind)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(DamagedPicture, match=r"cut\.\w+ is (damaged|no image)"):
        read(path)


def test_a_picture_of_another_range_is_named(tmp_path):
    Image.fromarray(np.full([4, 4], 0.5, "float32")).save(tmp_path / "floats.tif")
    Image.fromarray(np.full([4, 4], 70000, "int32")).save(tmp_path / "large.tif")
    with pytest.raises(DamagedPicture, match=r"floats\.tif holds floats, of a range that is not known"):
        read(tmp_path / "floats.tif")
    with pytest.raises(DamagedPicture, match=r"large\.tif holds numbers from 70000 to 70000; save grey images with 8"):
        read(tmp_path / "large.tif")


def test_a_picture_with_too_many_pixels_is_named(tmp_path, monkeypatch):
    Image.new("RGB", (50, 50)).save(tmp_path / "huge.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(DamagedPicture, match=r"huge\.png has more pixels than Pillow reads"):
        read(tmp_path / "huge.png")


def test_a_file_that_the_system_refuses_is_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        read(tmp_path / "absent.png")


@pytest.mark.parametrize("ending", ["gif", "tif", "png", "webp"])
def test_of_several_frames_or_pages_the_first_is_taken_and_the_file_is_named(tmp_path, ending):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "lime")]
    frames[0].save(tmp_path / f"many.{ending}", save_all=True, append_images=frames[1:], lossless=True)
    frames[1].save(tmp_path / f"one.{ending}", lossless=True)
    several: list = []
    paths = [tmp_path / f"{name}.{ending}" for name in ("one", "many")]
    (one, many) = read_pictures(paths, Preparation(8, 8), several=several)
    assert (one[:, 4, 4].tolist(), many[:, 4, 4].tolist()) == ([0, 0, 255], [255, 0, 0])
    assert describe_several(several) == (
        f"1 file holds several frames or pages, of which the first one is taken: {tmp_path / f'many.{ending}'}"
    )


def test_the_second_picture_of_a_photograph_and_a_damaged_frame_do_no_harm(tmp_path):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "photo.jpg", format="MPO", save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "cut.gif", save_all=True, append_images=frames[1:])
    content = (tmp_path / "cut.gif").read_bytes()
    (tmp_path / "cut.gif").write_bytes(content[:-20])
    several: list = []
    read_pictures([tmp_path / "photo.jpg"], Preparation(8, 8), several=several)
    assert several == []
    (cut,) = read_pictures([tmp_path / "cut.gif"], Preparation(8, 8), several=several)
    assert cut[:, 4, 4].tolist() == [255, 0, 0]
    assert "12 files hold several frames or pages" in describe_several(several * 12)
    assert describe_several(several * 12).endswith(" and 2 more")


def test_a_list_of_damaged_files_stays_short():
    text = pictures.list_damaged([DamagedPicture(f"{i}.png is damaged") for i in range(13)])
    assert text.startswith("0.png is damaged; 1.png")
    assert text.endswith("9.png is damaged; and 3 more")


def test_sixteen_bits_of_grey_are_fitted_like_eight(tmp_path):
    ramp = np.add.outer(np.arange(24), np.arange(36)).astype("uint8")
    eight = fit_picture(Image.fromarray(ramp).convert("RGB"), Preparation(5, 7))
    sixteen = fit_picture(Image.fromarray(ramp.astype("float32")), Preparation(5, 7))
    np.testing.assert_allclose(sixteen, eight, atol=1.01)  # bytes are rounded in both passes


@pytest.mark.parametrize(
    ("values", "message"),
    [((0, 4), "height of the images must be a whole number of at least 1, got 0"), ((4, 4, 2), r"one of \(1, 3\)")],
)
def test_a_preparation_that_cannot_be_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Preparation(*values)
