import signal

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import Callback
from paddleslim.nas.darts.strategy.strategy import Strategy
from paddleslim.nas.darts.strategy.weight_step import PlainStep
from paddleslim.nas.darts.training import save_checkpoints
from tests.searches import EPOCHS, STEPS, StopAt, data_loader, make_search, shuffling_reader, summarize
from tests.supernets import DocumentedSupernet, NormSupernet

EPOCH_STEPS = 2 * STEPS  # training and validation steps of an epoch


def run_through(folder, **arguments):
    search = make_search(folder, **arguments)
    search.train()
    return summarize(search)


def run_interrupted(folder, *stops, **arguments):
    """Stop a search after these many steps of each attempt, resume each time, and return how it ends."""
    arguments = {"checkpoint_steps": 1, **arguments}
    for attempt, stop in enumerate(stops):
        with pytest.raises(KeyboardInterrupt):
            make_search(folder, callbacks=[StopAt(stop)], **arguments).train(resume=attempt > 0)
    search = make_search(folder, **arguments)
    search.train(resume=True)
    return summarize(search)


@pytest.mark.parametrize("unrolled", [False, True], ids=["first order", "second order"])
@pytest.mark.parametrize(
    "stop", [2, STEPS, STEPS + 2, EPOCH_STEPS, EPOCH_STEPS + 1, 3 * EPOCH_STEPS], ids=lambda stop: f"after {stop}"
)
def test_a_search_stopped_anywhere_ends_as_one_that_ran_through(stop, unrolled, tmp_path):
    through = run_through(tmp_path / "through", unrolled=unrolled)
    assert run_interrupted(tmp_path / "stopped", stop, unrolled=unrolled) == through


def test_a_search_may_be_stopped_many_times(tmp_path):
    assert run_interrupted(tmp_path / "stopped", 3, 3, 3, 3) == run_through(tmp_path / "through")


def test_checkpoints_of_epochs_alone_serve_too(tmp_path):
    stopped = run_interrupted(tmp_path / "stopped", EPOCH_STEPS + 3, checkpoint_steps=None)
    assert stopped == run_through(tmp_path / "through")


@pytest.mark.parametrize(
    ("make_reader", "arguments"),
    [
        (data_loader, {}),
        (lambda half: data_loader(half, num_workers=2, persistent_workers=True), {}),
        (shuffling_reader, {"use_multiprocess": True}),
    ],
    ids=["DataLoader", "DataLoader with persistent workers", "use_multiprocess"],
)
def test_every_kind_of_reader_that_draws_from_the_global_generators_resumes(make_reader, arguments, tmp_path, lines):
    arguments = {"make_reader": make_reader, "num_epochs": 2, **arguments}
    through = run_through(tmp_path / "through", **arguments)
    assert run_interrupted(tmp_path / "stopped", EPOCH_STEPS + 2, **arguments) == through
    assert not [line for line in lines if "does not yield" in line]


class CountingReader:
    """A reader whose order depends on how often it was read, and on nothing else unless it is set."""

    def __init__(self, half):
        self.half, self.epoch = half, 0

    def __iter__(self):
        state = np.random.get_state()
        np.random.seed(self.epoch)
        batches = list(shuffling_reader(self.half)())
        np.random.set_state(state)
        self.epoch += 1
        return iter(batches)


def test_a_search_without_a_checkpoint_starts_at_the_beginning_and_says_so(tmp_path, lines):
    search = make_search(tmp_path, num_epochs=1)
    search.train(resume=True)
    assert len(search.history) == 1
    expected = f"there is no checkpoint in {tmp_path / 'checkpoints'}; the search starts at the beginning"
    assert expected in lines


class ToldReader(CountingReader):
    def set_epoch(self, epoch):
        self.epoch = epoch


