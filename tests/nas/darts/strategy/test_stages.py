import pytest

from paddleslim.nas.darts.strategy.progress import Progress
from paddleslim.nas.darts.strategy.stages import Stage, Stages


def test_the_stages_of_drnas_have_25_epochs_each_and_alphas_that_rest_for_10():
    stages = Stages()
    assert [stages.index(epoch, 50) for epoch in (0, 24, 25, 49)] == [0, 0, 1, 1]
    resting = [epoch for epoch in range(50) if stages.rests(epoch, 50)]
    assert resting == [*range(10), *range(25, 35)]
    assert [(stage.operations, stage.parts) for stage in stages.stages] == [(7, 6), (4, 4)]


def test_a_search_of_few_epochs_has_as_many_stages():
    stages = Stages()
    assert [stages.index(epoch, 2) for epoch in range(2)] == [0, 1]
    assert not any(stages.rests(epoch, 2) for epoch in range(2))
    assert stages.curves(Progress(1, 0, 2, 1)) == {"stage": 2}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Stages(()), "must begin at 0"),
        (lambda: Stages((Stage(0.5),)), "must begin at 0"),
        (lambda: Stages((Stage(), Stage())), r"later and later, got beginnings \[0.0, 0.0\]"),
        (lambda: Stages((Stage(operations=2), Stage(0.5, operations=3))), r"more operations .* got \[2, 3\]"),
        (lambda: Stage(begin=1.5), "begin must be a number from 0 to 1, got 1.5"),
        (lambda: Stage(operations=0), "operations must be an integer of at least 1 or None, got 0"),
        (lambda: Stage(parts=True), "parts must be an integer of at least 1 or None, got True"),
    ],
)
def test_stages_that_make_no_sense_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_stage_is_a_stage():
    with pytest.raises(TypeError, match="stages must be Stage objects, got 2"):
        Stages((2,))
