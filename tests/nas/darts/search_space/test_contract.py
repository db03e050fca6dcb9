import paddle
import pytest

from paddleslim.nas.darts.search_space.contract import check_supernet, split_parameters
from paddleslim.nas.darts.state.parameters import frozen, name_parameter
from tests.supernets import DocumentedSupernet, NormSupernet


def test_alphas_are_what_arch_parameters_returns_and_weights_all_other_trainable_ones():
    model = NormSupernet()
    weights, alphas = split_parameters(model)
    assert [id(a) for a in alphas] == [id(model.alphas)]
    names = {name_parameter(model, w) for w in weights}
    assert "alphas" not in names
    assert {"norm.weight", "convs.0.weight", "classifier.bias"} <= names
    assert not {"norm._mean", "norm._variance"} & names


def test_a_frozen_weight_is_no_weight():
    model = NormSupernet()
    model.classifier.weight.stop_gradient = True
    weights, _ = split_parameters(model)
    assert all(w is not model.classifier.weight for w in weights)


def test_a_parameter_that_is_not_registered_keeps_its_own_name():
    stray = paddle.create_parameter([1], "float32", name="stray")
    assert name_parameter(NormSupernet(), stray) == "stray"


def test_frozen_parameters_get_no_gradient_and_are_trainable_again_after_an_exception():
    model = NormSupernet()
    with frozen([model.alphas]):
        model._loss(paddle.randn([2, 1, 8, 8]), paddle.to_tensor([[1], [2]])).backward()
    assert model.alphas.grad is None
    assert model.classifier.weight.grad is not None
    with pytest.raises(ZeroDivisionError), frozen([model.alphas]):
        raise ZeroDivisionError
    assert not model.alphas.stop_gradient


def test_what_is_no_layer_is_refused():
    with pytest.raises(TypeError, match=r"must be a paddle\.nn\.Layer, got dict"):
        check_supernet({})


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        (
            lambda model: {"a": model.alphas},
            r"arch_parameters\(\) must return a list of parameters, it returned a dict",
        ),
        (lambda model: model.alphas, "must return a list of parameters, it returned a EagerParamBase"),
        (lambda model: None, "it returned a NoneType"),
        (lambda model: [model.alphas.numpy()], r"arch_parameters\(\)\[0\] must be a parameter, it is a ndarray"),
        (lambda model: [model.alphas * 1], r"arch_parameters\(\)\[0\] is another tensor in each call"),
    ],
)
def test_what_is_no_list_of_alphas_is_refused(listed, message):
    model = NormSupernet()
    model.arch_parameters = lambda: listed(model)
    with pytest.raises(TypeError, match=message):
        check_supernet(model)
    model.arch_parameters = [model.alphas]
    with pytest.raises(TypeError, match=r"arch_parameters must be a method .* it is a list"):
        check_supernet(model)


def test_an_alpha_that_is_not_trained_is_neither_a_weight_nor_an_alpha():
    model = DocumentedSupernet()
    model.alphas_reduce.stop_gradient = True
    weights, alphas = split_parameters(model)
    assert len(weights) == 4
    assert [id(a) for a in alphas] == [id(model.alphas_normal)]


def test_an_alpha_returned_twice_is_one():
    model = NormSupernet()
    model.arch_parameters = lambda: (model.alphas, model.alphas)
    assert len(split_parameters(model)[1]) == 1


def test_a_supernet_that_offers_no_genotype_is_refused():
    model = DocumentedSupernet()
    del model.alphas_reduce
    model.arch_parameters = lambda: [model.alphas_normal]
    with pytest.raises(AttributeError, match=r"lacks `alphas_reduce`.*the alphas of the reduction cell"):
        check_supernet(model)
