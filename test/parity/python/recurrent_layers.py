"""torch.nn's recurrent layers and cells. A case's config is our layer's name and arguments; results are y and the last states."""

import torch
from torch import nn

from parity import Case

T, B, I, H = 3, 2, 3, 4


def flat(result):
    """(y, hn), (y, (hn, cn)), (h, c) or h as a flat list of tensors."""
    if isinstance(result, torch.Tensor):
        return [result]
    return [tensor for part in result for tensor in flat(part)]


def call(module, inputs):
    x, *states = inputs.values()
    # Tensors beside x are states: h, or h and c together.
    return flat(module(x) if not states else module(x, states[0] if len(states) == 1 else tuple(states)))


def case(name, module, inputs, layer, *args):
    if not isinstance(inputs, dict):
        inputs = {"x": torch.randn(inputs)}
    return Case(name, module, inputs, {"layer": layer, "args": list(args)}, call=call)


def stated(x, *states):
    return {"x": torch.randn(x), **{key: torch.randn(shape) for key, shape in zip(("h", "c"), states)}}


CASES = [
    case("rnn", nn.RNN(I, H), (T, B, I), "RNN", I, H),
    case("rnnRelu", nn.RNN(I, H, nonlinearity="relu", bias=False), stated((T, B, I), (1, B, H)), "RNN", I, H, {"nonlinearity": "relu", "bias": False}),
    case("rnnStacked", nn.RNN(I, 2, 2, bidirectional=True, batch_first=True), (B, T, I), "RNN", I, 2, {"numLayers": 2, "bidirectional": True, "batchFirst": True}),
    case("lstm", nn.LSTM(I, H), (T, B, I), "LSTM", I, H),
    case("lstmUnbatched", nn.LSTM(I, H), stated((T, I), (1, H), (1, H)), "LSTM", I, H),
    case("lstmStates", nn.LSTM(I, 2, 2, batch_first=True, bias=False), stated((B, T, I), (2, B, 2), (2, B, 2)), "LSTM", I, 2, {"numLayers": 2, "batchFirst": True, "bias": False}),
    case("lstmBidirectional", nn.LSTM(I, 2, 2, bidirectional=True), stated((T, B, I), (4, B, 2), (4, B, 2)), "LSTM", I, 2, {"numLayers": 2, "bidirectional": True}),
    case("lstmProjected", nn.LSTM(I, H, 2, proj_size=2, bidirectional=True), (T, B, I), "LSTM", I, H, {"numLayers": 2, "projSize": 2, "bidirectional": True}),
    case("gru", nn.GRU(I, H), (T, B, I), "GRU", I, H),
    case("gruStates", nn.GRU(I, 2, 2, batch_first=True), stated((1, T, I), (2, 1, 2)), "GRU", I, 2, {"numLayers": 2, "batchFirst": True}),
    case("gruBidirectional", nn.GRU(I, 2, bidirectional=True, bias=False), (T, B, I), "GRU", I, 2, {"bidirectional": True, "bias": False}),
    case("rnnCell", nn.RNNCell(I, H), stated((B, I), (B, H)), "RNNCell", I, H),
    case("rnnCellRelu", nn.RNNCell(I, H, nonlinearity="relu"), (B, I), "RNNCell", I, H, {"nonlinearity": "relu"}),
    case("lstmCell", nn.LSTMCell(I, H), stated((B, I), (B, H), (B, H)), "LSTMCell", I, H),
    case("lstmCellUnbatched", nn.LSTMCell(I, H, bias=False), (I,), "LSTMCell", I, H, {"bias": False}),
    case("gruCell", nn.GRUCell(I, H), stated((B, I), (B, H)), "GRUCell", I, H),
    case("gruCellUnbatched", nn.GRUCell(I, H, bias=False), stated((I,), (H,)), "GRUCell", I, H, {"bias": False}),
]
