"""A trained network as a file that other programs run: Paddle's inference format, and ONNX."""

from __future__ import annotations

import contextlib
import importlib.metadata
import logging
import os
import sys
import tempfile

import numpy as np
import paddle
from paddle import nn

from ....common.paths import own_path
from .output_name import name_output

__all__ = ["Deployed", "check_onnx_packages", "export_onnx", "export_paddle", "quiet"]

OUTPUT = "logits"
TOLERANCE = 1e-4  # of logits, relative to the largest one: float32, summed in another order


class Deployed(nn.Layer):
    """A network that takes images in the units of their data set, normalises them itself and returns logits."""

    def __init__(self, network, mean, std):
        super().__init__()
        self.network = network
        for name, values in (("mean", mean), ("std", std)):
            self.register_buffer(name, paddle.to_tensor(np.asarray(values, np.float32).reshape(1, -1, 1, 1)))

    def forward(self, image):
        """Return the logits, `[N, classes]`."""
        return self.run(image)

    @paddle.jit.not_to_static  # traced as it is; else Paddle 2.6 leaves rewritten methods in the network
    def run(self, image):
        return self.network((image - self.mean) / self.std)


def export_paddle(deployed, image_shape, path):
    """Write `deployed` in Paddle's inference format, read it back and compare; return the greatest difference.

    Args:
        deployed: a `Deployed`, in evaluation mode.
        image_shape: `[channels, height, width]`.
        path: of the files, without an ending: `.json` (Paddle 3) or `.pdmodel` (Paddle 2), and `.pdiparams`.

    Raises:
        OSError: the files cannot be written or read back.
        ValueError: they give other logits than the network.
    """
    path = own_path(path)
    spec = paddle.static.InputSpec([None, *image_shape], "float32", "image")
    with quiet() as said:
        try:
            paddle.jit.save(deployed, str(path), input_spec=[spec])
            name_output(path, OUTPUT)
            loaded = paddle.jit.load(str(path))
            loaded.eval()
        except (RuntimeError, ValueError, SystemError) as error:
            raise OSError(
                f"{path} could not be written and read back ({brief(error, said)}); is there room on the disk?"
            ) from error
        return compare(deployed, lambda image: loaded(paddle.to_tensor(image)).numpy(), image_shape, path)


def check_onnx_packages():
    """Raise an ImportError unless paddle2onnx and onnxruntime are there and fit this Paddle."""
    major = int(paddle.__version__.split(".")[0])
    wanted = "paddle2onnx>=2.1" if major >= 3 else "paddle2onnx>=1.3,<2"
    for name, install in (("paddle2onnx", wanted), ("onnxruntime", "onnxruntime")):
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            if name == "paddle2onnx" and sys.version_info >= (3, 13):
                remedy = (
                    "which has no release for this Python; export with Python 3.12, the run's folder is all it takes"
                )
                raise ImportError(f"ONNX needs paddle2onnx, {remedy}") from None
            raise ImportError(f"ONNX needs {name}: run `pip install '{install}'`") from None
        if name == "paddle2onnx" and (int(version.split(".")[0]) >= 2) != (major >= 3):
            raise ImportError(
                f"paddle2onnx {version} does not fit Paddle {paddle.__version__}: run `pip install '{wanted}'`"
            )


def export_onnx(deployed, image_shape, path):
    """Turn the files of `export_paddle` at `path` into `path.onnx`, run it in onnxruntime and compare; see there.

    Raises:
        ImportError: paddle2onnx or onnxruntime is missing, or does not fit this Paddle.
        OSError: the file cannot be written.
        ValueError: paddle2onnx cannot convert the network, or onnxruntime gives other logits.
    """
    check_onnx_packages()
    path = own_path(path)
    target = path.with_suffix(".onnx")
    model = next(file for ending in (".json", ".pdmodel") if (file := path.with_suffix(ending)).is_file())
    with quiet() as said:
        try:
            import onnxruntime
            import paddle2onnx

            paddle2onnx.export(str(model), str(path.with_suffix(".pdiparams")), str(target), opset_version=13)
            options = onnxruntime.SessionOptions()
            options.log_severity_level = 3
            session = onnxruntime.InferenceSession(str(target), options, providers=["CPUExecutionProvider"])
        except OSError:
            raise
        except Exception as error:  # both libraries raise exceptions of their own making
            raise ValueError(f"paddle2onnx could not convert {model}: {brief(error, said)}") from error
        return compare(deployed, lambda image: session.run([OUTPUT], {"image": image})[0], image_shape, target)


@paddle.no_grad()
def compare(deployed, run, image_shape, path):
    """Return the greatest difference of logits, or raise a ValueError if it is more than rounding."""
    noise = np.random.default_rng(0).standard_normal([4, *image_shape]).astype(np.float32)
    image = deployed.mean.numpy() + deployed.std.numpy() * noise
    expected, got = deployed(paddle.to_tensor(image)).numpy(), run(image)
    difference = float(np.abs(got - expected).max())
    if not difference <= TOLERANCE * max(1.0, float(np.abs(expected).max())):
        raise ValueError(
            f"{path} gives logits that differ by {difference:.2g} from those of the network; it is of no use"
        )
    return difference


@contextlib.contextmanager
def quiet():
    """Keep what libraries print, from C++ too; yields a list that holds it in the end, for a message."""
    said: list[str] = []
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryFile() as file:
        before = [os.dup(1), os.dup(2)]
        logging.disable(logging.WARNING)
        try:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            yield said
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for descriptor, kept in zip((1, 2), before):
                os.dup2(kept, descriptor)
                os.close(kept)
            logging.disable(logging.NOTSET)
            file.seek(0)
            said.append(file.read().decode(errors="replace"))


def brief(error, said):
    """Return the last line of an error that says something, or of what was printed."""
    lines = [line.strip() for text in (str(error), *said) for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
