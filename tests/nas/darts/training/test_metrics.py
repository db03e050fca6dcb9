import paddle
import pytest

from paddleslim.nas.darts.training.metrics import measure_accuracies, measure_top1_and_top5


@pytest.mark.parametrize("classes", [2, 6])
def test_accuracies_are_shares_of_labels_among_the_largest_logits(classes):
    logits = paddle.arange(classes, 0, -1, dtype="float32").unsqueeze(0).tile([2, 1])  # the order of the classes
    label = paddle.to_tensor([[0], [1]])
    assert [float(share) for share in measure_accuracies(logits, label, [1, 2])] == [0.5, 1.0]


def test_a_single_output_has_no_accuracy():
    assert measure_accuracies(paddle.ones([2, 1]), paddle.to_tensor([[0], [0]]), [1]) == []


@pytest.mark.parametrize(("classes", "shares"), [(3, [0.5]), (5, [0.5]), (6, [0.5, 1.0])])
def test_a_top5_accuracy_needs_more_than_five_classes(classes, shares):
    logits = paddle.arange(classes, 0, -1, dtype="float32").unsqueeze(0).tile([2, 1])
    label = paddle.to_tensor([[0], [1]])
    assert [float(share) for share in measure_top1_and_top5(logits, label)] == shares


def test_what_is_no_table_of_logits_has_no_accuracies():
    assert measure_top1_and_top5((paddle.ones([2, 6]),), paddle.to_tensor([[0], [0]])) == []