@pytest.mark.parametrize("stop", [EPOCH_STEPS + 2, 2 * EPOCH_STEPS + 1], ids=["within an epoch", "at its first step"])
def test_set_epoch_of_a_reader_is_called_with_the_epoch(stop, tmp_path, lines):
    through = run_through(tmp_path / "through", make_reader=ToldReader)
    assert run_interrupted(tmp_path / "stopped", stop, make_reader=ToldReader) == through
    assert not [line for line in lines if "does not yield" in line]


@pytest.mark.parametrize("checkpoint_steps", [1, None], ids=["within an epoch", "between epochs"])
def test_a_reader_that_cannot_be_repeated_gets_a_warning_that_says_so(checkpoint_steps, tmp_path, lines):
    run_interrupted(tmp_path, 2 * EPOCH_STEPS + 2, make_reader=CountingReader, checkpoint_steps=checkpoint_steps)
    warnings = [line for line in lines if "does not yield the batches it yielded before" in line]
    assert [line.split()[0] for line in warnings] == ["train_reader", "valid_reader"]
    assert "set_epoch(epoch)" in warnings[0]


def test_the_random_numbers_of_model_and_readers_do_not_mix(tmp_path):
    """What the model draws must not change what the readers yield, or a resumed search would read other batches."""
    seen = []

    class Draw(Callback):
        def on_step_end(self, search, report):
            np.random.rand(len(seen) % 7)
            if report.phase == "Train":
                seen.append(search.train_loader.checksum())

    make_search(tmp_path, num_epochs=1, callbacks=[Draw()]).train()
    first = list(seen)
    make_search(tmp_path, num_epochs=1, callbacks=[Draw()]).train()
    assert seen[len(first) :] == first
    assert len(set(first)) == STEPS


def test_the_seeds_of_the_caller_decide(tmp_path):
    results = []
    for seed in (5, 5, 6):
        search = make_search(tmp_path)
        paddle.seed(seed)
        np.random.seed(seed)
        search.train()
        results.append(summarize(search))
    assert results[0] == results[1] != results[2]


def test_a_finished_search_returns_its_genotype_again(tmp_path):
    search = make_search(tmp_path)
    genotype = search.train()
    again = make_search(tmp_path, callbacks=[StopAt(1)])
    assert again.train(resume=True) == genotype
    assert summarize(again) == summarize(search)


def test_without_a_checkpoint_the_search_starts_at_the_beginning_and_says_so(tmp_path, lines):
    search = make_search(tmp_path, num_epochs=1)
    search.train(resume=True)
    assert len(search.history) == 1
    assert [line for line in lines if "there is no checkpoint in" in line]


def test_a_new_search_puts_the_checkpoints_of_the_one_before_aside(tmp_path, lines):
    make_search(tmp_path, num_epochs=2).train()
    make_search(tmp_path, num_epochs=1).train()
    assert len(list((tmp_path / "checkpoints").glob("*.safetensors"))) == 1
    assert len(list((tmp_path / "checkpoints.before").glob("*.safetensors"))) == 2
    assert [line for line in lines if "checkpoints.before" in line]


def test_the_latest_checkpoints_stay_and_the_best(tmp_path):
    class BestFirst(Callback):
        def on_epoch_end(self, search, report):
            report.valid_accuracy = 1.0 / (1 + report.epoch)

    make_search(tmp_path, num_epochs=5, keep_checkpoints=2, callbacks=[BestFirst()]).train()
    names = sorted(path.name[:4] for path in (tmp_path / "checkpoints").glob("*.safetensors"))
    assert names == ["0001", "0004", "0005"]


def test_minutes_too_decide_when_a_checkpoint_is_made(tmp_path, monkeypatch):
    class Clock(Callback):
        """A clock that goes 25 seconds a training step."""

        now = 1000.0

        def on_step_end(self, search, report):
            self.now += 25 * (report.phase == "Train")

    clock = Clock()
    monkeypatch.setattr(save_checkpoints.time, "monotonic", lambda: clock.now)
    make_search(tmp_path, checkpoint_minutes=1.0, keep_checkpoints=100, callbacks=[clock]).train()
    steps = [path.stem for path in sorted((tmp_path / "checkpoints").glob("*.safetensors"))]
    # 75 seconds after the last one, and after each epoch
    expected = [f"{epoch:04d}-{3:08d}" for epoch in range(EPOCHS)] + [f"{e + 1:04d}-{0:08d}" for e in range(EPOCHS)]
    assert steps == sorted(expected)


