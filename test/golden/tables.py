#!/usr/bin/env python3
"""Makes test/golden/tables.json: what scikit-learn's preprocessing makes of small columns.

    python3 test/golden/tables.py        (needs scikit-learn; the result is in the repository)
"""
import json
from pathlib import Path

import numpy as np
from sklearn import preprocessing as p
from sklearn.impute import SimpleImputer

random = np.random.default_rng(3)
N = 37


def column(x):
    return [None if np.isnan(v) else float(v) for v in np.asarray(x, float).ravel()]


def main():
    x = (random.normal(size=N) * 3 + 10).round(2)
    gaps = x.copy()
    gaps[random.random(N) < 0.2] = np.nan
    new = (random.normal(size=9) * 6 + 10).round(2)
    words = random.choice(["red", "green", "blue", "rare"], N, p=[0.4, 0.3, 0.27, 0.03])
    words[5] = "rare"
    unseen = np.array(["green", "blue", "purple", "rare"])
    target = (words == "red") * 2.0 + random.normal(size=N).round(2)
    clicks = (random.random(N) < np.where(words == "red", 0.7, 0.3)).astype(float)
    c = lambda v: np.asarray(v).reshape(-1, 1)
    golden = dict(gaps=column(gaps), new=column(new), words=words.tolist(), unseen=unseen.tolist(), target=column(target), clicks=column(clicks), x=column(x))

    def numeric(name, scaler):
        scaler.fit(c(gaps))
        golden[name] = [column(scaler.transform(c(gaps))), column(scaler.transform(c(new)))]

    numeric("standardize", p.StandardScaler())
    numeric("minMax", p.MinMaxScaler((-1, 1)))
    numeric("robust", p.RobustScaler(quantile_range=(10, 80)))
    for strategy in ["mean", "median", "most_frequent"]:
        golden[f"impute_{strategy}"] = column(SimpleImputer(strategy=strategy).fit_transform(c(gaps.round(0))))
    for strategy in ["uniform", "quantile"]:
        d = p.KBinsDiscretizer(5, encode="ordinal", strategy=strategy, **({"quantile_method": "linear"} if strategy == "quantile" else {}))
        d.fit(c(x))
        golden[f"bin_{strategy}"] = [column(d.transform(c(x))), column(d.transform(c(new)))]
    one = p.OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(c(words))
    golden["oneHot"] = [one.transform(c(words)).tolist(), one.transform(c(unseen)).tolist()]
    golden["ordinal"] = column(p.OrdinalEncoder().fit_transform(c(words)))
    for name, y, kind in [("target", target, "continuous"), ("clicks", clicks, "binary")]:
        for smooth in ["auto", 5.0]:
            e = p.TargetEncoder(smooth=smooth, target_type=kind, shuffle=False, cv=4)
            crossed = e.fit_transform(c(words), y)
            golden[f"encode_{name}_{smooth}"] = [column(crossed), column(e.transform(c(unseen)))]
    # Of classes scikit-learn's folds are stratified: only the fit to all is compared.
    path = Path(__file__).parent / "tables.json"
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(path.stat().st_size)


main()
