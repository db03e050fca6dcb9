"""The names and signatures of PaddleSlim 1.1's DARTS, as scripts of 2020 import and call them."""

import inspect

import pytest

from paddleslim.common import AvgrageMeter, get_logger
from paddleslim.nas.darts import Architect, DARTSearch, count_parameters_in_MB, get_genotype


def positional(function):
    """Return names and defaults of the parameters that may be given by position, `self` aside."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [p for p in inspect.signature(function).parameters.values() if p.kind in kinds and p.name != "self"]
    return [p.name if p.default is p.empty else (p.name, p.default) for p in parameters]


PATHS = """
from paddleslim.nas import DARTSearch
from paddleslim.nas import count_parameters_in_MB
from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts import count_parameters_in_MB
from paddleslim.nas.darts import get_genotype
from paddleslim.nas.darts.train_search import DARTSearch
from paddleslim.nas.darts.train_search import count_parameters_in_MB
from paddleslim.nas.darts.architect import Architect
from paddleslim.nas.darts.get_genotype import get_genotype
from paddleslim.nas.darts.get_genotype import Genotype
from paddleslim.common import AvgrageMeter
from paddleslim.common import get_logger
from paddleslim.common.meter import AvgrageMeter
from paddleslim.common.log_helper import get_logger
""".strip().splitlines()


@pytest.mark.parametrize("path", PATHS)
def test_every_import_path_of_paddleslim_works(path):
    exec(path)


def test_darts_search_takes_the_documented_arguments_in_their_order():
    assert positional(DARTSearch.__init__) == [
        "model",
        "train_reader",
        "valid_reader",
        "place",
        ("learning_rate", 0.025),
        ("batchsize", 64),
        ("num_imgs", 50000),
        ("arch_learning_rate", 3e-4),
        ("unrolled", False),
        ("num_epochs", 50),
        ("epochs_no_archopt", 0),
        ("use_multiprocess", False),
        ("use_data_parallel", False),
        ("save_dir", "./"),
        ("log_freq", 50),
    ]


def test_the_methods_keep_their_arguments():
    assert positional(DARTSearch.train_one_epoch) == [
        "train_loader",
        "valid_loader",
        "architect",
        "optimizer",
        "epoch",
    ]
    assert positional(DARTSearch.valid_one_epoch) == ["valid_loader", "epoch"]
    assert [p for p in positional(DARTSearch.train) if isinstance(p, str)] == []
    assert positional(Architect.__init__)[:4] == ["model", "eta", "arch_learning_rate", "unrolled"]
    assert positional(Architect.__init__)[4][0] == "parallel"
    assert positional(Architect.step) == ["input_train", "target_train", "input_valid", "target_valid"]
    assert positional(Architect.get_model) == []


def test_the_functions_keep_their_arguments():
    assert positional(get_genotype) == ["model"]
    assert positional(count_parameters_in_MB) == ["all_params"]
    assert positional(get_logger) == ["name", "level", ("fmt", "%(asctime)s-%(levelname)s: %(message)s")]
    assert positional(AvgrageMeter.update) == ["val", ("n", 1)]
