# ruff: noqa: UP008, UP010, UP031, UP032, RUF059
"""LeNet on pictures of bars, in the style of the dygraph model zoo of 2020."""

from __future__ import print_function

import argparse
import os
import tempfile

import numpy as np
import paddle
import paddle.fluid as fluid
from paddle.fluid.dygraph.base import to_variable
from paddle.fluid.dygraph.nn import Conv2D, Linear, Pool2D
from paddle.fluid.optimizer import AdamOptimizer


def parse_args():
    parser = argparse.ArgumentParser("Training for Mnist.")
    parser.add_argument("--use_data_parallel", type=bool, default=False)
    parser.add_argument("-e", "--epoch", default=2, type=int)
    parser.add_argument("--ce", action="store_true")
    return parser.parse_args([])


class SimpleImgConvPool(fluid.dygraph.Layer):
    def __init__(self, num_channels, num_filters, filter_size, pool_size, pool_stride, act=None, use_cudnn=False):
        super(SimpleImgConvPool, self).__init__()
        self._conv2d = Conv2D(
            num_channels=num_channels,
            num_filters=num_filters,
            filter_size=filter_size,
            stride=1,
            padding=0,
            param_attr=None,
            bias_attr=None,
            act=act,
            use_cudnn=use_cudnn,
        )
        self._pool2d = Pool2D(pool_size=pool_size, pool_type="max", pool_stride=pool_stride, use_cudnn=use_cudnn)

    def forward(self, inputs):
        return self._pool2d(self._conv2d(inputs))


class MNIST(fluid.dygraph.Layer):
    def __init__(self):
        super(MNIST, self).__init__()
        self._simple_img_conv_pool_1 = SimpleImgConvPool(1, 6, 5, 2, 2, act="relu")
        self._simple_img_conv_pool_2 = SimpleImgConvPool(6, 10, 5, 2, 2, act="relu")
        self.pool_2_shape = 10 * 4 * 4
        scale = (2.0 / (self.pool_2_shape**2 * 10)) ** 0.5
        self._fc = Linear(
            self.pool_2_shape,
            10,
            param_attr=fluid.param_attr.ParamAttr(
                initializer=fluid.initializer.NormalInitializer(loc=0.0, scale=scale)
            ),
            act="softmax",
        )

    def forward(self, inputs, label=None):
        x = self._simple_img_conv_pool_1(inputs)
        x = self._simple_img_conv_pool_2(x)
        x = fluid.layers.reshape(x, shape=[-1, self.pool_2_shape])
        x = self._fc(x)
        if label is not None:
            acc = fluid.layers.accuracy(input=x, label=label)
            return x, acc
        return x


def bars(seed, count):
    def reader():
        generator = np.random.RandomState(seed)
        for _ in range(count):
            label = generator.randint(0, 10)
            image = 0.3 * generator.randn(28, 28)
            image[2 * label + 3 : 2 * label + 6] += 1.0
            yield image.reshape(-1).astype("float32"), label

    return reader


def reader_decorator(reader):
    def __reader__():
        for item in reader():
            img = np.array(item[0]).astype("float32").reshape(1, 28, 28)
            label = np.array(item[1]).astype("int64").reshape(1)
            yield img, label

    return __reader__


def test_mnist(reader, model):
    acc_set, avg_loss_set = [], []
    for data in reader():
        img, label = data
        label.stop_gradient = True
        prediction, acc = model(img, label)
        loss = fluid.layers.cross_entropy(input=prediction, label=label)
        avg_loss = fluid.layers.mean(loss)
        acc_set.append(float(acc.numpy()))
        avg_loss_set.append(float(avg_loss.numpy()))
    return np.array(avg_loss_set).mean(), np.array(acc_set).mean()


def train_mnist(args):
    place = fluid.CPUPlace()
    with fluid.dygraph.guard(place):
        seed = 33
        np.random.seed(seed)
        fluid.default_startup_program().random_seed = seed
        fluid.default_main_program().random_seed = seed

        if args.use_data_parallel:
            strategy = fluid.dygraph.parallel.prepare_context()
        mnist = MNIST()
        adam = AdamOptimizer(learning_rate=0.001, parameter_list=mnist.parameters())
        if args.use_data_parallel:
            mnist = fluid.dygraph.parallel.DataParallel(mnist, strategy)

        train_reader = paddle.batch(reader_decorator(bars(1, 320)), batch_size=32, drop_last=True)
        if args.use_data_parallel:
            train_reader = fluid.contrib.reader.distributed_batch_reader(train_reader)
        test_reader = paddle.batch(reader_decorator(bars(2, 64)), batch_size=32, drop_last=True)
        train_loader = fluid.io.DataLoader.from_generator(capacity=10)
        train_loader.set_sample_list_generator(train_reader, places=place)
        test_loader = fluid.io.DataLoader.from_generator(capacity=10)
        test_loader.set_sample_list_generator(test_reader, places=place)

        folder = tempfile.mkdtemp()
        for epoch in range(args.epoch):
            for batch_id, data in enumerate(train_loader()):
                img, label = data
                label.stop_gradient = True
                cost, acc = mnist(img, label)
                loss = fluid.layers.cross_entropy(cost, label)
                avg_loss = fluid.layers.mean(loss)
                if args.use_data_parallel:
                    avg_loss = mnist.scale_loss(avg_loss)
                    avg_loss.backward()
                    mnist.apply_collective_grads()
                else:
                    avg_loss.backward()
                adam.minimize(avg_loss)
                mnist.clear_gradients()
                if batch_id % 3 == 0:
                    print("Loss at epoch {} step {}: {:.6f}".format(epoch, batch_id, avg_loss.numpy()[0]))

            mnist.eval()
            test_cost, test_acc = test_mnist(test_loader, mnist)
            mnist.train()
            print("Test with epoch {}, test_cost: {:.6f}, test_acc: {:.6f}".format(epoch, test_cost, test_acc))
        fluid.dygraph.save_dygraph(mnist.state_dict(), os.path.join(folder, "save_temp"))
        inference(os.path.join(folder, "save_temp"))


def inference(path):
    with fluid.dygraph.guard():
        mnist_infer = MNIST()
        model_dict, _ = fluid.load_dygraph(path)
        mnist_infer.load_dict(model_dict)
        mnist_infer.eval()
        image, label = next(reader_decorator(bars(3, 1))())
        results = mnist_infer(to_variable(image[None]))
        print("Inference: %d is %d, %.6f" % (np.argmax(results.numpy()), label[0], results.numpy().max()))


if __name__ == "__main__":
    train_mnist(parse_args())
