import subprocess
import sys

import paddleslim


def test_the_version_is_above_the_last_paddleslim():
    assert int(paddleslim.__version__.split(".")[0]) >= 3


def test_without_paddle_the_import_names_both_extras():
    hide = "import sys; sys.meta_path = [f for f in sys.meta_path]; import importlib.util as u; find = u.find_spec; "
    hide += "u.find_spec = lambda name, *a: None if name == 'paddle' else find(name, *a); import paddleslim"
    run = subprocess.run([sys.executable, "-c", hide], capture_output=True, text=True)
    command = hide.replace("import paddleslim", "sys.argv = ['bin/paddleslim-darts']; import paddleslim")
    said = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True).stderr
    assert said.startswith("paddleslim needs PaddlePaddle: ")
    assert run.returncode == 1
    last = run.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: paddleslim needs PaddlePaddle")
    assert "'.[cpu]'" in last
    assert "'.[gpu]'" in last
