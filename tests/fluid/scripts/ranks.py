"""A loop of 2020 over several processes; fluid.dygraph.parallel at work."""

import sys

import numpy as np
import paddle.fluid as fluid


def reader():
    rng = np.random.RandomState(0)
    for _ in range(6):
        yield rng.randn(8, 4).astype("float32"), rng.randint(0, 3, [8, 1]).astype("int64")


def main(folder):
    env = fluid.dygraph.parallel.Env()
    with fluid.dygraph.guard(fluid.CPUPlace()):
        strategy = fluid.dygraph.parallel.prepare_context()
        model = fluid.dygraph.Linear(4, 3)
        model.weight.set_value(np.full([4, 3], 0.1, "float32"))
        model = fluid.dygraph.parallel.DataParallel(model, strategy)
        optimizer = fluid.optimizer.MomentumOptimizer(0.1, 0.9, parameter_list=model.parameters())
        for image, label in fluid.contrib.reader.distributed_batch_reader(reader)():
            logits = model(fluid.dygraph.to_variable(image))
            loss = fluid.layers.softmax_with_cross_entropy(logits, fluid.dygraph.to_variable(label))
            loss = model.scale_loss(fluid.layers.mean(loss))
            loss.backward()
            model.apply_collective_grads()
            optimizer.minimize(loss)
            model.clear_gradients()
        place = [env.nranks, env.local_rank, env.dev_id]
        np.savez(f"{folder}/rank{env.local_rank}.npz", place=place, weight=model.state_dict()["weight"].numpy())


if __name__ == "__main__":
    main(sys.argv[1])
