"""Recurrent language models and encoder-decoders: PyTorch's layers put together as the papers have them.

Mikolov et al. 2010, Zaremba et al. 2014, Press and Wolf 2017 (RecurrentLM, with the names of PyTorch's example word_language_model);
Sutskever et al. 2014, Bahdanau et al. 2015, Luong et al. 2015 (Seq2Seq). Written step by step, without what makes ours fast.
"""

import torch
from parity import Case
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "tanh": nn.RNN, "relu": nn.RNN}


class RecurrentLM(nn.Module):
    def __init__(self, vocabSize, embedding, hidden, layers, cell, tied):
        super().__init__()
        self.encoder = nn.Embedding(vocabSize, embedding)
        kind = {"nonlinearity": cell} if cell in ("tanh", "relu") else {}
        self.rnn = CELLS[cell](embedding, hidden, layers, batch_first=True, **kind)
        self.decoder = nn.Linear(hidden, vocabSize)
        if tied:
            self.decoder.weight = self.encoder.weight

    def forward(self, tokens, state=None):
        y, state = self.rnn(self.encoder(tokens), state)
        return self.decoder(y), state


def in_two_parts(model, inputs):
    """The state of the first part, cut off from its graph, begins the second."""
    first, state = model(inputs["first"])
    state = tuple(t.detach() for t in state) if isinstance(state, tuple) else state.detach()
    second, state = model(inputs["second"], state)
    return first, second, *(state if isinstance(state, tuple) else (state,))


def enlarged(module):
    """Weights with which sources differ in their scores: else a query's gradient is a difference of numbers that are nearly alike."""
    for parameter in module.parameters():
        nn.init.normal_(parameter)


class Dot(nn.Module):
    def forward(self, query, memory):
        return torch.stack([memory @ q for q in query])


class General(nn.Module):
    def __init__(self, query, memory):
        super().__init__()
        self.memory = nn.Linear(memory, query, bias=False)

    def forward(self, query, memory):
        return torch.stack([self.memory(memory) @ q for q in query])


class Additive(nn.Module):
    def __init__(self, query, memory):
        super().__init__()
        self.query = nn.Linear(query, query, bias=False)
        self.memory = nn.Linear(memory, query, bias=False)
        self.score = nn.Linear(query, 1, bias=False)
        enlarged(self)

    def forward(self, query, memory):
        return torch.stack([self.score(torch.tanh(self.query(q) + self.memory(memory)))[:, 0] for q in query])


class Concat(nn.Module):
    def __init__(self, query, memory):
        super().__init__()
        self.both = nn.Linear(query + memory, query, bias=False)
        self.score = nn.Linear(query, 1, bias=False)
        enlarged(self)

    def forward(self, query, memory):
        both = [torch.cat([q.expand(len(memory), -1), memory], 1) for q in query]
        return torch.stack([self.score(torch.tanh(self.both(x)))[:, 0] for x in both])


def contexts(attention, query, memory, lengths):
    """query (B, T, H), memory (B, S, M) to (B, T, M), a row at a time."""
    rows = [(q, m[:length]) for q, m, length in zip(query, memory, lengths)]
    return torch.stack([torch.softmax(attention(q, m), -1) @ m for q, m in rows])


