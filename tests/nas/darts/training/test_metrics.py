import paddle
import pytest

from paddleslim.nas.darts.training.metrics import measure_accuracies


@pytest.mark.parametrize("classes", [2, 6])
def test_accuracies_are_shares_of_labels_among_the_largest_logits(classes):
    logits = paddle.arange(classes, 0, -1, dtype="float32").unsqueeze(0).tile([2, 1])  # the order of the classes
    label = paddle.to_tensor([[0], [1]])
    assert [float(share) for share in measure_accuracies(logits, label, [1, 2])] == [0.5, 1.0]


def test_a_single_output_has_no_accuracy():
    assert measure_accuracies(paddle.ones([2, 1]), paddle.to_tensor([[0], [0]]), [1]) == []
