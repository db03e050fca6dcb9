"""Search a small U-Net that separates discs from squares, pixel by pixel."""

import numpy as np
import paddle
from choice import Choice, Supernet, search
from paddle import nn

paddle.seed(0)
rng = np.random.default_rng(0)


def conv(inputs, outputs, kernel, dilation=1):
    padding = dilation * (kernel // 2)
    return nn.Sequential(nn.Conv2D(inputs, outputs, kernel, padding=padding, dilation=dilation), nn.ReLU())


class UNet(Supernet):
    def __init__(self):
        super().__init__()
        self.down = Choice(conv3=conv(1, 8, 3), conv5=conv(1, 8, 5))
        self.middle = Choice(conv3=conv(8, 8, 3), dilated3=conv(8, 8, 3, 2), skip=nn.Identity())
        self.head = nn.Conv2D(16, 3, 1)

    def forward(self, image):
        fine = self.down(image)
        coarse = self.middle(nn.functional.max_pool2d(fine, 2))
        return self.head(paddle.concat([fine, nn.functional.interpolate(coarse, scale_factor=2)], axis=1))

    def criterion(self, outputs, mask):
        return nn.functional.cross_entropy(outputs, mask, axis=1)


def draw(count, size=16):
    """Return images of a disc or a square and their masks: 0 background, 1 disc, 2 square."""
    y, x = np.mgrid[:size, :size]
    masks = np.zeros([count, size, size], "int64")
    for mask in masks:
        row, column, radius, kind = rng.integers(5, 11), rng.integers(5, 11), rng.integers(3, 5), rng.integers(1, 3)
        across, down = abs(x - column), abs(y - row)
        inside = across**2 + down**2 <= radius**2 if kind == 1 else np.maximum(across, down) <= radius
        mask[inside] = kind
    images = (masks > 0) + 0.1 * rng.standard_normal(masks.shape)
    return images[:, None].astype("float32"), masks


shapes = search(UNet(), draw(128), ["mean_iou", "accuracy"], num_epochs=12, learning_rate=0.1)
