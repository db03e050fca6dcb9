import os
import subprocess
import sys

SAVE = """
import os, zlib
zlib.decompress(zlib.compress(os.urandom(100000)))
from PIL import Image
Image.new("RGB", (500, 300)).save(os.devnull, "PNG")
print("saved", is_zlib_safe())
"""


def run(first):
    code = first + "\nfrom paddleslim.zlib_first import is_zlib_safe\n" + SAVE
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)


def test_zlib_works_where_paddleslim_is_imported_before_paddle():
    done = run("import paddleslim, paddle")
    assert done.stdout.strip().endswith("saved True"), done.stderr


def test_zlib_is_called_unsafe_wherever_it_crashes():
    done = run("import paddle, paddleslim\nfrom paddleslim.zlib_first import is_zlib_safe\nprint(is_zlib_safe())")
    said, *rest = done.stdout.split()
    assert said == str(bool(rest)), done.stderr


def test_the_hook_makes_zlib_work_where_paddle_is_imported_first():
    done = run("import paddleslim_fluid_hook, paddle, paddleslim")
    assert done.stdout.strip().endswith("saved True"), done.stderr
