#!/usr/bin/env python3
"""Makes test/golden/text.json: what Hugging Face's tokenizers learn from a small corpus, and what they make of texts.

    python3 test/golden/text.py tinyshakespeare.txt        (needs tokenizers; the result is in the repository)
"""
import json
import sys
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SAMPLES = [
    "",
    " ",
    "Before we proceed any further, hear me speak.",
    "  Two  spaces,\n\nline ends\tand tabs \n ",
    "don't you'll I'M we've 1234 3.14",
    "Café naïve Ａｂｃ ﬁne ² ﬀ Ångström e\u0301",
    "日本語のテキスト and 中文, русский ελληνικά",
    "emoji 👩‍👩‍👧 🎉!",
    "zero\u200bwidth\u00adsoft \u0007bell \u00a0nbsp",
    "İstanbul STRASSE ǅ",
    "unseen zyzzyva <|endoftext|> [SEP] tail",
]
PAIRS = [("Hear me", "speak, good citizens, speak"), ("a b c d e f", "g h"), ("", "x"), ("one two three", "one two three")]


def rows(tokenizer, inputs):
    found = [tokenizer.encode(*x) if isinstance(x, tuple) else tokenizer.encode(x) for x in inputs]
    return [[e.ids, e.type_ids] for e in found]


def bpe(corpus, size=700):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    t.train_from_iterator(
        [corpus], trainers.BpeTrainer(vocab_size=size, min_frequency=2, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet, show_progress=False)
    )
    return t


def word_piece(corpus, size):
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer()
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    t.train_from_iterator([corpus], trainers.WordPieceTrainer(vocab_size=size, min_frequency=2, special_tokens=special, show_progress=False))
    t.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return t


def unigram(corpus):
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.NFKC()
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    t.decoder = decoders.Metaspace()
    t.train_from_iterator(
        [corpus], trainers.UnigramTrainer(vocab_size=400, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False)
    )
    return t


LLAMA_3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def split_bpe(corpus):
    """As Llama 3 has it: a pattern of its own, whole words first, a token before texts."""
    t = Tokenizer(models.BPE(ignore_merges=True))
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(LLAMA_3), "isolated"), byte_level])
    t.decoder = decoders.ByteLevel()
    special = ["<s>", "<|endoftext|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    t.train_from_iterator([corpus], trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False))
    template = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 0)])
    t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    return t


def fallback_bpe(corpus):
    """As Llama 2 has it: marks for spaces, bytes for characters without tokens."""
    t = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    t.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    t.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    special = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    t.train_from_iterator(corpus.split("\n"), trainers.BpeTrainer(vocab_size=450, special_tokens=special, show_progress=False))
    t.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])
    return t


def roberta(corpus):
    t = bpe(corpus, 300)
    t.add_special_tokens(["<s>", "</s>", AddedToken("<mask>", lstrip=True, special=True, normalized=False)])
    t.post_processor = processors.RobertaProcessing(("</s>", t.token_to_id("</s>")), ("<s>", t.token_to_id("<s>")), add_prefix_space=False)
    return t


def stable_word_piece(corpus):
    """A size at which the trainer, whose ties fall as a hash map has its words, learns the same pieces in each of 8 runs."""
    for size in range(400, 300, -1):
        runs = [word_piece(corpus, size) for _ in range(8)]
        if len({frozenset(t.get_vocab()) for t in runs}) == 1:
            return runs[0]
    raise SystemExit("no stable size")


def main():
    corpus = Path(sys.argv[1]).read_text()[:20000]
    golden = {"corpus": corpus, "samples": SAMPLES, "pairs": PAIRS}

    t = bpe(corpus)
    golden["bpe"] = {"json": json.loads(t.to_str()), "rows": rows(t, SAMPLES), "decoded": [t.decode(t.encode(x).ids, skip_special_tokens=False) for x in SAMPLES]}

    t = stable_word_piece(corpus)
    truncated = []
    for length, strategy, side in [(7, "longest_first", "right"), (6, "longest_first", "left"), (12, "only_second", "right"), (20, "only_first", "right")]:
        t.enable_truncation(length, strategy=strategy, direction=side)
        found = []
        for pair in PAIRS:
            try:
                found += rows(t, [pair])
            except Exception:
                found.append(None)
        truncated.append([length, strategy, side, found])
    t.no_truncation()
    t.enable_padding(direction="left", pad_id=0, pad_token="[PAD]", pad_to_multiple_of=8)
    padded = [[e.ids, e.attention_mask, e.type_ids] for e in t.encode_batch(PAIRS)]
    t.no_padding()
    golden["wordPiece"] = {
        "json": json.loads(t.to_str()),
        "rows": rows(t, SAMPLES),
        "pairs": rows(t, PAIRS),
        "truncated": truncated,
        "padded": padded,
        "decoded": [t.decode(t.encode(x).ids) for x in SAMPLES],
    }

    t = unigram(corpus)
    golden["unigram"] = {"json": json.loads(t.to_str()), "rows": rows(t, SAMPLES), "decoded": [t.decode(t.encode(x).ids) for x in SAMPLES]}

    for name, make in [("split", split_bpe), ("fallback", fallback_bpe), ("roberta", roberta)]:
        t = make(corpus)
        texts = SAMPLES + ["hear <mask> me  <mask>"]
        golden[name] = {
            "json": json.loads(t.to_str()),
            "texts": texts,
            "rows": rows(t, texts),
            "pairs": rows(t, PAIRS),
            "decoded": [t.decode(t.encode(x).ids, skip_special_tokens=False) for x in texts],
        }

    n = normalizers
    cleaners = {
        "NFC": n.NFC(),
        "NFKC": n.NFKC(),
        "lowercase": n.Lowercase(),
        "stripAccents": n.Sequence([n.NFD(), n.Replace(Regex(r"\p{Mn}"), ""), n.NFC()]),
        "collapseWhitespace": n.Sequence([n.Replace(Regex(r"\s+"), " "), n.Replace(Regex("^ | $"), "")]),
        "removeControls": n.Replace(Regex(r"(?![\t\n\r])[\p{Cc}]"), ""),
        "removeFormat": n.Replace(Regex(r"(?![\t\n\r])[\p{Cc}\p{Cf}]"), ""),
        "bert": n.BertNormalizer(),
        "bertCased": n.BertNormalizer(lowercase=False),
    }
    golden["cleaned"] = {name: [cleaner.normalize_str(x) for x in SAMPLES] for name, cleaner in cleaners.items()}
    path = Path(__file__).parent / "text.json"
    path.write_text(json.dumps(golden, separators=(",", ":"), ensure_ascii=False) + "\n")
    print(path.stat().st_size)


main()
