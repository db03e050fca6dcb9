import pytest

from paddleslim.nas.darts.search_space import S2, NASBench201Supernet
from paddleslim.nas.darts.strategy.adversarial import Adversarial
from paddleslim.nas.darts.strategy.beta_decay import BetaDecay
from paddleslim.nas.darts.strategy.combinations import check_supernet_for
from paddleslim.nas.darts.strategy.decaying_skip import WithDecayingSkip
from paddleslim.nas.darts.strategy.dirichlet import Dirichlet
from paddleslim.nas.darts.strategy.dirichlet_kl import DirichletKL
from paddleslim.nas.darts.strategy.gumbel_softmax import GumbelSoftmax
from paddleslim.nas.darts.strategy.hypergradient import SecondOrder
from paddleslim.nas.darts.strategy.methods import METHODS
from paddleslim.nas.darts.strategy.operation_early_stopping import OperationEarlyStopping
from paddleslim.nas.darts.strategy.perturbation import Perturbation
from paddleslim.nas.darts.strategy.random_smoothing import RandomSmoothing
from paddleslim.nas.darts.strategy.sigmoid import Sigmoid
from paddleslim.nas.darts.strategy.stages import Stages
from paddleslim.nas.darts.strategy.strategy import Strategy
from paddleslim.nas.darts.strategy.threshold import Threshold
from paddleslim.nas.darts.strategy.zero_one import ZeroOne
from tests.supernets import DocumentedSupernet

REFUSED = [
    ({"penalties": [BetaDecay()], "mixture": Sigmoid()}, "BetaDecay keeps softmax"),
    ({"penalties": [BetaDecay()], "mixture": WithDecayingSkip(Dirichlet())}, "BetaDecay keeps softmax"),
    ({"penalties": [ZeroOne()]}, "give mixture=Sigmoid"),
    ({"penalties": [DirichletKL()]}, "give mixture=Dirichlet"),
    ({"weight_step": RandomSmoothing(), "mixture": Sigmoid()}, "RandomSmoothing divides"),
    ({"weight_step": Adversarial(), "mixture": GumbelSoftmax(hard=True)}, "give GumbelSoftmax"),
    ({"weight_step": OperationEarlyStopping(), "hypergradient": SecondOrder()}, "give hypergradient=FirstOrder"),
    ({"selection": Threshold()}, "give mixture=Sigmoid"),
    ({"selection": Perturbation(), "mixture": GumbelSoftmax(hard=True)}, "hard=False"),
    ({"selection": Perturbation(), "stages": Stages()}, "stages=None"),
    ({"weight_step": OperationEarlyStopping(), "stages": Stages()}, "stages=None"),
]


@pytest.mark.parametrize(("parts", "reason"), REFUSED)
def test_what_does_not_go_together_is_refused_with_the_reason(parts, reason):
    with pytest.raises(ValueError, match=reason):
        Strategy(**parts)


def test_what_goes_together_combines():
    Strategy(
        mixture=WithDecayingSkip(GumbelSoftmax()),
        penalties=[BetaDecay()],
        weight_step=Adversarial(),
        selection=Perturbation(),
    )


def test_a_supernet_without_what_a_method_needs_is_refused():
    for name in ("drnas", "sdarts-rs", "darts-pt"):
        with pytest.raises(AttributeError, match=r"let it call `self.mixture\(alphas, index\)`"):
            check_supernet_for(METHODS[name], DocumentedSupernet())
    with pytest.raises(AttributeError, match="lacks `operation_weights`"):
        check_supernet_for(METHODS["oles"], DocumentedSupernet())
    with pytest.raises(ValueError, match="build it with auxiliary_skip=True"):
        check_supernet_for(METHODS["darts-minus"], S2.build_supernet(4, 5, 3, 1))
    check_supernet_for(METHODS["beta-darts"], DocumentedSupernet())


def test_the_benchmarks_supernet_serves_every_method_but_those_of_cells_of_two_kinds():
    supernet = NASBench201Supernet(4, 5, 1, 1)
    reasons = {
        "fair-darts": (TypeError, "Threshold chooses edges of the cells of DARTS"),
        "drnas-two-stage": (AttributeError, "search in a space of cells, such as pc-darts"),
    }
    for name, strategy in METHODS.items():
        if name in reasons:
            with pytest.raises(reasons[name][0], match=reasons[name][1]):
                check_supernet_for(strategy, supernet)
        else:
            check_supernet_for(strategy, supernet)
