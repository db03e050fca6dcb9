import json

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import Callback
from paddleslim.nas.darts.state.schedule_state import ScheduleState
from tests.searches import make_search, summarize

Schedule = paddle.optimizer.lr.LRScheduler


class Decay(Schedule):
    """Remembers its factor, the rates it gave, an array and a late number; Paddle's `state_dict` holds none."""

    def __init__(self, learning_rate=0.1, kept=1):
        self.factor, self.given, self.kept, self.array = 1.0, [], kept, np.ones(2, "float32")
        super().__init__(learning_rate)

    def get_lr(self):
        self.factor *= 0.9
        self.array = self.array * np.float32(0.5)
        self.given.append(self.factor)
        if len(self.given) == 3:
            self.late = 2.0
        return self.base_lr * self.factor * getattr(self, "late", 1.0)


def begin(make):
    schedule = make()
    return schedule, ScheduleState(schedule)


@pytest.mark.parametrize("make", [Decay, lambda: paddle.optimizer.lr.LinearWarmup(Decay(), 2, 0.0, 0.1)])
def test_a_schedule_of_ones_own_remembers_what_paddle_would_forget(make):
    first, state = begin(make)
    for _ in range(4):
        first.step()
    saved = state.get_state()
    plain = {name: value for name, value in saved.items() if not isinstance(value, np.ndarray)}
    second, restored = begin(make)
    saved = {**saved, **json.loads(json.dumps(plain))}
    restored.check_state(saved)
    restored.set_state(saved)
    for _ in range(3):
        first.step()
        second.step()
        assert first() == second()
    inner = [getattr(schedule, "learning_rate", schedule) for schedule in (first, second)]
    assert inner[0].given == inner[1].given
    assert inner[0].array.tobytes() == inner[1].array.tobytes()


def test_schedules_may_refer_to_each_other():
    schedule = paddle.optimizer.lr.LinearWarmup(Decay(), 2, 0.0, 0.1)
    schedule.learning_rate.outer = schedule
    state = ScheduleState(schedule)
    schedule.learning_rate.kept = 2
    assert state.get_state()["own"] == {"learning_rate.kept": 2}


def test_what_was_given_to_a_schedule_is_that_of_the_program_that_resumes():
    _, state = begin(lambda: Decay(kept=1))
    second, restored = begin(lambda: Decay(kept=2))
    restored.set_state(state.get_state())
    assert second.kept == 2


def test_a_schedule_of_paddle_remembers_what_paddle_says_alone():
    schedule, state = begin(lambda: paddle.optimizer.lr.StepDecay(0.1, 2))
    optimizer = paddle.optimizer.SGD(schedule, parameters=paddle.nn.Linear(1, 1).parameters())
    optimizer.step()
    schedule.step()
    assert state.get_state() == schedule.state_dict()


def test_a_signed_checkpoint_cannot_put_a_value_in_the_place_of_a_method():
    with pytest.raises(ValueError, match="'step', which is no attribute"):
        begin(Decay)[1].check_state({"own": {"step": 1}})


def test_an_attribute_that_no_checkpoint_can_hold_is_named(caplog):
    class Drawing(Decay):
        def __init__(self):
            self.stream = np.random.default_rng(0)
            super().__init__()

    begin(Drawing)
    assert "`stream` of the schedule Drawing is a Generator" in caplog.text


class Halve(Callback):
    """Halve a rate that no schedule changes."""

    def on_epoch_end(self, search, report):
        if not isinstance(search.optimizer._learning_rate, Schedule):
            search.optimizer.set_lr(search.optimizer.get_lr() / 2)


@pytest.mark.parametrize("rate", [Decay, lambda: 0.1], ids=["schedule", "callback"])
def test_a_search_resumes_with_its_schedule_or_with_the_rate_that_a_callback_set(rate, tmp_path):
    def train(folder, resume=False, **arguments):
        def optimizer(weights):
            return paddle.optimizer.Momentum(rate(), 0.9, parameters=weights)

        search = make_search(tmp_path / folder, weight_optimizer=optimizer, callbacks=[Halve()], **arguments)
        search.train(resume=resume)
        return summarize(search)

    train("parted", num_epochs=1)
    assert train("parted", resume=True) == train("whole")
