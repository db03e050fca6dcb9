"""`export`: a retrained network as files to deploy."""

from __future__ import annotations

import pathlib

import click

from ..state.sealed_json import write_object
from .completion import Run
from .networks import load_network
from .options import recorded_space_option
from .output import output_options
from .run_folder import require_empty

__all__ = ["export_command"]


@click.command("export")
@click.argument("run", type=Run(["retrain"]))
@click.option("--onnx", is_flag=True, help="Write ONNX too, and run it in onnxruntime to compare.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    help="A new or empty folder.  [default: RUN/export]",
)
@recorded_space_option
@output_options
def export_command(run, onnx, output, space, out):
    """Write a retrained network for other programs.

    RUN is a folder of `retrain`. Its network becomes a Paddle inference model, and ONNX if asked for. The model takes
    images in the units of the data set, as float32, normalises them itself and returns logits. Each file is read back
    and its logits are compared with those of the network.
    """
    if onnx:
        from ..networks.export import check_onnx_packages

        check_onnx_packages()
    output = output or run / "export"
    require_empty(output, "--output")
    network, recorded = load_network(run, space)
    from ..networks.export import Deployed, export_onnx, export_paddle
    from ..training.device import on_device
    from .trained import describe_export

    shape, differences = recorded["image_shape"], {}
    with on_device("cpu"):
        deployed = Deployed(network, recorded["mean"], recorded["std"])
        deployed.eval()
        output.mkdir(parents=True, exist_ok=True)
        differences["Paddle"] = export_paddle(deployed, shape, output / "model")
        if onnx:
            differences["ONNX"] = export_onnx(deployed, shape, output / "model")
        for kind, difference in differences.items():
            out.say(f"{kind}: logits differ by {difference:.1e} from the network's")
    write_object(output / "description.json", describe_export(recorded, output))
    names = sorted(path.name for path in output.iterdir())
    out.say(f"Everything is in {output}: {', '.join(names)}")
    out.finish({"folder": str(output), "files": names, "logits_differ_by": differences})