def test_a_resumed_search_has_as_many_skips_left_as_before(tmp_path):
    def make(**arguments):
        search = make_search(tmp_path, num_epochs=1, skip_nonfinite=2, checkpoint_steps=1, **arguments)
        forward, passes = search.model.forward, []

        def spoil(image):
            passes.append(image)
            return forward(image * float("nan") if len(passes) == 3 else image)

        if arguments:
            search.model.forward = spoil
        return search

    with pytest.raises(KeyboardInterrupt):
        make(callbacks=[StopAt(3)]).train()
    resumed = make()
    resumed.train(resume=True)
    assert resumed.guard.skips_left == 1


def test_each_rank_draws_its_own_dropout(tmp_path):
    first, second = make_search(tmp_path / "0", num_epochs=1), make_search(tmp_path / "1", num_epochs=1)
    second.ranks.rank = 1
    first.train(), second.train()
    assert summarize(first)[0] != summarize(second)[0]


def test_callbacks_get_their_state_back(tmp_path):
    class Counter(Callback):
        steps = 0

        def on_step_end(self, search, report):
            self.steps += 1

        def get_state(self):
            return {"steps": self.steps}

        def set_state(self, state):
            self.steps = state["steps"]

    with pytest.raises(KeyboardInterrupt):
        make_search(tmp_path, callbacks=[Counter(), StopAt(EPOCH_STEPS + 1)]).train()
    counter = Counter()
    make_search(tmp_path, callbacks=[counter]).train(resume=True)
    assert counter.steps == EPOCHS * EPOCH_STEPS


def test_another_setting_gets_a_warning_with_both_values(tmp_path, lines):
    make_search(tmp_path, num_epochs=1).train()
    make_search(tmp_path, num_epochs=2).train(resume=True)
    assert "num_epochs was 1 and is 2 now; the search will not end as it would have" in lines


def other_space():
    model = DocumentedSupernet()
    model._primitives = ("none", "max_pool_3x3", "skip_connect", *model._primitives[3:])
    return model


@pytest.mark.parametrize(
    ("saved", "model", "message"),
    [
        (NormSupernet, lambda: NormSupernet(channels=5), r"another model: `convs.0.weight` is of shape \[4, 1, 1, 1\]"),
        (DocumentedSupernet, other_space, r"another search space: _primitives\[2\] is 'avg_pool_3x3' there and 'skip"),
        (DocumentedSupernet, NormSupernet, r"another search space: _method is 'DARTS' there and None here"),
    ],
)
def test_a_checkpoint_of_another_model_or_space_is_refused_by_its_first_difference(saved, model, message, tmp_path):
    make_search(tmp_path, make_model=saved, num_epochs=1).train()
    with pytest.raises(ValueError, match=message):
        make_search(tmp_path, make_model=model).train(resume=True)


def test_tensors_missing_on_either_side_are_named(tmp_path):
    def with_spare():
        model = NormSupernet()
        model.spare = model.create_parameter([3])
        return model

    make_search(tmp_path / "without", make_model=NormSupernet, num_epochs=1).train()
    with pytest.raises(ValueError, match=r"00000000\.safetensors: .*of another model: it holds no `spare`"):
        make_search(tmp_path / "without", make_model=with_spare).train(resume=True)
    make_search(tmp_path / "with", make_model=with_spare, num_epochs=1).train()
    with pytest.raises(ValueError, match="of another model: `spare` is in it and not in this model"):
        make_search(tmp_path / "with", make_model=NormSupernet).train(resume=True)


