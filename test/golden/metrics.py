#!/usr/bin/env python3
"""Makes test/golden/metrics.json: what scikit-learn, SciPy, sacreBLEU, pycocotools and scikit-image say of small random cases.

    python3 test/golden/metrics.py        (needs scikit-learn, sacrebleu, pycocotools, scikit-image; the result is in the repository)
"""
import contextlib
import io
import json
from pathlib import Path

import numpy as np
import sacrebleu
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy import stats
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from sklearn import metrics as m

random = np.random.default_rng(7)


def numbers(x):
    return np.asarray(x, dtype=float).round(12).tolist()


def classification(classes, n, absent=None):
    t = random.integers(0, classes, n)
    if absent is not None:
        t[t == absent] = (absent + 1) % classes
    scores = random.dirichlet(np.ones(classes), n) * 0.6
    scores[np.arange(n), t] += 0.25 * random.random(n)
    scores = (scores / scores.sum(1, keepdims=True)).round(3)
    scores[:, -1] = 1 - scores[:, :-1].sum(1)
    p = scores.argmax(1)
    out = dict(classes=classes, targets=t.tolist(), scores=numbers(scores), predictions=p.tolist())
    out["confusion"] = m.confusion_matrix(t, p, labels=range(classes)).tolist()
    for average in ["macro", "micro", "weighted"] + (["binary"] if classes == 2 else []):
        f = dict(average=average, zero_division=0.0)
        out[average] = dict(
            precision=m.precision_score(t, p, **f),
            recall=m.recall_score(t, p, **f),
            f1=m.f1_score(t, p, **f),
            f2=m.fbeta_score(t, p, beta=2, **f),
            jaccard=m.jaccard_score(t, p, **f),
        )
    out["accuracy"] = m.accuracy_score(t, p)
    out["balancedAccuracy"] = m.balanced_accuracy_score(t, p)
    out["cohenKappa"] = m.cohen_kappa_score(t, p)
    out["matthews"] = m.matthews_corrcoef(t, p)
    out["logLoss"] = m.log_loss(t, scores, labels=range(classes))
    if classes > 2:
        out["top2"] = m.top_k_accuracy_score(t, scores, k=2, labels=range(classes))
    if classes > 2 and absent is None:
        out["aurocMacro"] = m.roc_auc_score(t, scores, multi_class="ovr", average="macro")
        out["aurocWeighted"] = m.roc_auc_score(t, scores, multi_class="ovr", average="weighted")
        one_hot = np.eye(classes)[t]
        out["apMacro"] = m.average_precision_score(one_hot, scores, average="macro")
    return out


def binary(n, decimals):
    t = random.integers(0, 2, n)
    s = (random.random(n) + 0.4 * t).round(decimals)
    fpr, tpr, thresholds = m.roc_curve(t, s, drop_intermediate=False)
    precision, recall, cuts = m.precision_recall_curve(t, s)
    return dict(
        targets=t.tolist(),
        scores=numbers(s),
        roc=[numbers(fpr), numbers(tpr), numbers(thresholds[1:])],
        pr=[numbers(precision), numbers(recall), numbers(cuts)],
        auroc=m.roc_auc_score(t, s),
        ap=m.average_precision_score(t, s),
        brier=m.brier_score_loss(t, np.clip(s / 1.4, 0, 1)),
    )


def regression(n):
    t = random.normal(size=n).round(2)
    p = (t + random.normal(size=n) * 0.5).round(1)
    return dict(
        targets=numbers(t),
        predictions=numbers(p),
        mae=m.mean_absolute_error(t, p),
        mse=m.mean_squared_error(t, p),
        rmse=m.root_mean_squared_error(t, p),
        mape=m.mean_absolute_percentage_error(t, p),
        r2=m.r2_score(t, p),
        pearson=stats.pearsonr(t, p)[0],
        spearman=stats.spearmanr(t, p)[0],
    )


def ranking(queries, items):
    relevance = random.choice([0, 0, 0, 1, 2, 3], size=(queries, items))
    relevance[0] = 0
    scores = random.permutation(queries * items).reshape(queries, items) + 3.0 * relevance
    scores = scores + np.arange(items) * 1e-3  # no ties
    return dict(
        relevance=relevance.tolist(),
        scores=numbers(scores),
        ndcg=m.ndcg_score(relevance, scores, ignore_ties=True),
        ndcg3=m.ndcg_score(relevance, scores, k=3, ignore_ties=True),
        mrr=float(np.mean([0 if not r.any() else 1 / (1 + np.argmax(r[np.argsort(-s)] > 0)) for r, s in zip(relevance, scores)])),
        map=float(np.mean([m.average_precision_score(r > 0, s) for r, s in zip(relevance, scores) if r.any()])),
    )


