"""The words of reports and commands in English."""

__all__ = ["ENGLISH"]

ENGLISH = {
    "lang": "en",
    # of every page
    "running": "running",
    "finished": "finished",
    "stopped": "stopped:",
    "epochs": "epochs",
    "epoch": "epoch",
    "of": "of",
    "duration": "duration",
    "curves": "Curves",
    "genotype": "Genotype",
    "settings": "Settings",
    "versions": "Versions",
    "next": "Next",
    "copy_text": "Copy",
    "copied": "Copied",
    "downloads": "Downloads",
    "history_csv": "history, CSV",
    "all_json": "everything, JSON",
    "parameters": "parameters",
    "multiply_adds": "multiply-adds (FLOPs) an image",
    "class": "class",
    "images": "images",
    "normal": "Normal cell",
    "reduction": "Reduction cell",
    "cell": "Cell",
    "loss": "Loss",
    "accuracy": "Accuracy",
    "learning_rate": "Learning rate",
    "train_loss": "training",
    "valid_loss": "validation",
    "train_accuracy": "training",
    "valid_accuracy": "validation",
    "last_valid_accuracy": "validation accuracy",
    "last_train_accuracy": "training accuracy",
    "last_valid_loss": "validation loss",
    "last_train_loss": "training loss",
    "diverged": "Diverged: the loss of epoch {last} is not finite, so what was found says nothing. Lower the learning "
    "rates.",
    # of a search
    "before": "before the search",
    "after": "after epoch",
    "play": "Play",
    "pause": "Pause",
    "settled": "Settled: the genotype has not changed since epoch {since} of {last}.",
    "unsettled": "Not settled: the genotype changed in epoch {since} of {last}. More epochs may find other cells, and "
    "so may another seed.",
    "never_changed": "The genotype is still that of the first alphas: by epoch {last} the search has changed nothing.",
    "selected": "The genotype was selected after the last epoch, by what the operations are worth to the supernet.",
    "no_collapse": "No sign of a collapse: the normal cell has {edges} operations, {skips} of them skip connections.",
    "no_collapse_one": "No sign of a collapse: the cell has {edges} operations, {skips} of them skip connections.",
    "collapse": "Signs of a collapse: the normal cell has {edges} operations, {skips} of them skip connections.",
    "collapse_one": "Signs of a collapse: the cell has {edges} operations, {skips} of them skip connections.",
    "rise": "The largest eigenvalue of the Hessian rose by more than a third within 5 epochs, which comes before a "
    "collapse.",
    "against_random": "After a brief retraining this genotype has {own}, more than {beaten} of {count} random cells, "
    "which have {mean}.",
    "cells": "Cells",
    "cells_note": "What the genotype would keep after the epoch on show. A wire runs down from each state; an "
    "operation takes from it and adds its result to a state on the right. The light wires lead to the "
    "concatenation that the cell puts out.",
    "genotype_moved": "How the genotype moved",
    "genotype_moved_note": "A row is an edge, from left to right the epochs; the colour is the operation that the "
    "genotype kept there, empty where it kept none.",
    "alphas_moved": "How the alphas moved",
    "alphas_moved_note": "A panel is an edge: how strong each operation was, from left to right the epochs. All "
    "panels span {low} to {high}. Framed ones are kept by the last genotype, with the bold operation. Click a panel, "
    "or press Enter on it, to enlarge it; there the strengths are shown under the pointer.",
    "from": "from",
    "to": "to",
    "edge": "edge",
    "close": "Close",
    "previous": "Previous edge",
    "following": "Next edge",
    "strength": "strength",
    "last_strengths": "After the last epoch",
    "class_counts": "Images of each class",
    "training_images": "training",
    "validation_images": "validation",
    "skips": "Skip connections in the genotype",
    "skips_normal": "normal cell",
    "skips_reduce": "reduction cell",
    "entropy": "Entropy of the alphas, in nats",
    "eigenvalue": "Largest eigenvalue of the Hessian",
    # of a retraining
    "test": "test",
    "test_accuracy": "test accuracy",
    "test_top5_accuracy": "among the best five",
    "test_loss": "test loss",
    "latency": "for one image on {device}",
    "one_image": "one image takes",
    "evaluations": "Evaluations",
    "evaluations_note": "What the command evaluate measured after the training. All else on this page comes from "
    "the training.",
    "when": "when",
    "network": "Network",
    "tested": "Test accuracy {accuracy} of {count} images after {done} of {epochs} epochs; chance is {chance}.",
    "validated": "Accuracy {accuracy} on the validation data after {done} of {epochs} epochs.",
    "measured": "{name} {value} on the validation data after {done} of {epochs} epochs.",
    "no_better_than_chance": "That is no better than always naming the most frequent class, {share}.",
    "overfitted": "The accuracy on training images is {gap} percentage points higher: the network fits them better "
    "than images that it has not seen.",
    "most_confused": "The most frequent mistake: {true} is taken for {predicted}, {count} of {total} times.",
    "no_mistake": "Every image is named rightly.",
    "confusion": "Confusion matrix",
    "confusion_note": "A row is a true class, a column what the network says; numbers count images, and the colour is "
    "the share of the row. The last column is the share that is named rightly.",
    "pairs": "Most frequent mistakes",
    "true_class": "true class",
    "predicted_class": "predicted",
    "recall": "right",
    "cell_title": "{true}, named {predicted}: {count} of {total} ({share})",
    "worst": "Worst images",
    "worst_note": "The images whose true class was given the least probability; below each what the network says and "
    "what is true, with their probabilities.",
    "image_number": "image {number}",
    "confusion_csv": "confusion matrix, CSV",
    "predictions_csv": "predictions, CSV",
    # of a comparison
    "comparison": "Comparison",
    "compared": "{runs} runs in {groups} groups.",
    "best_group": "The best mean has {group}: {measure} {summary} (runs: {count}).",
    "by_chance": "Its difference from {second} is {difference} percentage points; as large a one comes by chance with "
    "probability {p} (permutation test).",
    "too_few": "Its difference from {second} is {difference} percentage points; with so few runs nothing says that it "
    "is no chance.",
    "all_runs": "all runs",
    "groups": "Groups",
    "groups_note": "Mean ± standard deviation over the runs of a group, which differ in their seed alone unless "
    "settings were named.",
    "group": "group",
    "run": "run",
    "runs": "Runs",
    "run_count": "runs",
    "command": "command",
    "data": "data",
    "space": "space",
    "seed": "seed",
    "validation": "validation",
    "skips_column": "skips",
    "runs_csv": "runs, CSV",
    "evaluated_accuracy": "Accuracy: validation or test",
    "training_accuracy": "Accuracy in training",
    "training_loss": "Loss in training",
    # of several searches with `--seeds`
    "many_searches": "{count} searches",
    "searched": "searched",
    "random": "random",
    "pick": "picked",
    "seeds_note": "A searched cell leads to the report of its search.",
    "cell_count": "cells",
    "supernet_accuracy": "supernet, validation",
    "kinds_note": "Every cell is retrained alike for {epochs} epochs, on the images that trained the weights, and "
    "measured on those that trained the alphas: mean ± standard deviation of this accuracy. Test images are not "
    "touched. The supernet's accuracy is that of its last epoch.",
    "picked": "Picked: the cell of seed {seed}, {accuracy} after a brief retraining of {epochs} epochs. All {count} "
    "cells found have {mean}.",
    "agreement": "Of {total} choices, an operation on an edge each, two searches share {shared} on average; two random "
    "cells of the space share {chance}.",
    "agreement_title": "Agreement of the searches",
    "agreement_note": "How many choices the cells of two seeds share: the same operation on the same edge. The fuller "
    "the colour, the larger their share of all.",
    "searched_by_chance": "Against {count} random cells, which have {mean}, the difference of the means is "
    "{difference} percentage points; as large a one comes by chance with probability {p} (permutation test).",
    "searched_too_few": "Against {count} random cells, which have {mean}, the difference of the means is {difference} "
    "percentage points; with so few cells it may be chance.",
    # of `show`
    "as_network": "As a network of {layers} cells from {channels} channels on, for images of {shape}:",
    "flops": "multiply-adds (FLOPs)",
    "an_image": " an image",
    "picture": "picture",
}
