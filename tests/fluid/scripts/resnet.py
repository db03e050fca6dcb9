# ruff: noqa: UP008, UP031
"""A residual network with warm-up, piecewise decay and label smoothing, in the style of the dygraph model zoo."""

import math

import numpy as np
import paddle.fluid as fluid
from paddle.fluid import framework
from paddle.fluid.dygraph.base import to_variable
from paddle.fluid.dygraph.learning_rate_scheduler import LearningRateDecay
from paddle.fluid.dygraph.nn import BatchNorm, Conv2D, Linear, Pool2D

momentum_rate = 0.9
l2_decay = 1e-4
base_lr = 0.05
class_dim = 4


class WarmupThenPiecewise(LearningRateDecay):
    def __init__(self, warmup_steps, boundaries, values):
        super(WarmupThenPiecewise, self).__init__()
        self.warmup_steps, self.boundaries, self.values = warmup_steps, boundaries, values

    def step(self):
        if self.step_num < self.warmup_steps:
            return self.create_lr_var(self.values[0] * (self.step_num + 1) / self.warmup_steps)
        for boundary, value in zip(self.boundaries, self.values):
            if self.step_num < boundary:
                return self.create_lr_var(value)
        return self.create_lr_var(self.values[-1])


class ConvBNLayer(fluid.dygraph.Layer):
    def __init__(self, num_channels, num_filters, filter_size, stride=1, groups=1, act=None):
        super(ConvBNLayer, self).__init__()
        self._conv = Conv2D(
            num_channels=num_channels,
            num_filters=num_filters,
            filter_size=filter_size,
            stride=stride,
            padding=(filter_size - 1) // 2,
            groups=groups,
            act=None,
            bias_attr=False,
        )
        self._batch_norm = BatchNorm(num_filters, act=act)

    def forward(self, inputs):
        return self._batch_norm(self._conv(inputs))


class BottleneckBlock(fluid.dygraph.Layer):
    def __init__(self, num_channels, num_filters, stride, shortcut=True):
        super(BottleneckBlock, self).__init__()
        self.conv0 = ConvBNLayer(num_channels, num_filters, 1, act="relu")
        self.conv1 = ConvBNLayer(num_filters, num_filters, 3, stride, act="relu")
        self.conv2 = ConvBNLayer(num_filters, num_filters * 4, 1, act=None)
        if not shortcut:
            self.short = ConvBNLayer(num_channels, num_filters * 4, 1, stride)
        self.shortcut = shortcut

    def forward(self, inputs):
        conv2 = self.conv2(self.conv1(self.conv0(inputs)))
        short = inputs if self.shortcut else self.short(inputs)
        return fluid.layers.elementwise_add(x=short, y=conv2, act="relu")


class ResNet(fluid.dygraph.Layer):
    def __init__(self, depth=(1, 2), num_filters=(4, 8), class_dim=class_dim):
        super(ResNet, self).__init__()
        self.conv = ConvBNLayer(num_channels=3, num_filters=8, filter_size=3, stride=1, act="relu")
        self.pool2d_max = Pool2D(pool_size=3, pool_stride=2, pool_padding=1, pool_type="max")
        self.bottleneck_block_list = []
        channels = 8
        for block, (count, filters) in enumerate(zip(depth, num_filters)):
            for i in range(count):
                stride = 2 if i == 0 and block != 0 else 1
                unit = self.add_sublayer(
                    "bb_%d_%d" % (block, i), BottleneckBlock(channels, filters, stride, shortcut=i != 0)
                )
                channels = filters * 4
                self.bottleneck_block_list.append(unit)
        self.pool2d_avg = Pool2D(pool_size=7, pool_type="avg", global_pooling=True)
        self.pool2d_avg_output = channels
        stdv = 1.0 / math.sqrt(channels * 1.0)
        self.out = Linear(
            channels,
            class_dim,
            act="softmax",
            param_attr=fluid.param_attr.ParamAttr(initializer=fluid.initializer.Uniform(-stdv, stdv)),
        )

    def forward(self, inputs):
        y = self.pool2d_max(self.conv(inputs))
        for bottleneck_block in self.bottleneck_block_list:
            y = bottleneck_block(y)
        y = fluid.layers.reshape(self.pool2d_avg(y), shape=[-1, self.pool2d_avg_output])
        return self.out(fluid.layers.dropout(y, 0.2))


def optimizer_setting(parameter_list):
    return fluid.optimizer.Momentum(
        learning_rate=WarmupThenPiecewise(3, [6, 9], [base_lr, base_lr * 0.1, base_lr * 0.01]),
        momentum=momentum_rate,
        regularization=fluid.regularizer.L2Decay(l2_decay),
        parameter_list=parameter_list,
        grad_clip=fluid.clip.GradientClipByGlobalNorm(2.0),
    )


def reader(seed, batches):
    generator = np.random.RandomState(seed)
    for _ in range(batches):
        label = generator.randint(0, class_dim, (8, 1)).astype("int64")
        image = generator.randn(8, 3, 16, 16) + label[:, :, None, None]
        yield image.astype("float32"), label


def train_resnet():
    with fluid.dygraph.guard(fluid.CPUPlace()):
        framework.default_main_program().random_seed = 90
        resnet = ResNet()
        optimizer = optimizer_setting(parameter_list=resnet.parameters())
        for eop in range(2):
            resnet.train()
            for batch_id, (image, label) in enumerate(reader(eop, 6)):
                img, label = to_variable(image), to_variable(label)
                label.stop_gradient = True
                out = resnet(img)
                one_hot = fluid.layers.one_hot(label, class_dim)
                smooth = fluid.layers.label_smooth(one_hot, epsilon=0.1)
                loss = fluid.layers.cross_entropy(input=out, label=smooth, soft_label=True)
                avg_loss = fluid.layers.mean(x=loss)
                acc_top1 = fluid.layers.accuracy(input=out, label=label, k=1)
                avg_loss.backward()
                optimizer.minimize(avg_loss)
                resnet.clear_gradients()
                print(
                    "epoch %d | batch step %d, loss %0.6f acc1 %0.3f lr %0.6f"
                    % (eop, batch_id, avg_loss.numpy(), acc_top1.numpy(), optimizer.current_step_lr())
                )
        resnet.eval()
        image, label = next(reader(7, 1))
        out = resnet(to_variable(image))
        print("test loss %0.6f" % fluid.layers.mean(fluid.layers.cross_entropy(out, to_variable(label))).numpy()[0])


if __name__ == "__main__":
    train_resnet()