def test_alphas_and_buffers_outside_the_state_dict_are_restored(tmp_path):
    class Hidden(NormSupernet):
        def __init__(self):
            super().__init__()
            alphas = self.alphas
            del self.alphas
            self.hidden = [alphas]
            self.register_buffer("passes", paddle.zeros([1]), persistable=False)

        def forward(self, image):
            self.passes += 1
            self.__dict__["alphas"] = self.hidden[0]
            return super().forward(image)

        def genotype(self):
            return str(self.hidden[0].tolist())

        def arch_parameters(self):
            return self.hidden

    through = make_search(tmp_path / "through", make_model=Hidden)
    through.train()
    arguments = {"checkpoint_steps": 1, "callbacks": [StopAt(EPOCH_STEPS + 2)]}
    with pytest.raises(KeyboardInterrupt):
        make_search(tmp_path / "stopped", make_model=Hidden, **arguments).train()
    resumed = make_search(tmp_path / "stopped", make_model=Hidden)
    resumed.train(resume=True)
    assert resumed.model.genotype() == through.model.genotype()
    assert resumed.model.passes.item() == through.model.passes.item() > 0


def test_what_is_kept_in_half_precision_is_restored_bit_for_bit(tmp_path):
    class Half(NormSupernet):
        def __init__(self):
            super().__init__()
            values = np.linspace(-3, 3, 7, dtype="float32")
            self.register_buffer("table", paddle.to_tensor(values).astype("bfloat16"))

    first = make_search(tmp_path, make_model=Half, num_epochs=1)
    first.train()
    again = make_search(tmp_path, make_model=Half, num_epochs=1)
    again.model.table.set_value(paddle.zeros([7], "bfloat16"))
    again.train(resume=True)
    assert again.model.table.dtype == paddle.bfloat16
    assert summarize(again) == summarize(first)
    assert again.model.table.astype("float32").numpy()[0] == -3


def test_a_search_killed_before_its_first_checkpoint_can_be_resumed(tmp_path, lines):
    make_search(tmp_path, num_epochs=1).train()
    for path in (tmp_path / "checkpoints").glob("*.safetensors"):
        path.unlink()  # the name of the run stays behind
    resumed = make_search(tmp_path, num_epochs=1)
    resumed.train(resume=True)
    assert len(list((tmp_path / "checkpoints").glob("*.safetensors"))) == 1


class SignalAt(StopAt):
    """Send a SIGTERM at the `count`-th step."""

    def on_step_end(self, search, report):
        try:
            super().on_step_end(search, report)
        except KeyboardInterrupt:
            signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("stop", [2, STEPS, STEPS + 2], ids=lambda stop: f"after {stop}")
def test_the_log_has_each_line_of_an_epoch_once(stop, tmp_path, lines):
    with pytest.raises(SystemExit):
        make_search(tmp_path, num_epochs=2, callbacks=[SignalAt(stop)]).train()
    make_search(tmp_path, num_epochs=2).train(resume=True)
    once = ["param size", *(f"Epoch {epoch}, {what}" for epoch in (0, 1) for what in ("lr", "train_acc", "valid_acc"))]
    assert [sum(text.startswith(line) for text in lines) for line in once] == [1] * len(once)
    assert len([text for text in lines if text.startswith("genotype")]) == 3  # of both epochs, and the last one


class Doubled(NormSupernet):
    """The same parameters in another network."""

    def forward(self, image):
        return 2 * super().forward(image)


def test_another_network_or_optimizer_of_the_same_parameters_is_named(tmp_path, caplog):
    make_search(tmp_path, num_epochs=1).train()
    others = {
        "make_model": lambda: Doubled(dropout=0.5),
        "weight_optimizer": lambda w: paddle.optimizer.SGD(parameters=w),
    }
    make_search(tmp_path, num_epochs=1, **others).train(resume=True)
    assert "optimizer was 'Momentum' and is 'SGD' now" in caplog.text
    assert caplog.text.count("model was 'NormSupernet, whose print has the checksum") == 1
    assert "weight_optimizer was None and is `<lambda>` now" in caplog.text


