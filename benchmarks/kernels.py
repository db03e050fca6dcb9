"""Times the kernels for the CPU against Paddle's operators, forward and both gradients, taking turns.

python benchmarks/kernels.py [--batch 16] [--repeat 20]
"""

from __future__ import annotations

import argparse
import statistics
import time

import paddle
from paddle.nn import functional as F

from paddleslim import kernels

SIZES = ((16, 32), (32, 16), (64, 8))  # channels, and height and width


def cases():
    """Yield a name, our function and Paddle's, and the shapes of their arguments behind the batch size."""
    for channels, side in SIZES:
        image = [channels, side, side]
        for size, dilation in ((3, 1), (5, 1), (7, 1), (5, 2)):
            around = dilation * (size // 2)
            yield (
                f"depthwise {size}x{size}" + f", dilation {dilation}" * (dilation > 1),
                lambda x, w, p=around, d=dilation: kernels.depthwise_conv2d(x, w, 1, p, d),
                lambda x, w, p=around, d=dilation, c=channels: F.conv2d(x, w, None, 1, p, d, c),
                (image, [channels, 1, size, size]),
            )
        for size in (1, 3):
            yield (
                f"convolution {size}x{size}",
                lambda x, w, p=size // 2: kernels.conv2d(x, w, None, 1, p),
                lambda x, w, p=size // 2: F.conv2d(x, w, None, 1, p),
                (image, [channels, channels, size, size]),
            )
        yield "max pooling 3x3", kernels.max_pool2d, lambda x: F.max_pool2d(x, 3, 1, 1), (image,)
        yield "average pooling 3x3", kernels.avg_pool2d, lambda x: F.avg_pool2d(x, 3, 1, 1), (image,)


def milliseconds(function, inputs, towards):
    """Return how long forward and backward take."""
    start = time.perf_counter()
    paddle.grad(function(*inputs), inputs, grad_outputs=towards)
    return 1e3 * (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--repeat", type=int, default=20)
    args = parser.parse_args()
    print(f"{'':26}{'channels x size':>16}{'ours, ms':>10}{'Paddle, ms':>12}{'ours/it':>9}")
    for name, ours, theirs, (image, *weight) in cases():
        inputs = [paddle.randn([args.batch, *image]), *map(paddle.randn, weight)]
        for tensor in inputs:
            tensor.stop_gradient = False
        towards = paddle.randn(theirs(*inputs).shape)
        for function in (ours, theirs):
            milliseconds(function, inputs, towards)
        taken = [[milliseconds(function, inputs, towards) for function in (ours, theirs)] for _ in range(args.repeat)]
        mine, other = (statistics.median(column) for column in zip(*taken))
        print(f"{name:26}{f'{image[0]} x {image[1]}':>16}{mine:10.2f}{other:12.2f}{mine / other:9.2f}", flush=True)


if __name__ == "__main__":
    main()
