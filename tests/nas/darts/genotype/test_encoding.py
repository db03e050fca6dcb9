"""Genotypes of any type come back as they were, or are refused by the part that could not."""

import array
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import json
import pathlib
import re
import types
import uuid

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import DARTS_V2, Genotype
from paddleslim.nas.darts.genotype.decoding import decode
from paddleslim.nas.darts.genotype.encoding import encode
from paddleslim.nas.darts.genotype.json_file import describe_genotype, recall_genotype

Pair = collections.namedtuple("Pair", "kernel stride")


@dataclasses.dataclass(frozen=True)
class Choice:
    kernel: int

    def __call__(self, x):
        return x


class Slotted:
    __slots__ = ("__hidden", "kernel")

    def __init__(self, kernel):
        self.kernel, self.__hidden = kernel, 2

    def __eq__(self, other):
        return type(other) is Slotted and (self.kernel, self.__hidden) == (other.kernel, other.__hidden)


class Steps(list):
    """A list with an attribute, that shows itself in another way."""

    def __iter__(self):
        return iter(())

    def __eq__(self, other):
        return list.__eq__(self, other) and self.width == other.width


class Name(str):
    def __str__(self):
        return "shown"


class Size(int):
    pass


class Table(collections.OrderedDict):
    pass


class Votes(collections.Counter):
    pass


class Defaults(collections.defaultdict):
    pass


class Kind(enum.Flag):
    WIDE = 1
    DEEP = 2


def make_steps():
    steps = Steps([1, 2])
    steps.width = 3
    return steps


GENOTYPES = [
    collections.deque([1, ("a", 2)], maxlen=5),
    collections.deque(),
    collections.Counter(skip=2, conv=1),
    collections.defaultdict(list, {"normal": [("conv", 0)]}),
    collections.defaultdict(None, {1: 2}),
    slice(1, None, 2),
    range(5, 1, -2),
    (..., frozenset({1}), {2: {3: None}}),
    Kind.WIDE | Kind.DEEP,
    [Pair(1, Choice(3)), Choice(Pair(2, Kind.WIDE))],
    Slotted((1, 2)),
    make_steps(),
    Name("conv"),
    [1, "two", 3.0, Pair(3, [1, 2]), {b"kernel\xff": ("b",)}, datetime.date(2020, 1, 2), pathlib.PurePath("a/b")],
    (Size(3), np.datetime64("2020-01-02"), np.complex64(1j), np.bytes_(b"a")),
    Table(b=1, a=2),
    Votes("aab"),
    np.zeros([0, 3], "float32"),
    np.array(1.5, ">f8"),
    np.longdouble(1) / 3,
    np.array([Choice(1), None], object).reshape([2, 1]),
    [-0.0, float("inf"), 10**30, True, "\udcff"],
    [uuid.UUID(int=7), datetime.time(1, 2, 3), datetime.timedelta(1, 2, 3), datetime.datetime(2020, 1, 2, 3)],
    [decimal.Decimal("1.10"), fractions.Fraction(1, 3), pathlib.Path("a/b"), complex(1, -2), b"\xff", bytearray(b"a")],
    Genotype([["conv", np.int64(0)]], [2, 3], [("a", 0.5)], None),
]


@pytest.mark.parametrize("genotype", GENOTYPES, ids=lambda g: type(g).__name__)
def test_a_genotype_comes_back_with_all_its_types(genotype):
    found = decode(json.loads(json.dumps(encode(genotype))), genotype)
    assert type(found) is type(genotype)
    assert repr(found) == repr(genotype) or type(genotype) is Slotted
    assert np.array_equal(found, genotype) if isinstance(genotype, np.ndarray) else found == genotype
    if isinstance(genotype, np.ndarray):
        assert (found.dtype, found.shape) == (genotype.dtype, genotype.shape)


@pytest.mark.parametrize("dtype", ["bfloat16", "complex64", "int32"])
def test_tensors_come_back(dtype):
    tensor = paddle.to_tensor([[1, 2]]).astype(dtype)
    found = decode(json.loads(json.dumps(encode(tensor))))
    assert (found.dtype, found.shape) == (tensor.dtype, [1, 2])
    assert (found.astype("complex64").numpy() == tensor.astype("complex64").numpy()).all()


LOOP: list = []
LOOP.append(LOOP)

REFUSED = [
    (
        {"cell": [1, paddle.nn.Conv2D]},
        r"the genotype\['cell'\]\[1\] is the class Conv2D, which a checkpoint cannot give back",
    ),
    ([test_tensors_come_back], r"the genotype\[0\] is the function test_tensors_come_back"),
    (Pair(1, paddle.nn.ReLU()), r"the genotype\[1\] is a ReLU"),
    ([Choice(functools.partial(max, 1))], r"the genotype\[0\]\.kernel is a partial"),
    ({"a": 1}.keys(), "the genotype is a dict_keys"),
    (map(str, [1]), "the genotype is a map"),
    (types.MappingProxyType({}), "the genotype is a mappingproxy"),
    (collections.defaultdict(lambda: 0), "the genotype is a defaultdict"),
    (Defaults(list), "the genotype is a Defaults"),  # its factory would be lost
    (array.array("i", [1]), "the genotype is a array"),
    (re.compile("conv"), "the genotype is a Pattern"),
    (paddle.CPUPlace(), "the genotype is a CPUPlace"),
    (np.ma.masked_less([1, 2], 2), "the genotype is a MaskedArray"),
    (np.zeros(2, [("a", "f4")]), "the genotype is an array of records"),
    ({(1, object()): 2}, r"a key of the genotype\[1\] is a object"),
    (LOOP, "the genotype is nested too deep, or holds itself"),
]


@pytest.mark.parametrize(("genotype", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_could_not_come_back_is_refused_by_name(genotype, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        encode(genotype)


def test_a_class_is_found_beside_those_of_the_present_genotype():
    said, missing = encode([Choice(1), Pair(2, 3)]), set()
    assert decode(said, Kind.WIDE, missing) == [Choice(1), Pair(2, 3)]
    assert missing == set()
    assert decode(said, None, missing) == ["Choice(kernel=1)", "Pair(kernel=2, stride=3)"]
    assert missing == {"Choice", "Pair"}


def test_of_two_classes_of_one_name_each_is_itself():
    def make(number):
        return dataclasses.make_dataclass("Same", ["value"], namespace={"number": number})

    first, second = make(1), make(2)
    second.__module__ = "elsewhere"
    found = decode(encode([first(1), second(2)]), [second(0), first(0)])
    assert [(one.number, one.value) for one in found] == [(1, 1), (2, 2)]


def test_a_class_of_elsewhere_is_not_taken_from_a_file():
    said = {"object": {}, "content": None, "of": "Popen", "module": "subprocess", "text": "text"}
    assert decode(said, Choice(1)) == "text"
    assert decode({**said, "of": "pathlib", "module": __name__}, Choice(1)) == "text"


def test_one_of_ours_of_other_types_comes_back_as_it_was():
    for genotype in (DARTS_V2, DARTS_V2._replace(normal_concat=[2, 3, 4, 5]), type("Mine", (Genotype,), {})(*DARTS_V2)):
        found = recall_genotype(json.loads(json.dumps(describe_genotype(genotype))), genotype)
        assert (repr(found), type(found)) == (repr(genotype), type(genotype))
    assert set(describe_genotype(DARTS_V2)) == set(DARTS_V2._fields)
