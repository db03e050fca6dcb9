import importlib
import subprocess
import sys

import pytest

PARTS = ["data", "report", "retrain", "search_space"]
PACKAGES = ["paddleslim.nas", "paddleslim.nas.darts", *(f"paddleslim.nas.darts.{part}" for part in PARTS)]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_of_a_package_can_be_had_and_is_listed(package):
    module = importlib.import_module(package)
    assert all(getattr(module, name) is not None for name in module.__all__)
    assert set(module.__all__) <= set(dir(module))


@pytest.mark.parametrize("package", PACKAGES)
def test_an_unknown_name_is_an_attribute_error(package):
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        importlib.import_module(package).nonsense  # noqa: B018


@pytest.mark.parametrize("first", ["get_genotype", "get_genotype.Genotype", "train_search.DARTSearch"])
def test_get_genotype_is_the_function_whatever_is_imported_before(first):
    module, _, name = first.rpartition(".")
    code = f"from paddleslim.nas.darts{'.' * bool(module)}{module} import {name}\n"
    code += "import paddleslim.nas.darts.get_genotype, paddleslim.nas.darts as darts\n"
    code += "from paddleslim.nas.darts import get_genotype\n"
    code += "assert get_genotype is darts.get_genotype is sys.modules['paddleslim.nas.darts.get_genotype'].get_genotype"
    done = subprocess.run([sys.executable, "-c", "import sys\n" + code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_importing_the_packages_imports_no_paddle():
    code = f"import {', '.join(PACKAGES)}, sys; print('paddle' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"], done.stderr
