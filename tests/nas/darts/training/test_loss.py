import logging

import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts.retrain import Retraining, RetrainSettings
from paddleslim.nas.darts.training.loss import check_loss, describe_own_parameters
from tests.searches import make_search
from tests.supernets import NormSupernet, random_batches

cross_entropy = nn.functional.cross_entropy
WRONG = {
    "nothing": (lambda outputs, label: None, "as a tensor of one number, and returned nothing"),
    "a number": (lambda outputs, label: float(outputs.mean()), "and returned a float"),
    "several": (lambda outputs, label: (cross_entropy(outputs, label), 0), "and returned a tuple"),
    "a loss for each sample": (
        lambda outputs, label: cross_entropy(outputs, label, reduction="none"),
        r"a loss of one number, and returned shape \[8, 1\]; take its mean\(\)",
    ),
    "a whole number": (lambda outputs, label: outputs.astype("int64").sum(), "a loss of floats.*and returned int64"),
    "no dependence": (
        lambda outputs, label: cross_entropy(outputs.detach(), label),
        "a loss that depends on no parameter",
    ),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("retraining", [False, True])
def test_what_is_no_loss_is_refused_before_the_first_step(tmp_path, case, retraining):
    criterion, message = WRONG[case]
    if retraining:
        batches = random_batches(1)
        run = Retraining(NormSupernet(), batches, batches, RetrainSettings(epochs=1), criterion=criterion)
    else:
        run = make_search(tmp_path, criterion=criterion)
    before = [parameter.numpy() for parameter in run.model.parameters()]
    with pytest.raises((TypeError, ValueError), match=f"criterion (must return|returned) .*{message}|{message}"):
        run.train()
    for parameter, array in zip(run.model.parameters(), before):
        assert (parameter.numpy() == array).all()


class Weighed(nn.Layer):
    """A loss with a parameter of its own."""

    def __init__(self):
        super().__init__()
        self.share = self.create_parameter([1])

    def forward(self, outputs, label):
        return nn.functional.cross_entropy(outputs * self.share, label)


@pytest.mark.parametrize("criterion", [Weighed(), Weighed().forward])
def test_untrained_parameters_of_a_criterion_get_a_warning_unless_they_are_the_models(criterion):
    layer = getattr(criterion, "__self__", criterion)
    model = NormSupernet()
    assert "criterion has 1 parameters that the model has not, `share` first" in describe_own_parameters(
        criterion, model
    )
    layer.share.stop_gradient = True  # as in a teacher
    assert describe_own_parameters(criterion, model) is None
    layer.share.stop_gradient = False
    model.criterion = layer
    assert describe_own_parameters(criterion, model) is None
    assert describe_own_parameters(cross_entropy, model) is describe_own_parameters(None, model) is None


def test_a_run_says_what_its_criterion_and_its_accumulated_steps_leave_out(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("paddleslim.nas.darts.training.loop"), "propagate", True)
    batches = random_batches(2)
    settings = RetrainSettings(epochs=1)
    Retraining(NormSupernet(), batches, batches, settings, criterion=Weighed(), accumulate_steps=3).train()
    assert "criterion has 1 parameters that the model has not" in caplog.text
    assert "accumulate_steps is 3, and all epochs have 2 batches together, which make no weight step" in caplog.text
    caplog.clear()
    make_search(tmp_path, criterion=Weighed(), accumulate_steps=9, num_epochs=2).train()
    assert "criterion has 1 parameters" in caplog.text
    assert "accumulate_steps is 9, and all epochs have 8 batches together" in caplog.text


def test_the_loss_of_a_supernet_is_checked_too(tmp_path):
    search = make_search(tmp_path)
    search.model._loss = lambda image, label: search.model(image)
    with pytest.raises(TypeError, match=r"NormSupernet\._loss must return a loss of one number, and returned shape"):
        search.train()


@pytest.mark.parametrize("loss", [paddle.to_tensor(1.0), paddle.to_tensor([1.0]), paddle.to_tensor(1.0, "float64")])
def test_one_number_is_a_loss(loss):
    assert check_loss(loss, "it") is loss


def test_a_loss_for_each_sample_is_one_where_it_is_asked_for():
    losses = paddle.ones([8, 1])
    assert check_loss(losses, "it", each_sample=True) is losses
    with pytest.raises(TypeError, match=r"a loss of one number, and returned shape \[8, 2\]"):
        check_loss(paddle.ones([8, 2]), "it", each_sample=True)
