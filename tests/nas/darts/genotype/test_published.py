import pytest

from paddleslim.nas.darts.genotype import published


@pytest.mark.parametrize("name", published.__all__)
def test_a_published_cell_has_two_operations_for_each_of_four_states(name):
    genotype = getattr(published, name)
    for gene, concat in ((genotype.normal, genotype.normal_concat), (genotype.reduce, genotype.reduce_concat)):
        assert len(gene) == 8
        assert list(concat) == [2, 3, 4, 5]
        for state in range(4):
            sources = {source for _, source in gene[2 * state : 2 * state + 2]}
            assert len(sources) == 2
            assert max(sources) < state + 2
