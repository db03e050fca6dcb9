"""A run in the log lines of PaddleSlim."""

from __future__ import annotations

from ..search_space.contract import split_parameters
from ..state.parameters import count_parameters_in_MB
from ..training.callbacks import Callback
from ..training.log import lines_logger as logger

__all__ = ["LogLines", "SearchLines"]


class LogLines(Callback):
    """Log the learning rate and accuracies of each epoch, and the running means every `log_freq` steps."""

    def __init__(self, log_freq=50):
        self.log_freq = log_freq
        self.trained = -1  # the last epoch whose training accuracy was logged

    def get_state(self):
        return {"trained": self.trained}

    def set_state(self, state):
        self.trained = state.get("trained", -1)

    def on_search_begin(self, search):
        if not is_resumed(search):
            self.trained = -1

    def on_epoch_begin(self, search, epoch):
        if search.resumed is None:  # else the epoch has its line
            logger.info("Epoch %d, lr %.6f", epoch, search.learning_rate_now)

    def on_step_end(self, search, report):
        if report.phase == "Valid" and search.trained is not None:
            trained = search.trained
            self._log_means("train", report.epoch, trained.accuracy, float(trained.loss.avg), trained.means())
        if report.step % self.log_freq == 0:
            named = zip((", loss", ", acc_1", ", acc_5"), (report.loss, report.top1, report.top5))
            means = "".join(f"{name} {float(meter.avg):.6f}" for name, meter in named if meter.cnt)
            means += "".join(f", {name} {value:.6f}" for name, value in report.means().items())
            logger.info("%s Epoch %d, Step %d%s", report.phase, report.epoch, report.step, means)

    def on_epoch_end(self, search, report):
        self._log_means("train", report.epoch, report.train_accuracy, report.train_loss, report.train_metrics)
        self._log_means("valid", report.epoch, report.valid_accuracy, report.valid_loss, report.valid_metrics)

    def _log_means(self, phase, epoch, accuracy, loss, metrics):
        """Log the metrics of an epoch, else its accuracy, else its loss; the training's once, before the validation."""
        if phase == "train":
            if epoch == self.trained:
                return
            self.trained = epoch
        for name, value in metrics.items():
            logger.info("Epoch %d, %s_%s %.6f", epoch, phase, name, value)
        if accuracy is not None and not metrics:
            logger.info("Epoch %d, %s_acc %.6f", epoch, phase, accuracy)
        elif loss is not None and not metrics:
            logger.info("Epoch %d, %s_loss %.6f", epoch, phase, loss)


class SearchLines(LogLines):
    """Log the genotypes of a search as well, and the signs of a collapse.

    As in PaddleSlim 1.1, the learning rate at the beginning of an epoch is that of the step before.
    """

    def __init__(self, log_freq=50):
        super().__init__(log_freq)
        self.last_rate = None

    def get_state(self):
        return {**super().get_state(), "last_rate": self.last_rate}

    def set_state(self, state):
        super().set_state(state)
        self.last_rate = state["last_rate"]

    def on_search_begin(self, search):
        super().on_search_begin(search)
        if is_resumed(search):
            return
        self.last_rate = None
        logger.info("param size = %.6fMB", count_parameters_in_MB(split_parameters(search.model)[0]))

    def on_step_end(self, search, report):
        super().on_step_end(search, report)
        if report.phase == "Train":
            self.last_rate = report.learning_rate

    def on_epoch_begin(self, search, epoch):
        if search.resumed is not None:
            return
        rate = search.learning_rate_now if self.last_rate is None else self.last_rate
        logger.info("Epoch %d, lr %.6f", epoch, rate)
        logger.info("genotype = %s", search.task.present_genotype())

    def on_epoch_end(self, search, report):
        super().on_epoch_end(search, report)
        skips = [count for count in (report.skips_normal, report.skips_reduce) if count is not None]
        line = f"skip connections {' + '.join(map(str, skips))}"
        if report.entropy is not None:
            line += f", alpha entropy {report.entropy:.6f}"
        if report.eigenvalue is not None:
            line += f", dominant eigenvalue {report.eigenvalue:.6f}"
        logger.info("Epoch %d, %s", report.epoch, line)

    def on_search_end(self, search, genotype):
        logger.info("genotype = %s", genotype)


def is_resumed(search):
    """Whether a run that begins is one that resumes, whose log has its first lines already."""
    return bool(search.history) or search.resumed is not None
