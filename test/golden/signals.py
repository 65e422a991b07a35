#!/usr/bin/env python3
"""Makes test/golden/signals.json: what lib/audio does to signals, in f64, from the published definitions.

    python3 test/golden/signals.py        (needs numpy and torch; the result is in the repository)

resample, phase_vocoder, pitch_shift, griffinlim, mu_law_encoding, mu_law_decoding, preemphasis, deemphasis and add_noise as
torchaudio.functional's documentation defines them, trim as librosa.effects'. Resampling is written here as a sum over all samples, without
phases; transforms are torch.stft's and torch.istft's. The signal is sin(i i / 50) / (1 + i / 40) for i below 150.
"""
import json
import math
from pathlib import Path

import numpy as np
import torch

torch.set_num_threads(1)
i = np.arange(150)
SIGNAL = np.sin(i * i / 50) / (1 + i / 40)
LOUD = np.cos(i * 0.9) * np.where((i > 50) & (i < 90), 1, 1e-4)


def resample(x, old, new, zeros=6, rolloff=0.99, beta=None):
    """Each new sample as the sum over all old ones: a sinc with `zeros` crossings a side at the lower rate's rolloff."""
    common = math.gcd(old, new)
    old, new = old // common, new // common
    base = min(old, new) * rolloff
    result = []
    for m in range(math.ceil(new * len(x) / old)):
        t = (np.arange(len(x)) / old - m / new) * base
        window = np.cos(np.clip(t, -zeros, zeros) * np.pi / zeros / 2) ** 2
        if beta is not None:
            window = np.i0(beta * np.sqrt(np.clip(1 - (t / zeros) ** 2, 0, None))) / np.i0(beta)
        result.append(np.sum(x * np.sinc(t) * window * (np.abs(t) < zeros)) * base / old)
    return np.array(result)


def vocoder(spectra, rate, hop):
    """A frame at a time, with the phases kept as a sum."""
    bins, frames = spectra.shape
    advance = np.linspace(0, np.pi * hop, bins)
    padded = np.concatenate([spectra, np.zeros((bins, 2))], 1)
    phase = np.angle(spectra[:, 0])
    result = []
    for k in range(math.ceil(frames / rate)):
        at = k * rate
        a, b = padded[:, int(at)], padded[:, int(at) + 1]
        size = (1 - at % 1) * np.abs(a) + at % 1 * np.abs(b)
        result.append(size * np.exp(1j * phase))
        off = np.angle(b) - np.angle(a) - advance
        phase = phase + advance + off - 2 * np.pi * np.round(off / (2 * np.pi))
    return np.array(result).T


def stft(x, n, hop):
    window = torch.hann_window(n, dtype=torch.float64)
    return torch.stft(torch.tensor(x), n, hop, n, window, return_complex=True).numpy()


def istft(x, n, hop, length=None):
    window = torch.hann_window(n, dtype=torch.float64)
    return torch.istft(torch.tensor(x), n, hop, n, window, length=length).numpy()


def stretched(x, rate, n):
    return istft(vocoder(stft(x, n, n // 4), rate, n // 4), n, n // 4, int(round(len(x) / rate)))


def pitch(x, rate, steps, n):
    by = 2.0 ** (-steps / 12)
    y = resample(stretched(x, by, n), int(rate / by), rate)
    return np.pad(y, (0, max(0, len(x) - len(y))))[: len(x)]


def griffin_lim(power, n, hop, rounds, momentum):
    sizes = power**0.5
    momentum = momentum / (1 + momentum)
    phases, last = np.ones_like(sizes, dtype=complex), 0
    for _ in range(rounds):
        rebuilt = stft(istft(sizes * phases, n, hop), n, hop)
        phases = rebuilt - last * momentum
        phases = phases / (np.abs(phases) + 1e-16)
        last = rebuilt
    return istft(sizes * phases, n, hop)


def mu_law(x, codes):
    mu = codes - 1
    return np.floor((np.sign(x) * np.log1p(mu * np.abs(x)) / np.log1p(mu) + 1) / 2 * mu + 0.5)


def from_mu_law(codes, count):
    x = codes / (count - 1) * 2 - 1
    return np.sign(x) * (np.exp(np.abs(x) * np.log1p(count - 1)) - 1) / (count - 1)


def deemphasis(x, coeff):
    y, last = [], 0.0
    for v in x:
        last = v + coeff * last
        y.append(last)
    return np.array(y)


def add_noise(x, noise, snr):
    scale = 10 ** ((10 * (np.log10(np.sum(x**2)) - np.log10(np.sum(noise**2))) - snr) / 20)
    return x + scale * noise


def trim(x, top, frame, hop):
    padded = np.pad(x, frame // 2)
    powers = np.array([np.mean(padded[k : k + frame] ** 2) for k in range(0, len(padded) - frame + 1, hop)])
    db = 10 * np.log10(np.maximum(powers, 1e-10))
    loud = np.flatnonzero(db - db.max() > -top)
    return np.array([loud[0] * hop, min(len(x), (loud[-1] + 1) * hop)])


def table(a):
    a = np.asarray(a)
    if np.iscomplexobj(a):
        a = np.stack([a.real, a.imag], -1)
    return {"shape": list(a.shape), "values": [float(v) for v in a.ravel()]}


if __name__ == "__main__":
    power = np.abs(stft(SIGNAL, 16, 8)) ** 2
    golden = {
        "resample 3:2": resample(SIGNAL, 3, 2),
        "resample 8000:11025": resample(SIGNAL, 8000, 11025),
        "resample 2:1, kaiser": resample(SIGNAL, 32000, 16000, 9, 0.9, 14.769656459379492),
        "resample 20159:16000": resample(SIGNAL, 20159, 16000),
        "resample 16000:20159": resample(SIGNAL, 16000, 20159, 4),
        "phaseVocoder 1.3": vocoder(stft(SIGNAL, 16, 4), 1.3, 4),
        "phaseVocoder 0.7": vocoder(stft(SIGNAL, 16, 8), 0.7, 8),
        "timeStretch 1.25": stretched(SIGNAL, 1.25, 32),
        "pitchShift 3": pitch(SIGNAL, 8000, 3, 32),
        "pitchShift -5": pitch(SIGNAL, 8000, -5, 32),
        "griffinLim": griffin_lim(power, 16, 8, 5, 0.99),
        "griffinLim, slow": griffin_lim(power, 16, 8, 5, 0),
        "muLawEncoding": mu_law(SIGNAL, 256),
        "muLawDecoding": from_mu_law(np.arange(32), 32),
        "preemphasis": np.concatenate([SIGNAL[:1], SIGNAL[1:] - 0.97 * SIGNAL[:-1]]),
        "deemphasis": deemphasis(SIGNAL, 0.9),
        "addNoise": add_noise(SIGNAL, LOUD, 7),
        "soundBounds": trim(LOUD, 20, 16, 4),
        "soundBounds, odd": trim(LOUD, 30, 9, 4),
    }
    lines = ",\n".join(f"{json.dumps(k)}: {json.dumps(table(v), separators=(',', ':'))}" for k, v in golden.items())
    Path(__file__).with_suffix(".json").write_text("{\n" + lines + "\n}\n")
