"""`doctor`: what is installed, what runs where, and what is missing."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil

import click

from ....extras import has

__all__ = ["diagnose", "doctor"]

# For each purpose its extra and its modules, by the name of their distribution.
PURPOSES = {
    "kernels for the CPU": ("fast", {"numba": "numba"}),
    "command line and report": (
        "cli",
        {
            "click": "click",
            "jinja2": "jinja2",
            "matplotlib": "matplotlib",
            "pillow": "PIL",
            "pyyaml": "yaml",
            "rich": "rich",
            "scikit-learn": "sklearn",
            "scipy": "scipy",
        },
    ),
    "ONNX": ("export", {"onnxruntime": "onnxruntime", "paddle2onnx": "paddle2onnx"}),
    "VisualDL": ("visualdl", {"visualdl": "visualdl"}),
    "TensorBoard": ("tensorboard", {"tensorboardX": "tensorboardX"}),
    "searches on a cluster": ("cluster", {"distributed": "distributed"}),
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def doctor(as_json):
    """Say what is installed, what runs where, and what is missing.

    The exit code is 1 where Paddle does not compute or takes the place of another PaddleSlim; what is merely optional
    never makes it so.
    """
    found = diagnose()
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        show(found)
    if found["problems"]:
        raise click.exceptions.Exit(1)


def diagnose():
    """Return what is installed, what runs where and what is missing, in types that JSON has."""
    import paddle

    import paddleslim

    devices, problems = list_devices(paddle)
    owner = find_owner(paddleslim)
    if owner and owner != paddleslim.__version__:
        problems.append(
            f"the installed distribution called paddleslim is {owner}, but {paddleslim.__version__} is imported from "
            f"{os.path.dirname(paddleslim.__file__)}; keep the two in environments of their own"
        )
    missing = {}
    for purpose, (extra, modules) in PURPOSES.items():
        absent = [distribution for distribution, module in modules.items() if not has(module)]
        if absent:
            missing[purpose] = {"extra": extra, "packages": absent, "command": f"pip install {' '.join(absent)}"}
    return {
        "versions": list_versions(paddle, paddleslim),
        "devices": devices,
        "kernels": describe_kernels(),
        "missing": missing,
        "problems": problems,
    }


def list_versions(paddle, paddleslim):
    """Return the versions of what is installed, by name."""
    versions = {"paddleslim": paddleslim.__version__, "PaddlePaddle": paddle.__version__}
    versions["Python"] = platform.python_version()
    versions["system"] = f"{platform.system()} {platform.machine()}"
    cuda = paddle.version.cuda()
    versions["CUDA of Paddle"] = "none, it is built for CPUs" if cuda in (False, "False", None) else str(cuda)
    for distribution in ("numpy", *dict.fromkeys(d for _, modules in PURPOSES.values() for d in modules)):
        try:
            versions[distribution] = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def find_owner(paddleslim):
    """Return the version of the installed distribution called paddleslim, or None."""
    try:
        return importlib.metadata.version(paddleslim.__name__)
    except importlib.metadata.PackageNotFoundError:
        return None


def list_devices(paddle):
    """Return for each device what a small training step came to there, and the problems of Paddle itself."""
    names = ["cpu"]
    if paddle.is_compiled_with_cuda():
        names += [f"gpu:{number}" for number in range(paddle.device.cuda.device_count())]
    devices, problems = {}, []
    for name in names:
        try:
            devices[name] = try_device(paddle, name)
        except Exception as error:  # whatever a driver raises
            devices[name] = f"fails: {str(error).strip().splitlines()[-1]}"
            problems.append(
                f"Paddle does not compute on {name}; its own install page says which Paddle this card needs"
            )
    if shutil.which("nvidia-smi") and len(names) == 1:
        problems.append(
            "this machine has the driver of a graphics card, but this Paddle does not see it; the page on GPUs says "
            "which Paddle it needs"
        )
    return devices, problems


def try_device(paddle, name):
    """Compute a convolution and its gradient on a device, and return what can run there."""
    before = paddle.get_device()
    try:
        paddle.set_device(name)
        image = paddle.ones([2, 3, 8, 8])
        weight = paddle.ones([4, 3, 3, 3])
        weight.stop_gradient = False
        paddle.nn.functional.conv2d(image, weight).sum().backward()
        if float(weight.grad.sum()) != 2 * 4 * 27 * 36:
            raise ValueError("a convolution has a wrong gradient")
        if name == "cpu":
            return f"computes in float32, {os.cpu_count()} cores"
        card = paddle.device.cuda.get_device_name(int(name.partition(":")[2]))
        mixed = "float32 and bfloat16" if paddle.amp.is_bfloat16_supported() else "float32, has no bfloat16"
        return f"{card}, computes in {mixed}"
    finally:
        paddle.set_device(before)


def describe_kernels():
    """Return whether the kernels for the CPU run, and why not."""
    import warnings

    from paddleslim.kernels import choice

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        runs = choice.installed.__wrapped__()
    return "run" if runs else f"do not run: {caught[-1].message}" if caught else "do not run"


def show(found):
    """Print what `diagnose` returned."""
    for title, rows in (("Installed", found["versions"]), ("Devices", found["devices"])):
        click.echo(f"{title}:")
        width = max(map(len, rows))
        for name, value in rows.items():
            click.echo(f"  {name:<{width}}  {value}")
    click.echo(f"Kernels for the CPU: {found['kernels']}")
    click.echo("Missing:" if found["missing"] else "Nothing optional is missing.")
    for purpose, absent in found["missing"].items():
        click.echo(f"  for {purpose}: {absent['command']}")
    for problem in found["problems"]:
        click.echo(f"Problem: {problem}")
