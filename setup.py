"""What pyproject.toml cannot say: where the hook of `import paddle.fluid` goes, and a README for an index."""

import os
import pathlib
import re

from setuptools import setup
from setuptools.command.build_py import build_py

HOOK = "paddleslim_fluid.pth"
HOME = os.environ.get("PADDLESLIM_HOME")  # whoever publishes names where the files of the checkout are shown


class BuildWithHook(build_py):
    """Puts the hook where Python looks for .pth files: at the root of the wheel."""

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


def readme():
    """Return the README without relative links, which an index shows broken: led to `HOME`, or as text alone."""
    text = pathlib.Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    relative = r"\]\((?!https?:|#)([^)]+)\)"
    if HOME:
        return re.sub(relative, lambda link: f"]({HOME.rstrip('/')}/{link[1]})", text)
    return re.sub(r"(?<!!)\[([^]]+)" + relative, r"\1", re.sub(r"!\[[^]]*" + relative + r"\n*", "", text))


setup(cmdclass={"build_py": BuildWithHook}, long_description=readme(), long_description_content_type="text/markdown")
