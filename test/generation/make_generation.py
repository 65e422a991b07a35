"""Writes generation.json and generation.safetensors: what Hugging Face transformers' generation does, on fixed logits and with a tiny GPT-2.

Place in the whole: run by hand with any Python that has torch and transformers (5.18 made the committed files); the files it writes are
committed, so that the tests need no Python. Logits of processors are f32, as there.

    python3 test/generation/make_generation.py
"""

import sys
from pathlib import Path

import torch
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MixtralConfig,
    MixtralForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)
from transformers.generation import logits_process as lp

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "golden"))
from golden_file import GoldenFile  # noqa: E402

VOCABULARY = 41
END = 7


def processors(file):
    """Each processor's logits for rows of tokens that have come."""
    logits = 2.5 * torch.randn(3, VOCABULARY)
    tokens = torch.randint(0, 9, (3, 12))
    prompt = 4
    allowed = {0: [3, 5, 6], 1: [0], 2: [40, 2, 17, 9]}
    made = {
        "repetitionPenalty": lp.RepetitionPenaltyLogitsProcessor(1.7),
        "noRepeatNgram1": lp.NoRepeatNGramLogitsProcessor(1),
        "noRepeatNgram2": lp.NoRepeatNGramLogitsProcessor(2),
        "noRepeatNgram3": lp.NoRepeatNGramLogitsProcessor(3),
        "minNewTokens": lp.MinNewTokensLengthLogitsProcessor(prompt, 9, [END, 3], device="cpu"),
        "minNewTokensReached": lp.MinNewTokensLengthLogitsProcessor(prompt, 8, [END, 3], device="cpu"),
        "suppressTokens": lp.SuppressTokensLogitsProcessor([1, 40]),
        "onlyAllowed": lp.PrefixConstrainedLogitsProcessor(lambda row, _: allowed[row], 1),
    }
    counts = torch.stack([torch.bincount(row[prompt:], minlength=VOCABULARY) for row in tokens])
    # Not in transformers: logit - presence [count > 0] - frequency count, as OpenAI's API documents it.
    outputs = {"countPenalty": logits - 0.75 * (counts > 0) - 0.5 * counts}
    for name, process in made.items():
        outputs[name] = process(tokens, logits.clone())
    return {
        "logits": file.put("logits", logits),
        "tokens": tokens.tolist(),
        "prompt": prompt,
        "allowed": [allowed[row] for row in range(3)],
        "outputs": {name: file.put(f"processors.{name}", output) for name, output in outputs.items()},
    }


def warpers(file):
    """What is left to draw from, and its probabilities."""
    logits = 2.0 * torch.randn(4, 300)
    logits[1] *= 0.02  # nearly flat: nothing but all tokens comes to a high topP
    logits[2] *= 4
    steps = {
        "temperature": lp.TemperatureLogitsWarper,
        "topK": lp.TopKLogitsWarper,
        "topP": lp.TopPLogitsWarper,
        "minP": lp.MinPLogitsWarper,
        "typicalP": lp.TypicalLogitsWarper,
    }
    cases = []
    for options in [
        {"temperature": 0.7},
        {"topK": 5},
        {"topK": 1},
        {"topP": 0.9},
        {"topP": 0.3},
        {"topP": 0.999},
        {"minP": 0.05},
        {"minP": 0.6},
        {"typicalP": 0.5},
        {"typicalP": 0.95},
        {"temperature": 1.5, "topK": 50, "topP": 0.8},
        {"temperature": 0.6, "topP": 0.95, "minP": 0.02},
        {"topK": 40, "minP": 0.01, "typicalP": 0.9},
        {"temperature": 1.3, "topK": 30, "topP": 0.9, "minP": 0.03, "typicalP": 0.8},
    ]:
        scores = logits.clone()
        for name, warper in steps.items():
            if name in options:
                scores = warper(options[name])(None, scores)
        logs = torch.log_softmax(scores.double(), -1)
        cases.append({"options": options, "logProbabilities": file.put(f"warped.{len(cases)}", logs)})
    return {"logits": file.put("warped", logits), "cases": cases}


