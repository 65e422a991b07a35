/**
 * Other sample rates, by interpolation with windowed sinc functions. Definition: torchaudio.functional.resample (Smith, "Digital Audio
 * Resampling", 2002). Place in the whole: a strided convolution that gives every phase of the new rate a channel; ratios of
 * large numbers, whose phases are too many for that, read each sample's neighbourhood.
 */

import { known } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { filled } from '../filled.js'
import { besselI0 } from '../ops/besselI0.js'
import { add, mul } from '../ops/binary.js'
import { conv1d } from '../ops/conv.js'
import { arange, tensor } from '../ops/creation.js'
import { indexSelect } from '../ops/indexing.js'
import { tidy } from '../ops/indices.js'
import { concat } from '../ops/join.js'
import { pad } from '../ops/pad.js'
import { sum } from '../ops/reduce.js'
import { narrow, reshape, transpose } from '../ops/views.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { oneOf, whole } from '../transforms/options.js'
import { checkSignals, onRowsOf } from './signals.js'

export interface ResampleOptions {
  /** Zero crossings of the sinc on each side: more are sharper and slower. Default 6. */
  lowpassFilterWidth?: number | undefined
  /** Where the filter ends, as a share of the lower of the two Nyquist frequencies: above 0, at most 1. Default 0.99. */
  rolloff?: number | undefined
  /** Window of the sinc. Default 'sincInterpHann'. */
  resamplingMethod?: 'sincInterpHann' | 'sincInterpKaiser' | undefined
  /** Shape of the Kaiser window. Default 14.769656459379492. */
  beta?: number | undefined
}

/** A resampler of `from` old samples to `to` new ones. */
interface Ratio {
  readonly from: number
  readonly to: number
  /** Old samples that count on each side. */
  readonly width: number
  /** Factor of sample `at`, counted from the old sample that lies with phase 0, in new sample `phase`. */
  weight(phase: number, at: number): number
}

/** Weights of a convolution, at most: 8 MiB of f64. */
const MOST_WEIGHTS = 2 ** 20
/** Neighbourhoods, in numbers, that are in memory at a time. */
const AT_A_TIME = 2 ** 20

function ratioOf(from: number, to: number, o: ResampleOptions): Ratio {
  const { lowpassFilterWidth: zeros = 6, rolloff = 0.99, resamplingMethod = 'sincInterpHann' } = o
  const { beta = 14.769656459379492 } = o
  const base = Math.min(from, to) * rolloff
  const window =
    resamplingMethod === 'sincInterpHann'
      ? (t: number): number => Math.cos((t * Math.PI) / zeros / 2) ** 2
      : (t: number): number => besselI0(beta * Math.sqrt(Math.max(0, 1 - (t / zeros) ** 2))) / besselI0(beta)
  return {
    from,
    to,
    width: Math.ceil((zeros * from) / base),
    weight(phase, at) {
      const t = (at / from - phase / to) * base
      if (Math.abs(t) >= zeros) return 0
      return ((t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t)) * window(t) * base) / from
    },
  }
}

/** The tables made last: making one takes longer than applying it. */
const tables = new Map<string, Float64Array>()
const MOST_TABLES = 8

