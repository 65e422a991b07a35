"""Hugging Face's BERT: bare, and with the heads of pre-training and of its tasks."""

import torch
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForNextSentencePrediction,
    BertForPreTraining,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertModel,
)

from parity import Case

SIZES = {"vocab": 13, "positions": 8, "channels": 8, "layers": 1, "heads": 2, "hidden": 12}
TOKENS = torch.tensor([[1, 5, 3, 12, 7, 2], [4, 9, 11, 6, 0, 0]])
TYPES = torch.tensor([[0, 0, 0, 1, 1, 1], [0, 1, 1, 1, 0, 0]])
MASK = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])
WORDS = torch.tensor([[-100, 5, -100, 3, -100, -100], [8, -100, -100, 12, -100, -100]])
TAGS = torch.tensor([[-100, 2, 0, 1, 2, -100], [-100, 1, 1, 0, -100, -100]])


def bert(kind, sizes=SIZES, classes=2, **options):
    config = BertConfig(
        vocab_size=sizes["vocab"],
        max_position_embeddings=sizes["positions"],
        hidden_size=sizes["channels"],
        num_hidden_layers=sizes["layers"],
        num_attention_heads=sizes["heads"],
        intermediate_size=sizes["hidden"],
        num_labels=classes,
        hidden_dropout_prob=0,
        attention_probs_dropout_prob=0,
    )
    return kind._from_config(config, attn_implementation="sdpa", **options)


def bare(name, sizes, tokens, types=None, mask=None, pooler=True):
    inputs = {"tokens": tokens} | ({} if types is None else {"types": types, "mask": mask})

    def call(module, inputs):
        result = module(inputs["tokens"], token_type_ids=inputs.get("types"), attention_mask=inputs.get("mask"))
        return [result.last_hidden_state, result.pooler_output][: 1 + pooler]

    module = bert(BertModel, sizes, add_pooling_layer=pooler)
    return Case(name, module, inputs, {**sizes, "pooler": pooler}, call)


def task(name, kind, outputs, classes=2, **labels):
    """`labels` by PyTorch's names; `outputs` are the fields of the result, before the loss."""
    inputs = {"tokens": TOKENS, "types": TYPES, "mask": MASK, **labels}

    def call(module, inputs):
        given = {key: inputs[key] for key in labels}
        # Found anew in each call: the config keeps what the first call found.
        module.config.problem_type = None
        result = module(inputs["tokens"], token_type_ids=inputs["types"], attention_mask=inputs["mask"], **given)
        return [*(result[field] for field in outputs), result["loss"]]

    return Case(name, bert(kind, classes=classes), inputs, {**SIZES, "classes": classes}, call)


LOGITS = ("logits",)

CASES = [
    bare("bert", {**SIZES, "layers": 2}, TOKENS, TYPES, MASK),
    bare("bertBare", {**SIZES, "channels": 15, "heads": 3}, TOKENS[:1, :5], pooler=False),
    task("bertForMaskedLM", BertForMaskedLM, LOGITS, labels=WORDS),
    task(
        "bertForPreTraining",
        BertForPreTraining,
        ("prediction_logits", "seq_relationship_logits"),
        labels=WORDS,
        next_sentence_label=torch.tensor([1, 0]),
    ),
    task("bertForNextSentencePrediction", BertForNextSentencePrediction, LOGITS, labels=torch.tensor([0, 1])),
    task("bertForSequenceClassification", BertForSequenceClassification, LOGITS, 3, labels=torch.tensor([2, 0])),
    task("bertForSeveralClasses", BertForSequenceClassification, LOGITS, 3, labels=torch.rand(2, 3).round()),
    task("bertForRegression", BertForSequenceClassification, LOGITS, 1, labels=torch.randn(2)),
    task("bertForTokenClassification", BertForTokenClassification, LOGITS, 3, labels=TAGS),
    task(
        "bertForQuestionAnswering",
        BertForQuestionAnswering,
        ("start_logits", "end_logits"),
        start_positions=torch.tensor([1, 9]),  # the second answer was cut off
        end_positions=torch.tensor([3, 2]),
    ),
]
