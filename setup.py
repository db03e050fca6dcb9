"""Packaging of paddleslim; tool settings stand in pyproject.toml."""

import pathlib

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

HERE = pathlib.Path(__file__).parent
HOOK = "paddleslim_fluid.pth"


class BuildWithHook(build_py):
    """Puts the hook of `import paddle.fluid` where Python looks for .pth files: at the root of the wheel."""

    def run(self):
        super().run()
        self.copy_file(HOOK, str(self.hook_folder() / HOOK), preserve_mode=False)

    def hook_folder(self):
        if getattr(self, "editable_mode", False):
            # An editable wheel takes nothing from the build folder; what goes into it is "installed" there.
            return pathlib.Path(self.get_finalized_command("install").install_lib)
        return pathlib.Path(self.build_lib)

    def get_source_files(self):
        return super().get_source_files() + [HOOK]


FAST = ["numba>=0.60"]
COMMAND_LINE = [
    *FAST,
    "click>=8.1",
    "jinja2>=3.1",
    "matplotlib>=3.7",
    "pillow>=9.5",
    "pyyaml>=6.0",
    "rich>=13.0",
    "scikit-learn>=1.2",
]
DOCS = ["furo>=2024.8", "latex2mathml>=3.77", "myst-parser>=3.0", "sphinx>=7.4"]
DASHBOARDS = {"visualdl": ["visualdl>=2.5"], "tensorboard": ["tensorboardX>=2.6"]}
# ONNX; paddle2onnx 2 reads what Paddle 3 writes, 1.3 what Paddle 2 writes, and has no release for Python 3.13
EXPORT = ["onnxruntime>=1.15", "paddle2onnx>=1.3; python_version < '3.13'"]
TEST = [
    "hypothesis>=6.80",
    "mypy>=1.8",
    "pytest>=7.4",
    "pytest-xdist>=3.5",
    "ruff>=0.8",
    "setuptools>=64",  # with wheel, for the tests that build and install this package
    "wheel>=0.38",
]

setup(
    name="paddleslim",
    version="3.0.0.dev0",
    description="Differentiable architecture search (DARTS) on PaddlePaddle",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    packages=find_packages(include=["paddleslim", "paddleslim.*"]),
    py_modules=["paddleslim_fluid_hook"],
    cmdclass={"build_py": BuildWithHook},
    package_data={
        "paddleslim": ["py.typed"],
        "paddleslim.fluid": ["names_1_8.json"],
        "paddleslim.nas.darts.report": ["report.html"],
        "paddleslim.nas.darts.truth": ["table.json"],
    },
    python_requires=">=3.9",
    install_requires=["numpy>=1.21", "safetensors>=0.4"],
    extras_require={
        "cpu": ["paddlepaddle>=2.6.2,<3.4", "setuptools"],
        "gpu": ["paddlepaddle-gpu>=2.6.2,<3.4", "setuptools"],
        "fast": FAST,
        "cli": COMMAND_LINE,
        "export": EXPORT,
        "docs": DOCS,
        **DASHBOARDS,
        "test": COMMAND_LINE + TEST + EXPORT + DOCS + DASHBOARDS["visualdl"] + DASHBOARDS["tensorboard"],
    },
    entry_points={"console_scripts": ["paddleslim-darts = paddleslim.nas.darts.__main__:main"]},
    classifiers=[
        "Development Status :: 4 - Beta",
        "License :: OSI Approved :: Apache Software License",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.9",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
)