function tableOf(key: string, make: () => Float64Array): Float64Array {
  const table = tables.get(key) ?? make()
  tables.delete(key)
  tables.set(key, table)
  if (tables.size > MOST_TABLES) tables.delete(tables.keys().next().value as string)
  return table
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

/**
 * Signals (..., time) of a sample rate at another one: (..., ceil(time newFreq / origFreq)). Only the ratio of the rates counts. f64
 * signals are computed in f64, others in f32. Differentiable.
 *
 * @param origFreq samples a second of the signals, a whole number
 * @param newFreq samples a second of the result, a whole number
 * @throws ValueError for rates and widths that are no whole numbers above 0, and for other options that are out of range
 * @throws DTypeError for signals that are no floating-point numbers
 */
export function resample(x: Tensor, origFreq: number, newFreq: number, options: ResampleOptions = {}): Tensor {
  const name = 'resample'
  checkSignals(name, x)
  checkOptions(name, options)
  whole(name, 'origFreq', origFreq, 1)
  whole(name, 'newFreq', newFreq, 1)
  const common = divisor(origFreq, newFreq)
  const [from, to] = [origFreq / common, newFreq / common]
  if (from === to) return x
  const n = x.shape.at(-1) as number
  const length = resampledLength(n, from, to)
  if (!Number.isSafeInteger(to * n)) throw new ShapeError(`${name}: ${show(x.shape)} at ${to} / ${from} is too long`)
  const ratio = ratioOf(from, to, options)
  const key = JSON.stringify([from, to, options])
  return tidy(() =>
    onRowsOf(x, 1, (rows) =>
      narrow(
        to * (2 * ratio.width + from) <= MOST_WEIGHTS
          ? byPhases(rows, ratio, key)
          : bySamples(rows, ratio, length, key),
        1,
        0,
        length,
      ),
    ),
  )
}

/** Samples that `resample` makes of n. */
export const resampledLength = (n: number, origFreq: number, newFreq: number): number =>
  Math.ceil((newFreq * n) / origFreq)

/** @throws ValueError for what `resample` does not take */
export function checkOptions(name: string, options: ResampleOptions): void {
  known(name, options, ['lowpassFilterWidth', 'rolloff', 'resamplingMethod', 'beta'])
  const { lowpassFilterWidth = 6, rolloff = 0.99, resamplingMethod = 'sincInterpHann', beta = 1 } = options
  whole(name, 'lowpassFilterWidth', lowpassFilterWidth, 1)
  if (!(rolloff > 0 && rolloff <= 1)) throw new ValueError(`${name}: rolloff is ${rolloff}; it is above 0, at most 1`)
  oneOf(name, 'resamplingMethod', resamplingMethod, ['sincInterpHann', 'sincInterpKaiser'])
  if (options.beta !== undefined && resamplingMethod !== 'sincInterpKaiser')
    throw new ValueError(`${name}: beta shapes the Kaiser window; set resamplingMethod 'sincInterpKaiser'`)
  if (!(beta >= 0 && beta <= 700)) throw new ValueError(`${name}: beta is ${beta}; it is within 0 and 700`)
}

/** (b, n) -> (b, more than enough): a convolution of stride `from` with `to` channels, which are neighbours in time. */
function byPhases(x: Tensor, { from, to, width, weight }: Ratio, key: string): Tensor {
  const size = 2 * width + from
  const table = tableOf(key, () =>
    filled(new Float64Array(to * size), (i) => weight(Math.floor(i / size), (i % size) - width)),
  )
  const weights = tensor(table, { shape: [to, 1, size], dtype: x.dtype, device: x.device }) as Tensor
  const [b, n] = x.shape as [number, number]
  const padded = reshape(pad(x, [width, width + from]), [b, 1, n + size])
  const y = transpose(conv1d(padded, weights, null, { stride: from }), 1, 2)
  return reshape(y, [b, (y.shape[1] as number) * to])
}

/** (b, n) -> (b, length): the neighbourhood of every new sample times the factors of its phase. */
function bySamples(x: Tensor, { from, to, width, weight }: Ratio, length: number, key: string): Tensor {
  const taps = 2 * width + 1
  const first = (phase: number): number => Math.ceil((phase * from) / to) - width
  const table = tableOf(key, () =>
    filled(new Float64Array(to * taps), (i) => {
      const phase = Math.floor(i / taps)
      return weight(phase, first(phase) + (i % taps))
    }),
  )
  const on = { dtype: x.dtype, device: x.device }
  const factors = tensor(table, { shape: [to, taps], ...on }) as Tensor
  const padded = pad(x, [width, taps])
  const b = x.shape[0] as number
  const step = Math.max(1, Math.floor(AT_A_TIME / (taps * Math.max(1, b))))
  const offsets = arange(0, taps, 1, { dtype: 'i32', device: x.device }) as Tensor
  const parts: Tensor[] = []
  for (let start = 0; start < length; start += step) {
    const count = Math.min(step, length - start)
    const index = (of: (sample: number) => number): Tensor =>
      tensor(
        filled(new Int32Array(count), (i) => of(start + i)),
        { device: x.device },
      ) as Tensor
    const begins = index((m) => Math.floor(m / to) * from + first(m % to) + width)
    const phases = index((m) => m % to)
    parts.push(
      tidy(() => {
        const at = reshape(add(reshape(begins, [count, 1]), offsets), [count * taps])
        const near = reshape(indexSelect(padded, 1, at), [b, count, taps])
        return sum(mul(near, indexSelect(factors, 0, phases)), -1) as Tensor
      }),
    )
  }
  return parts.length === 1 ? (parts[0] as Tensor) : concat(parts, 1)
}