class Counting:
    """A criterion and a rule to stop that counts how often it was used, which a checkpoint holds."""

    def __init__(self, factor=1.0):
        self.factor, self.count = factor, 0

    def __call__(self, outputs, label):
        self.count += 1
        return self.factor * paddle.nn.functional.cross_entropy(outputs, label)

    def check(self, history):
        self.count += 1

    def get_state(self):
        return {"count": self.count}

    def set_state(self, state):
        self.count = state["count"]


class CountingSupernet(NormSupernet):
    count = 0

    def forward(self, image):
        self.count += self.training
        return super().forward(image)

    def get_state(self):
        return self.count

    def set_state(self, state):
        self.count = state


def make_counting(folder, factor=1.0, stop=None, **arguments):
    """Return a search with a criterion, a rule to stop and a supernet that count, and these three."""
    criterion, stopping = Counting(factor), Counting()
    arguments.update(criterion=criterion, strategy=Strategy(stopping=stopping), callbacks=[StopAt(stop)] * bool(stop))
    search = make_search(folder, make_model=lambda: CountingSupernet(dropout=0.3), **{"num_epochs": 2, **arguments})
    return search, (criterion, stopping, search.model)


def test_objects_with_get_state_and_set_state_resume_with_what_they_counted(tmp_path, lines):
    through, counting = make_counting(tmp_path / "through")
    through.train()
    with pytest.raises(KeyboardInterrupt):
        make_counting(tmp_path / "stopped", stop=EPOCH_STEPS + 2, checkpoint_steps=1)[0].train()
    resumed, counted = make_counting(tmp_path / "stopped", checkpoint_steps=1)
    resumed.train(resume=True)
    again = [1, 1, 2]  # each train() tries its first batches, and asks whether to stop, before a step
    assert [c.count - more for c, more in zip(counted, again)] == [c.count for c in counting]
    assert summarize(resumed) == summarize(through)
    assert not [line for line in lines if "will not end as it would have" in line]


def test_another_criterion_gets_a_warning(tmp_path, lines):
    make_counting(tmp_path, num_epochs=1)[0].train()
    make_counting(tmp_path, factor=2.0)[0].train(resume=True)
    assert "criterion is still `Counting`, but with other code or values; the search will not end as it would have" in (
        lines
    )


def test_a_state_that_json_cannot_say_is_refused_by_the_name_of_its_object(tmp_path):
    search, (criterion, *_) = make_counting(tmp_path)
    criterion.get_state = lambda: {"seen": [1, np.ones(2)]}
    message = r"get_state\(\) of criterion returned what a checkpoint cannot hold \(it\['seen'\]\[1\] is ndarray, array"
    with pytest.raises(TypeError, match=message):
        search.train()
    assert not hasattr(search, "last_step")  # before the first step


class Surrounding:
    """A weight step whose state is as asked for."""

    def __init__(self, state):
        self.state = state

    def start(self, problem):
        plain = PlainStep()
        plain.get_state = lambda: self.state
        return plain


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (3, r"get_state\(\) of the weight step must return a dictionary, it is 3"),
        ({"mean": np.ones(2), "last": {(1, 2): 0}}, r"get_state\(\) of the weight step .* \(a key of it\['last'\] is"),
    ],
)
def test_a_state_of_a_weight_step_that_is_none_is_refused_before_the_first_step(state, message, tmp_path):
    search = make_search(tmp_path, num_epochs=1, strategy=Strategy(weight_step=Surrounding(state)))
    with pytest.raises(TypeError, match=message):
        search.train()
    assert not hasattr(search, "last_step")


def test_a_supernet_may_count_its_nodes_in_a_number_of_numpy(tmp_path):
    search = make_search(tmp_path, num_epochs=1)
    search.model._steps = np.int64(1)
    search.train()
    search.train(resume=True)
    search.model._steps = object()
    with pytest.raises(TypeError, match=r"the model has what a checkpoint cannot hold \(it\['_steps'\] is object"):
        search.train()
