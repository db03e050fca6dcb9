"""A run in the log lines of PaddleSlim."""

from __future__ import annotations

from ..training.callbacks import Callback
from ..training.log import logger

__all__ = ["LogLines", "SearchLines"]


class LogLines(Callback):
    """Log the learning rate and accuracies of each epoch, and the running means every `log_freq` steps."""

    def __init__(self, log_freq=50):
        self.log_freq = log_freq

    def on_epoch_begin(self, search, epoch):
        logger.info("Epoch %d, lr %.6f", epoch, search.learning_rate_now)

    def on_step_end(self, search, report):
        if report.step % self.log_freq == 0:
            named = zip((", loss", ", acc_1", ", acc_5"), (report.loss, report.top1, report.top5))
            means = "".join(f"{name} {float(meter.avg):.6f}" for name, meter in named if meter.cnt)
            logger.info("%s Epoch %d, Step %d%s", report.phase, report.epoch, report.step, means)

    def on_epoch_end(self, search, report):
        for phase in ("train", "valid"):
            accuracy, loss = getattr(report, f"{phase}_accuracy"), getattr(report, f"{phase}_loss")
            if accuracy is not None:
                logger.info("Epoch %d, %s_acc %.6f", report.epoch, phase, accuracy)
            elif loss is not None:
                logger.info("Epoch %d, %s_loss %.6f", report.epoch, phase, loss)


class SearchLines(LogLines):
    """Log the genotypes of a search as well, and the signs of a collapse."""

    def on_epoch_begin(self, search, epoch):
        super().on_epoch_begin(search, epoch)
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
