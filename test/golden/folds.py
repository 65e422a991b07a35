#!/usr/bin/env python3
"""Makes test/golden/folds.json: the test indices of scikit-learn's folds.

    python3 test/golden/folds.py        (needs scikit-learn; the result is in the repository)
"""
import json
from pathlib import Path

import numpy as np
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

random = np.random.default_rng(7)


def tests(splitter, *args):
    return [test.tolist() for _, test in splitter.split(*args)]


def main():
    classes = random.choice(3, 41, p=[0.6, 0.3, 0.1])
    # Sizes that differ, so that no order among equals is at play.
    groups = random.permutation(np.repeat(np.arange(8), np.arange(1, 9)))
    result = {
        "kFold": [[n, k, tests(KFold(k), np.zeros(n))] for n, k in [(10, 5), (11, 4), (3, 3)]],
        "classes": classes.tolist(),
        "stratifiedKFold": [[k, tests(StratifiedKFold(k), np.zeros(41), classes)] for k in (2, 4, 5)],
        "groups": groups.tolist(),
        "groupKFold": [[k, tests(GroupKFold(k), np.zeros(len(groups)), None, groups)] for k in (2, 3, 8)],
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n")


main()
