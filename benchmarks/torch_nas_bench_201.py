"""What a user would run instead: the supernet of NAS-Bench-201 in PyTorch, timed step by step.

    python torch_nas_bench_201.py --batch 16 --steps 6 [--channels 16] [--layers 5] [--channels-last]

A step is one architecture update and one weight update on random 3x32x32 images. Prints one line of JSON: seconds per
step (median of the later half), and peak memory. Needs torch, in an environment of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

EDGES = [(source, target) for target in range(1, 4) for source in range(target)]


def conv_norm(c_in, c_out, size, stride=1, affine=True):
    """Return ReLU, convolution and norm."""
    conv = nn.Conv2d(c_in, c_out, size, stride, size // 2, bias=False)
    return nn.Sequential(nn.ReLU(), conv, nn.BatchNorm2d(c_out, affine=affine))


class Edge(nn.Module):
    """The mixture of none, identity, both convolutions and average pooling."""

    def __init__(self, channels):
        super().__init__()
        self.small, self.large = (conv_norm(channels, channels, size, affine=False) for size in (1, 3))
        self.pool = nn.AvgPool2d(3, 1, 1, count_include_pad=False)

    def forward(self, x, weights):
        values = (x.mul(0.0), x, self.small(x), self.large(x), self.pool(x))
        return sum(weight * value for weight, value in zip(weights, values))


class Cell(nn.Module):
    """Four nodes, each the sum of the edges from all before it."""

    def __init__(self, channels):
        super().__init__()
        self.edges = nn.ModuleList(Edge(channels) for _ in EDGES)

    def forward(self, x, weights):
        states = [x]
        for target in range(1, 4):
            into = [(k, source) for k, (source, end) in enumerate(EDGES) if end == target]
            states.append(sum(self.edges[k](states[source], weights[k]) for k, source in into))
        return states[-1]


class Reduction(nn.Module):
    """The residual block between two stages."""

    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(conv_norm(channels, 2 * channels, 3, 2), conv_norm(2 * channels, 2 * channels, 3))
        self.shortcut = nn.Sequential(nn.AvgPool2d(2, 2), nn.Conv2d(channels, 2 * channels, 1, bias=False))

    def forward(self, x, weights):
        return self.body(x) + self.shortcut(x)


class Supernet(nn.Module):
    """Images `[N, 3, H, W]` to logits."""

    def __init__(self, channels, layers, classes=10):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))
        self.cells = nn.ModuleList()
        for stage in range(3):
            if stage:
                self.cells.append(Reduction(channels))
                channels *= 2
            self.cells.extend(Cell(channels) for _ in range(layers))
        self.last = nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU())
        self.classifier = nn.Linear(channels, classes)
        self.alphas = nn.Parameter(1e-3 * torch.randn(len(EDGES), 5))

    def forward(self, x):
        x, weights = self.stem(x), F.softmax(self.alphas, -1)
        for cell in self.cells:
            x = cell(x, weights)
        return self.classifier(self.last(x).mean([2, 3]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--layers", type=int, default=5)
    parser.add_argument("--channels-last", action="store_true")
    args = parser.parse_args()
    net = Supernet(args.channels, args.layers)
    x, y = torch.randn(args.batch, 3, 32, 32), torch.randint(0, 10, (args.batch,))
    if args.channels_last:
        net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    weights = [p for p in net.parameters() if p is not net.alphas]
    optimizer = torch.optim.SGD(weights, 0.025, 0.9, weight_decay=3e-4)
    adam = torch.optim.Adam([net.alphas], 3e-4, (0.5, 0.999), weight_decay=1e-3)
    seconds = []
    for _ in range(args.steps):
        start = time.perf_counter()
        adam.zero_grad()
        F.cross_entropy(net(x), y).backward()
        adam.step()
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        nn.utils.clip_grad_norm_(weights, 5.0)
        optimizer.step()
        seconds.append(time.perf_counter() - start)
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    median = round(statistics.median(seconds[len(seconds) // 2 :]), 4)
    print(json.dumps({"peer": f"torch {torch.__version__}", "seconds_per_step": median, "peak_rss_mb": peak}))


if __name__ == "__main__":
    main()
