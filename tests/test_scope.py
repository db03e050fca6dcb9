import importlib

import pytest

import paddleslim


@pytest.mark.parametrize(
    "statement",
    [
        "import paddleslim.quant",
        "from paddleslim import prune",
        "from paddleslim.dist import merge",
        "from paddleslim.nas import SANAS",
        "from paddleslim.nas.one_shot import OneShotSuperNet",
        "from paddleslim.common import SAController",
    ],
)
def test_importing_another_part_of_paddleslim_says_that_only_darts_is_here(statement):
    with pytest.raises(ImportError, match="carries PaddleSlim's DARTS only"):
        exec(statement)


def test_an_attribute_out_of_scope_says_so_and_an_unknown_one_is_ordinary():
    with pytest.raises(AttributeError, match="carries PaddleSlim's DARTS only"):
        paddleslim.quant  # noqa: B018
    with pytest.raises(AttributeError, match="module 'paddleslim' has no attribute 'nonsense'"):
        paddleslim.nonsense  # noqa: B018
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'paddleslim\.nonsense'"):
        importlib.import_module("paddleslim.nonsense")