class Encoder(nn.Module):
    def __init__(self, vocabulary, embedding, hidden, layers, bidirectional, reverse):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.rnn = nn.LSTM(embedding, hidden, layers, batch_first=True, bidirectional=bidirectional)
        if bidirectional:
            self.bridge_h = nn.Linear(2 * hidden, hidden)
            self.bridge_c = nn.Linear(2 * hidden, hidden)
        self.reverse = reverse

    def forward(self, source, lengths):
        if self.reverse:
            source = torch.stack([torch.cat([row[:n].flip(0), row[n:]]) for row, n in zip(source, lengths)])
        packed = pack_padded_sequence(self.embedding(source), torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        memory, (h, c) = self.rnn(packed)
        memory, _ = pad_packed_sequence(memory, batch_first=True, total_length=source.shape[1])
        if self.rnn.bidirectional:
            h = torch.tanh(self.bridge_h(torch.cat([h[0::2], h[1::2]], -1)))
            c = torch.tanh(self.bridge_c(torch.cat([c[0::2], c[1::2]], -1)))
        return memory, (h, c)


class Decoder(nn.Module):
    def __init__(self, vocabulary, embedding, hidden, layers, memory, attention, feeding):
        super().__init__()
        kinds = {"additive": Additive, "general": General, "concat": Concat}
        read = memory if attention == "additive" else hidden if feeding else 0
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.rnn = nn.LSTM(embedding + read, hidden, layers, batch_first=True)
        self.before, self.feeding = attention == "additive", feeding
        if attention is not None:
            self.attention = Dot() if attention == "dot" else kinds[attention](hidden, memory)
            self.combine = nn.Linear(memory + hidden, hidden, bias=False)
        self.attends = attention is not None
        self.output = nn.Linear(hidden, vocabulary)

    def forward(self, target, state, memory, lengths):
        logits = []
        fed = torch.zeros_like(state[0][-1][:, None])
        for x in self.embedding(target).split(1, dim=1):
            if self.before:
                context = contexts(self.attention, state[0][-1][:, None], memory, lengths)
                x = torch.cat([x, context], -1)
            if self.feeding:
                x = torch.cat([x, fed], -1)
            y, state = self.rnn(x, state)
            if self.attends:
                if not self.before:
                    context = contexts(self.attention, y, memory, lengths)
                y = torch.tanh(self.combine(torch.cat([context, y], -1)))
            fed = y
            logits.append(self.output(y))
        return torch.cat(logits, 1)


class Seq2Seq(nn.Module):
    def __init__(
        self,
        sourceVocab,
        targetVocab,
        embedding,
        hidden,
        layers=1,
        attention=None,
        inputFeeding=False,
        bidirectional=False,
        reverseSource=False,
    ):
        super().__init__()
        self.encoder = Encoder(sourceVocab, embedding, hidden, layers, bidirectional, reverseSource)
        memory = 2 * hidden if bidirectional else hidden
        self.decoder = Decoder(targetVocab, embedding, hidden, layers, memory, attention, inputFeeding)

    def forward(self, source, target, lengths):
        memory, state = self.encoder(source, lengths)
        return self.decoder(target, state, memory, lengths)


def language_model(name, source, batch=2, **config):
    first, second = [torch.randint(config["vocabSize"], (batch, steps)) for steps in (5, 3)]
    return Case(name, RecurrentLM(**config), {"first": first, "second": second}, config, in_two_parts, source=source)


def sequences(name, source, lengths=(6, 2, 4), **config):
    config = {"sourceVocab": 11, "targetVocab": 9, "embedding": 5, "hidden": 6, **config}
    inputs = {
        "source": torch.randint(config["sourceVocab"], (len(lengths), max(lengths))),
        "target": torch.randint(config["targetVocab"], (len(lengths), 4)),
    }
    call = lambda module, inputs: module(*inputs.values(), list(lengths))  # noqa: E731
    return Case(name, Seq2Seq(**config), inputs, {**config, "lengths": list(lengths)}, call, source=source)


MIKOLOV, ZAREMBA, PRESS = "Mikolov et al. 2010", "Zaremba et al. 2014", "Press and Wolf 2017"
SUTSKEVER, BAHDANAU, LUONG = "Sutskever et al. 2014", "Bahdanau et al. 2015", "Luong et al. 2015"

CASES = [
    language_model("lm lstm", ZAREMBA, vocabSize=13, embedding=5, hidden=7, layers=2, cell="lstm", tied=False),
    language_model("lm lstm tied", PRESS, vocabSize=13, embedding=6, hidden=6, layers=1, cell="lstm", tied=True),
    language_model("lm gru", MIKOLOV, batch=1, vocabSize=13, embedding=5, hidden=7, layers=1, cell="gru", tied=False),
    language_model("lm tanh", MIKOLOV, vocabSize=13, embedding=5, hidden=7, layers=1, cell="tanh", tied=False),
    language_model("lm relu", MIKOLOV, vocabSize=13, embedding=5, hidden=7, layers=2, cell="relu", tied=False),
    sequences("seq2seq", SUTSKEVER, layers=2, reverseSource=True),
    sequences("seq2seq one length", SUTSKEVER, lengths=(5, 5)),
    sequences("seq2seq additive", BAHDANAU, attention="additive", bidirectional=True),
    sequences("seq2seq additive, two layers", BAHDANAU, attention="additive", layers=2),
    sequences("seq2seq dot", LUONG, attention="dot"),
    sequences("seq2seq dot, batch of one", LUONG, lengths=(3,), attention="dot", inputFeeding=True, layers=2),
    sequences("seq2seq general", LUONG, attention="general", bidirectional=True),
    sequences("seq2seq general, input feeding", LUONG, attention="general", inputFeeding=True),
    sequences("seq2seq concat", LUONG, attention="concat", reverseSource=True),
    sequences("seq2seq concat, input feeding", LUONG, attention="concat", inputFeeding=True, bidirectional=True),
]
