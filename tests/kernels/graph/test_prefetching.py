from paddleslim.kernels import depthwise, gemm, sums
from paddleslim.kernels.graph.memory import Plan
from paddleslim.kernels.graph.prefetching import NUMBERS, OPERANDS, with_prefetches
from paddleslim.kernels.graph.schedule import Buffer, Instruction, View


def far(numbers=NUMBERS):
    buffer = Buffer(numbers)
    buffer.saved = True
    return View(buffer)


def product(a, out):
    return Instruction(gemm.gemm, (a, a, out), (0,) * 8, (), (2,))


def windows(x, out):
    return Instruction(depthwise.depthwise, (x, x, out), (0,) * 9, (), (2,))


def passing(x, out):
    return Instruction(sums.sums, (x, out), (0, 0), (), (1,))


def prefetched(instructions):
    found = with_prefetches(instructions, Plan(1))
    assert [instruction.operands[:3] for instruction in found] == [i.operands[:3] for i in instructions]
    return [found[k].operands[OPERANDS] if len(found[k].operands) > OPERANDS else None for k in range(len(found))]


def test_a_product_prefetches_the_buffer_that_is_used_next_and_its_whole_length():
    x, y, out = far(), far(), far()
    instructions = [product(x, out), passing(y.at(3), out)]
    assert prefetched(instructions) == [y, None]
    assert with_prefetches(instructions, Plan(1))[0].integers[8:] == (NUMBERS,)


def test_each_product_prefetches_one_buffer_and_the_last_one_that_is_free_is_taken():
    x, y, z, out = far(), far(), far(), far()
    first, second = product(x, out), product(x, out)
    assert prefetched([first, second, passing(y, out), passing(z, out)]) == [z, y, None, None]


def test_neither_small_buffers_nor_those_that_were_used_before_are_prefetched():
    x, out = far(), far()
    assert prefetched([product(x, out), passing(far(NUMBERS - 1), out), passing(x, out)]) == [None] * 3


def test_a_depthwise_convolution_prefetches_what_the_product_behind_it_writes_and_a_product_does_not():
    x, out = far(), far()
    assert prefetched([windows(x, x), product(x, out)]) == [out, None]
    assert prefetched([product(x, x), product(x, out)]) == [None, None]