HYPOTHESES = [
    "The dog bit the man.",
    "It wasn't surprising.",
    "The man had just bitten him, at 10,000.5 & a half-day's cost!",
    "cat",
    "A \"quoted\" &quot;word&quot; and the end-",
]
REFERENCES = [
    ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog for 10,000.5 & half a day's cost!", "the cat sat", "A \"quoted\" word at the end"],
    ["The dog bit the man .", "It was not unexpected.", "He had just bitten him.", "cats", "A quoted word, and the end -"],
]


def bleu(hypotheses, references, **options):
    score = sacrebleu.corpus_bleu(hypotheses, references, **options)
    return dict(
        hypotheses=hypotheses,
        references=[list(r) for r in zip(*references)],
        score=score.score,
        precisions=score.precisions,
        penalty=score.bp,
        lengths=[score.sys_len, score.ref_len],
        tokens=[sacrebleu.tokenizers.tokenizer_13a.Tokenizer13a()(h).split() for h in hypotheses],
    )


def detection(images, classes):
    truth, found, number = [], [], 1
    dataset = dict(images=[dict(id=i) for i in range(images)], categories=[dict(id=c) for c in range(classes)], annotations=[])
    results = []
    for i in range(images):
        boxes, labels, other, scores, called = [], [], [], [], []
        for _ in range(random.integers(0, 6)):
            size = random.choice([12, 50, 150])
            x, y = random.integers(0, 200, 2)
            w, h = (size * (0.7 + 0.6 * random.random(2))).round(1)
            c = int(random.integers(0, classes))
            boxes.append([float(x), float(y), float(x + w), float(y + h)])
            labels.append(c)
            dataset["annotations"].append(dict(id=number, image_id=i, category_id=c, bbox=[float(x), float(y), float(w), float(h)], area=float(w * h), iscrowd=0))
            number += 1
            for _ in range(random.integers(0, 3)):
                shift = random.normal(size=4) * size * 0.08
                b = (np.array(boxes[-1]) + shift).round(1)
                other.append(b.tolist())
                scores.append(round(float(random.random()), 3))
                called.append(c if random.random() < 0.85 else int(random.integers(0, classes)))
        truth.append(dict(boxes=boxes, labels=labels))
        found.append(dict(boxes=other, scores=scores, labels=called))
        for b, s, c in zip(other, scores, called):
            results.append(dict(image_id=i, category_id=c, bbox=[b[0], b[1], b[2] - b[0], b[3] - b[1]], score=s))
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = dataset
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return dict(truth=truth, found=found, stats=[float(v) for v in evaluation.stats])


def images():
    a = random.random((2, 3, 16, 19))
    b = np.clip(a + random.normal(size=a.shape) * 0.1, 0, 1)
    a, b = a.round(3), b.round(3)
    ssim = [
        structural_similarity(x, y, data_range=1.0, channel_axis=0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, win_size=11, full=True)[1]
        for x, y in zip(a, b)
    ]
    return dict(
        shape=a.shape,
        a=numbers(a.ravel()),
        b=numbers(b.ravel()),
        psnr=float(np.mean([peak_signal_noise_ratio(x, y, data_range=1.0) for x, y in zip(a, b)])),
        # where a window fits
        ssim=float(np.mean([s[:, 5:-5, 5:-5].mean() for s in ssim])),
    )


def main():
    golden = dict(
        classification=[classification(4, 60), classification(2, 40), classification(5, 50, absent=2)],
        binary=[binary(50, 1), binary(30, 6)],
        regression=regression(40),
        ranking=ranking(6, 9),
        bleu=[bleu(HYPOTHESES, REFERENCES), bleu(HYPOTHESES[:2], [r[:2] for r in REFERENCES[:1]]), bleu(["cat"], [["the cat"]])],
        detection=[detection(12, 3), detection(3, 1)],
        images=images(),
    )
    path = Path(__file__).parent / "metrics.json"
    path.write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")
    print(path.stat().st_size)


main()
