"""`fluid.layers.detection`: what dygraph detectors used of it."""

from __future__ import annotations

import paddle
from paddle.nn import functional as F

from .._absent import absent
from .._variable import fluid_function

__all__ = [
    "box_coder",
    "iou_similarity",
    "multiclass_nms",
    "prior_box",
    "sigmoid_focal_loss",
    "yolo_box",
    "yolov3_loss",
]


@fluid_function
def yolo_box(x, img_size, anchors, class_num, conf_thresh, downsample_ratio, clip_bbox=True, name=None, scale_x_y=1.0):
    """Return boxes [N, M, 4] and scores [N, M, classes] of a YOLO output [N, C, H, W]."""
    return paddle.vision.ops.yolo_box(
        x, img_size, list(anchors), class_num, conf_thresh, downsample_ratio, clip_bbox, scale_x_y=scale_x_y
    )


@fluid_function
def yolov3_loss(
    x,
    gt_box,
    gt_label,
    anchors,
    anchor_mask,
    class_num,
    ignore_thresh,
    downsample_ratio,
    gt_score=None,
    use_label_smooth=True,
    name=None,
    scale_x_y=1.0,
):
    """Return the loss [N] of a YOLO output [N, C, H, W] against boxes [N, B, 4] and labels [N, B]."""
    return paddle.vision.ops.yolo_loss(
        x,
        gt_box,
        gt_label,
        list(anchors),
        list(anchor_mask),
        class_num,
        ignore_thresh,
        downsample_ratio,
        gt_score,
        use_label_smooth,
        scale_x_y=scale_x_y,
    )


@fluid_function
def iou_similarity(x, y, box_normalized=True, name=None):
    """Return the intersection over union of each box in x [N, 4] with each in y [M, 4], [N, M]."""
    # Boxes in pixels count their last row and column.
    edge = 0.0 if box_normalized else 1.0
    low = paddle.maximum(x[:, None, :2], y[None, :, :2])
    high = paddle.minimum(x[:, None, 2:], y[None, :, 2:])
    overlap = paddle.clip(high - low + edge, min=0.0).prod(-1)
    areas_x, areas_y = ((boxes[:, 2:] - boxes[:, :2] + edge).prod(-1) for boxes in (x, y))
    return overlap / (areas_x.unsqueeze(1) + areas_y.unsqueeze(0) - overlap)


@fluid_function
def box_coder(
    prior_box,
    prior_box_var,
    target_box,
    code_type="encode_center_size",
    box_normalized=True,
    name=None,
    axis=0,
):
    """Return target boxes relative to prior ones, or back; see `paddle.vision.ops.box_coder`."""
    return paddle.vision.ops.box_coder(prior_box, prior_box_var, target_box, code_type, box_normalized, axis=axis)


@fluid_function
def prior_box(
    input,
    image,
    min_sizes,
    max_sizes=None,
    aspect_ratios=(1.0,),
    variance=(0.1, 0.1, 0.2, 0.2),
    flip=False,
    clip=False,
    steps=(0.0, 0.0),
    offset=0.5,
    name=None,
    min_max_aspect_ratios_order=False,
):
    """Return the prior boxes of a feature map on an image, and their variances."""
    return paddle.vision.ops.prior_box(
        input,
        image,
        list(min_sizes),
        max_sizes,
        list(aspect_ratios),
        list(variance),
        flip,
        clip,
        list(steps),
        offset,
        min_max_aspect_ratios_order,
    )


@fluid_function
def multiclass_nms(
    bboxes,
    scores,
    score_threshold,
    nms_top_k,
    keep_top_k,
    nms_threshold=0.3,
    normalized=True,
    nms_eta=1.0,
    background_label=0,
    name=None,
):
    """Return the boxes that non-maximum suppression keeps, image by image: [kept, 6], or [[-1]] where none is kept.

    A row is label, score and box; the rows of an image go from the smallest label to the largest, the highest score of
    a label first.

    Args:
        bboxes: [N, M, 4], corners.
        scores: [N, classes, M].
        score_threshold: boxes with lower scores are left out.
        nms_top_k, keep_top_k: how many boxes of a class, and of an image, to look at and to keep; -1 for all.
        nms_threshold: of two boxes that overlap by more, the one with the lower score goes.
        normalized: False for corners in pixels, which count the last one.
        nms_eta: below 1 the threshold falls by this factor with each box.
        background_label: a class to leave out, -1 for none.
    """
    kept, _, _ = paddle._C_ops.multiclass_nms3(
        bboxes,
        scores,
        None,
        score_threshold,
        nms_top_k,
        keep_top_k,
        nms_threshold,
        normalized,
        nms_eta,
        background_label,
    )
    return kept if kept.shape[0] else paddle.full([1, 1], -1.0, scores.dtype)


@fluid_function
def sigmoid_focal_loss(x, label, fg_num, gamma=2.0, alpha=0.25):
    """Return the focal loss of logits [N, C] and labels [N, 1], 0 for background, divided by `fg_num`.

    A label of -1 is ignored (Lin et al., 2017).
    """
    classes = paddle.arange(1, x.shape[1] + 1, dtype=label.dtype)
    hit = (label == classes).cast(x.dtype)
    kept = (label != -1).cast(x.dtype)
    # (1 - p)^gamma log(p) for the class itself, p^gamma log(1 - p) for the others
    p = F.sigmoid(x)
    own = -alpha * (1 - p) ** gamma * F.log_sigmoid(x)
    other = -(1 - alpha) * p**gamma * F.log_sigmoid(-x)
    return (hit * own + (1 - hit) * other) * kept / paddle.clip(fg_num.cast(x.dtype), min=1.0)


__getattr__ = absent(__name__)
