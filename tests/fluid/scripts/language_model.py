# ruff: noqa: UP008, UP031
"""A language model with two recurrent layers, GRU and LSTM, trained by truncated back-propagation."""

import numpy as np
import paddle.fluid as fluid
from paddle.fluid.dygraph.base import to_variable
from paddle.fluid.dygraph.nn import Embedding, GRUUnit, Linear
from paddle.fluid.optimizer import SGDOptimizer


class SimpleLSTMRNN(fluid.dygraph.Layer):
    def __init__(self, hidden_size, init_scale=0.1):
        super(SimpleLSTMRNN, self).__init__()
        self._hidden_size = hidden_size
        attr = fluid.ParamAttr(initializer=fluid.initializer.UniformInitializer(low=-init_scale, high=init_scale))
        self.weight = self.create_parameter(
            attr=attr,
            shape=[hidden_size * 2, hidden_size * 4],
            dtype="float32",
            default_initializer=fluid.initializer.UniformInitializer(low=-init_scale, high=init_scale),
        )
        self.bias = self.create_parameter(
            attr=attr,
            shape=[hidden_size * 4],
            dtype="float32",
            default_initializer=fluid.initializer.Constant(0.0),
        )

    def forward(self, input, hidden, cell):
        nn = fluid.layers.concat([input, hidden], 1)
        gate_input = fluid.layers.matmul(x=nn, y=self.weight)
        gate_input = fluid.layers.elementwise_add(gate_input, self.bias)
        i, j, f, o = fluid.layers.split(gate_input, num_or_sections=4, dim=-1)
        cell = cell * fluid.layers.sigmoid(f) + fluid.layers.sigmoid(i) * fluid.layers.tanh(j)
        return fluid.layers.tanh(cell) * fluid.layers.sigmoid(o), cell


class LanguageModel(fluid.dygraph.Layer):
    def __init__(self, hidden_size=12, vocab_size=20, num_steps=6):
        super(LanguageModel, self).__init__()
        self.hidden_size, self.vocab_size, self.num_steps = hidden_size, vocab_size, num_steps
        self.embedding = Embedding(
            size=[vocab_size, hidden_size],
            dtype="float32",
            is_sparse=False,
            param_attr=fluid.ParamAttr(
                name="embedding_para",
                initializer=fluid.initializer.UniformInitializer(low=-0.1, high=0.1),
            ),
        )
        self.to_gates = Linear(hidden_size, hidden_size * 3)
        self.gru = GRUUnit(hidden_size * 3)
        self.lstm = SimpleLSTMRNN(hidden_size)
        self.softmax_weight = self.create_parameter(
            attr=fluid.ParamAttr(),
            shape=[hidden_size, vocab_size],
            dtype="float32",
            default_initializer=fluid.initializer.UniformInitializer(low=-0.1, high=0.1),
        )
        self.softmax_bias = self.create_parameter(
            attr=fluid.ParamAttr(), shape=[vocab_size], dtype="float32", is_bias=True
        )

    def forward(self, input, label, states):
        gru_hidden, lstm_hidden, lstm_cell = states
        x_emb = self.embedding(input)
        x_emb = fluid.layers.reshape(x_emb, shape=[-1, self.num_steps, self.hidden_size])
        x_emb = fluid.layers.dropout(x_emb, dropout_prob=0.1, dropout_implementation="upscale_in_train")
        outputs = []
        for index in range(self.num_steps):
            x = fluid.layers.reshape(x_emb[:, index : index + 1, :], shape=[-1, self.hidden_size])
            gru_hidden, _, _ = self.gru(self.to_gates(x), gru_hidden)
            lstm_hidden, lstm_cell = self.lstm(gru_hidden, lstm_hidden, lstm_cell)
            outputs.append(lstm_hidden)
        output = fluid.layers.transpose(fluid.layers.stack(outputs), perm=[1, 0, 2])
        projection = fluid.layers.matmul(output, self.softmax_weight)
        projection = fluid.layers.elementwise_add(projection, self.softmax_bias)
        loss = fluid.layers.softmax_with_cross_entropy(logits=projection, label=label, soft_label=False)
        loss = fluid.layers.reshape(loss, shape=[-1, self.num_steps])
        loss = fluid.layers.reduce_mean(loss, dim=[0])
        loss = fluid.layers.reduce_sum(loss)
        return loss, [gru_hidden, lstm_hidden, lstm_cell]


def get_data_iter(seed, batches, batch_size, num_steps, vocab_size):
    generator = np.random.RandomState(seed)
    words = np.cumsum(generator.randint(1, 4, (batch_size, batches * num_steps + 1)), axis=1) % vocab_size
    for i in range(batches):
        piece = words[:, i * num_steps : (i + 1) * num_steps + 1].astype("int64")
        yield piece[:, :-1], piece[:, 1:]


def train_ptb_lm():
    with fluid.dygraph.guard(fluid.CPUPlace()):
        fluid.default_main_program().random_seed = 33
        model = LanguageModel()
        grad_clip = fluid.clip.GradientClipByGlobalNorm(5.0)
        boundaries = [8, 16]
        sgd = SGDOptimizer(
            learning_rate=fluid.layers.piecewise_decay(boundaries=boundaries, values=[1.0, 0.5, 0.25]),
            parameter_list=model.parameters(),
            grad_clip=grad_clip,
        )
        for epoch_id in range(2):
            total_loss, iters = 0.0, 0.0
            states = [to_variable(np.zeros((4, model.hidden_size), dtype="float32")) for _ in range(3)]
            for batch_id, (x_data, y_data) in enumerate(get_data_iter(epoch_id, 10, 4, 6, 20)):
                x = to_variable(x_data.reshape((-1, model.num_steps, 1)))
                y = to_variable(y_data.reshape((-1, model.num_steps, 1)))
                loss, states = model(x, y, states)
                states = [state.detach() for state in states]
                out_loss = loss.numpy()
                loss.backward()
                sgd.minimize(loss)
                model.clear_gradients()
                total_loss += out_loss
                iters += model.num_steps
                if batch_id % 3 == 0:
                    print(
                        "-- Epoch:[%d]; Batch:[%d]; ppl: %.5f, lr: %.5f, loss: %.5f"
                        % (epoch_id, batch_id, np.exp(total_loss / iters)[0], sgd.current_step_lr(), out_loss[0])
                    )
            print("one epoch finished %d %.5f" % (epoch_id, np.exp(total_loss / iters)[0]))
        norms = [np.sqrt((p.numpy().astype("float64") ** 2).sum()) for p in model.parameters()]
        print("norms " + " ".join("%.5f" % norm for norm in norms))


if __name__ == "__main__":
    train_ptb_lm()
