#!/usr/bin/env python3
"""Makes test/golden/audio.json: mel filters and cepstra from the published formulas, in f64, with numpy alone.

    python3 test/golden/audio.py        (needs numpy; the result is in the repository)

Scales and filters: Young and others, "The HTK Book", section 5.4, and Slaney, "Auditory Toolbox", 1998, with the conventions of
torchaudio.functional.melscale_fbanks (bins from 0 to half of the sample rate, both included). The signal is sin(i i / 50) / (1 + i / 40).
"""
import json
from pathlib import Path

import numpy as np

RATE, N_FFT, HOP, MELS, CEPSTRA = 8000, 32, 12, 7, 5


def htk(f):
    return 2595 * np.log10(1 + np.asarray(f, float) / 700)


def from_htk(m):
    return 700 * (10 ** (np.asarray(m) / 2595) - 1)


def slaney(f):
    f = np.asarray(f, float)
    return np.where(f < 1000, 3 * f / 200, 15 + 27 * np.log(np.maximum(f, 1e-9) / 1000) / np.log(6.4))


def from_slaney(m):
    m = np.asarray(m)
    return np.where(m < 15, 200 * m / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))


def bank(bins, low, high, count, rate, to_mel, to_hz, equal_area):
    frequencies = np.arange(bins) * (rate // 2) / (bins - 1)
    corners = to_hz(np.linspace(to_mel(low), to_mel(high), count + 2))
    filters = np.zeros((bins, count))
    for m in range(count):
        left, middle, right = corners[m : m + 3]
        for k, f in enumerate(frequencies):
            if left < f <= middle:
                filters[k, m] = (f - left) / (middle - left)
            elif middle < f < right:
                filters[k, m] = (right - f) / (right - middle)
        if equal_area:
            filters[:, m] *= 2 / (right - left)
    return filters


def power_spectrogram(x):
    x = np.pad(x, N_FFT // 2, mode="reflect")
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    frames = [x[at : at + N_FFT] * window for at in range(0, len(x) - N_FFT + 1, HOP)]
    return np.abs([np.fft.rfft(frame) for frame in frames]).T ** 2


def decibels(x, top):
    db = 10 * np.log10(np.maximum(x, 1e-10))
    return np.maximum(db, db.max() - top)


def cosines(count, mels):
    n, k = np.arange(mels)[None], np.arange(count)[:, None]
    return np.sqrt(np.where(k == 0, 1, 2) / mels) * np.cos(np.pi / mels * (n + 0.5) * k)


def table(a):
    return {"shape": list(a.shape), "values": [float(v) for v in a.ravel()]}


if __name__ == "__main__":
    i = np.arange(150)
    x = np.sin(i * i / 50) / (1 + i / 40)
    mel = bank(N_FFT // 2 + 1, 0, RATE / 2, MELS, RATE, htk, from_htk, False).T @ power_spectrogram(x)
    golden = {
        "htk": table(bank(17, 100, 3800, 7, 8000, htk, from_htk, False)),
        "slaney": table(bank(33, 50, 7000, 9, 16000, slaney, from_slaney, True)),
        "melSpectrogram": table(mel),
        "mfcc": table(cosines(CEPSTRA, MELS) @ decibels(mel, 80)),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