def model(file):
    """A tiny GPT-2 whose weights are large enough that tokens differ."""
    config = GPT2Config(
        vocab_size=VOCABULARY, n_positions=40, n_embd=16, n_layer=2, n_head=2, eos_token_id=END, bos_token_id=0, pad_token_id=0
    )
    gpt2 = GPT2LMHeadModel(config).eval()
    with torch.no_grad():
        for name, parameter in gpt2.named_parameters():
            if parameter.dim() == 2:
                parameter.normal_(0, 0.7 if "wte" in name else 0.5)
            elif "bias" in name:
                parameter.normal_(0, 0.1)
    for name, parameter in gpt2.named_parameters():
        file.put(f"gpt2.{name}", parameter)
    return gpt2


def generation(gpt2, file):
    prompts = [[3, 1, 4, 1, 5], [9, 2], [6, 5, 3, 5, 8, 9, 7, 9], [2, 7, 1]]
    longest = max(len(prompt) for prompt in prompts)
    ids = torch.tensor([[0] * (longest - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    count = 16

    def continued(rows, length, ends=(END,)):
        """Without the prompt, and up to the first end-of-text token."""
        out = []
        for row in rows.tolist():
            new = row[length:]
            last = next((i for i, token in enumerate(new) if token in ends), len(new) - 1)
            out.append(new[: last + 1])
        return out

    def alone(**options):
        return [
            continued(gpt2.generate(torch.tensor([prompt]), max_new_tokens=count, **options), len(prompt)) for prompt in prompts
        ]

    position_ids = (mask.cumsum(1) - 1).clamp(min=0)
    with torch.no_grad():
        logits = gpt2.double()(ids, attention_mask=mask, position_ids=position_ids).logits
    gpt2.float()
    padded = {"ids": ids.tolist(), "mask": mask.tolist(), "logits": file.put("padded.logits", logits)}

    greedy = [
        {"options": {}, "tokens": [rows[0] for rows in alone(do_sample=False)]},
        {
            "options": {"repetitionPenalty": 1.4},
            "tokens": [rows[0] for rows in alone(do_sample=False, repetition_penalty=1.4)],
        },
        {
            "options": {"noRepeatNgram": 2, "minNewTokens": 6},
            "tokens": [rows[0] for rows in alone(do_sample=False, no_repeat_ngram_size=2, min_new_tokens=6)],
        },
    ]
    batch = continued(gpt2.generate(ids, attention_mask=mask, max_new_tokens=count, do_sample=False), longest)

    scored = gpt2.generate(
        torch.tensor([prompts[0]]), max_new_tokens=count, do_sample=False, output_scores=True, return_dict_in_generate=True
    )
    scores = gpt2.compute_transition_scores(scored.sequences, scored.scores, normalize_logits=True)[0].tolist()

    beams = []
    often = [14, 26, 37]
    for options in [
        {"numBeams": 2},
        {"numBeams": 4, "numReturnSequences": 4},
        {"numBeams": 3, "numReturnSequences": 3, "lengthPenalty": 0.0},
        {"numBeams": 5, "numReturnSequences": 5, "lengthPenalty": 2.0},
        {"numBeams": 4, "numReturnSequences": 4, "lengthPenalty": -1.0},
        {"numBeams": 4, "numReturnSequences": 4, "earlyStopping": True},
        {"numBeams": 4, "numReturnSequences": 4, "earlyStopping": "never"},
        {"numBeams": 4, "numReturnSequences": 2, "earlyStopping": "never", "lengthPenalty": 0.0},
        {"numBeams": 4, "numReturnSequences": 4, "noRepeatNgram": 2, "minNewTokens": 5},
        {"numBeams": 3, "numReturnSequences": 3, "endOfText": often},
        {"numBeams": 3, "numReturnSequences": 3, "endOfText": often, "earlyStopping": True},
        {"numBeams": 3, "numReturnSequences": 3, "endOfText": often, "earlyStopping": "never"},
        {"numBeams": 4, "numReturnSequences": 4, "endOfText": 26, "lengthPenalty": 0.0},
        {"numBeams": 4, "numReturnSequences": 4, "endOfText": 26, "lengthPenalty": 1.5, "earlyStopping": True},
        {"numBeams": 4, "numReturnSequences": 4, "endOfText": 26, "lengthPenalty": -0.5, "earlyStopping": "never"},
        {"numBeams": 2, "numReturnSequences": 2, "endOfText": often, "minNewTokens": 4, "repetitionPenalty": 1.3},
    ]:
        given = {
            "num_beams": options["numBeams"],
            "num_return_sequences": options.get("numReturnSequences", 1),
            "length_penalty": options.get("lengthPenalty", 1.0),
            "early_stopping": options.get("earlyStopping", False),
            "no_repeat_ngram_size": options.get("noRepeatNgram", 0),
            "min_new_tokens": options.get("minNewTokens", 0),
            "repetition_penalty": options.get("repetitionPenalty", 1.0),
            "eos_token_id": options.get("endOfText", END),
        }
        ends = options.get("endOfText", END)
        results = []
        for prompt in prompts:
            out = gpt2.generate(
                torch.tensor([prompt]),
                max_new_tokens=count,
                do_sample=False,
                output_scores=True,
                return_dict_in_generate=True,
                **given,
            )
            results.append(
                [
                    {"tokens": tokens, "score": score}
                    for tokens, score in zip(continued(out.sequences, len(prompt), ends if isinstance(ends, list) else [ends]), out.sequences_scores.tolist())
                ]
            )
        beams.append({"options": options, "results": results})
    return {
        "prompts": prompts,
        "count": count,
        "padded": padded,
        "greedy": greedy,
        "batch": batch,
        "scores": scores,
        "beams": beams,
    }


def enlarge(model):
    """Weights large enough that tokens differ."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(1 if parameter.dim() == 1 else 0, 0.1 if parameter.dim() == 1 else 0.6)
    return model.eval()


def others(file):
    """Greedy texts and beams of tiny models of other kinds: decoders, and T5 from sources of two lengths."""
    ends = {"eos_token_id": [3, 4, 5, 6], "pad_token_id": 0}
    sizes = {
        "vocab_size": VOCABULARY,
        "hidden_size": 16,
        "intermediate_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 40,
        **ends,
    }
    made = {
        "llama": LlamaForCausalLM(LlamaConfig(**sizes)),
        "mixtral": MixtralForCausalLM(MixtralConfig(**sizes, num_local_experts=4, num_experts_per_tok=2, sliding_window=5)),
        "t5": T5ForConditionalGeneration(
            T5Config(
                vocab_size=VOCABULARY,
                d_model=16,
                d_kv=4,
                d_ff=24,
                num_layers=2,
                num_heads=4,
                dropout_rate=0.0,
                decoder_start_token_id=0,
                **ends,
            )
        ),
    }
    prompts = [[13, 1, 14, 1, 15], [9, 2], [16, 15, 33, 25, 8, 9, 7, 9], [2, 7, 1]]
    longest, count = max(map(len, prompts)), 12
    cases = []
    for name, each in made.items():
        model = enlarge(each)
        names = []
        for key, tensor in model.state_dict().items():
            file.put(f"{name}.{key}", tensor)
            names.append(key)

        def texts(**options):
            """As many texts a prompt as options say, cut at their ends."""
            if name == "t5":
                ids = torch.tensor([prompt + [0] * (longest - len(prompt)) for prompt in prompts])
                mask = torch.tensor([[1] * len(prompt) + [0] * (longest - len(prompt)) for prompt in prompts])
                length = 1
            else:
                ids = torch.tensor([[0] * (longest - len(prompt)) + prompt for prompt in prompts])
                mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
                length = longest
            out = model.generate(ids, attention_mask=mask, max_new_tokens=count, do_sample=False, **options)
            rows = []
            for row in out.tolist():
                new = row[length:]
                last = next((i for i, token in enumerate(new) if token in ends["eos_token_id"]), len(new) - 1)
                rows.append(new[: last + 1])
            each = len(rows) // len(prompts)
            return [rows[each * n : each * (n + 1)] for n in range(len(prompts))]

        cases.append(
            {
                "name": name,
                "state": names,
                "greedy": [rows[0] for rows in texts()],
                "beams": texts(num_beams=4, num_return_sequences=4),
                "bestOfTwo": texts(num_beams=2, length_penalty=0.5, early_stopping=True),
            }
        )
    return {"prompts": prompts, "count": count, "ends": ends["eos_token_id"], "cases": cases}


def main():
    torch.set_num_threads(1)
    torch.manual_seed(20261128)
    file = GoldenFile()
    description = {"processors": processors(file), "warpers": warpers(file)}
    gpt2 = model(file)
    description["generation"] = generation(gpt2, file)
    description["others"] = others(file)
    file.write(HERE / "generation", description)
    ended = sum(END in tokens for each in description["generation"]["greedy"] for tokens in each["tokens"])
    print(f"{ended} of 12 greedy texts end")


if __name__ == "__main__":
    main()
