/**
 * Masks of spectra, and SpecAugment. Definitions: Park and others, "SpecAugment", 2019; torchaudio.transforms.TimeMasking, FrequencyMasking,
 * SpecAugment. Place in the whole: transforms of batches; numbers drawn for rows become spans on the device, where `lengths` are.
 */

import { known } from '../check.js'
import type { Random } from '../data/random.js'
import { ValueError } from '../errors.js'
import { add, div, logicalAnd, logicalOr, minimum, mul, sub } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { arange } from '../ops/creation.js'
import { sum } from '../ops/reduce.js'
import { where } from '../ops/select.js'
import { clamp, floor } from '../ops/unary.js'
import { reshape } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import { chance, oneOf, whole } from '../transforms/options.js'
import { type AudioFields, type AudioTransform, applying, column, extentOf, randomTransform } from './batch.js'
import { exactOf, withinLengths } from './signals.js'
import { warped, warpOf } from './timeWarp.js'

export interface MaskingOptions {
  /** Masks for each row. Default 1. */
  count?: number
  /** What masked places become: a number, or the row's mean, of its own frames. Default 0. */
  value?: number | 'mean'
  /** Chance for each row. Default 1. */
  p?: number
}

export interface TimeMaskingOptions extends MaskingOptions {
  /** Share of the row's frames that each mask covers at most (torchaudio's p). Default 1. */
  maxProportion?: number
}

/** What a row draws for one mask: shares of the largest width and of the places that it can have. Never masks with width 0. */
type Span = readonly [width: number, place: number]

const spansOf = (random: Random, count: number, applies: boolean): Span[] =>
  Array.from({ length: count }, () => {
    const span: Span = [random.uniform(), random.uniform()]
    return applies ? span : [0, 0]
  })

/**
 * Masks along the last axis ('time') or the one before it: floor(width * param) from floor(place * (size - width * param)) on, as
 * torchaudio's mask_along_axis has it, but never wider than the axis.
 */
function masked(
  fields: AudioFields,
  axis: 'time' | 'frequency',
  param: number,
  proportion: number,
  spans: readonly (readonly Span[])[],
  value: number | Tensor,
): Tensor {
  const x = fields.audio
  const at = axis === 'time' ? x.rank - 1 : x.rank - 2
  const size = axis === 'time' ? extentOf(fields) : (x.shape[at] as number)
  const most =
    typeof size === 'number'
      ? Math.min(param, Math.floor(size * proportion))
      : minimum(floor(mul(size, proportion)), param)
  const count = x.shape[at] as number
  const places = reshape(arange(0, count, 1, { dtype: 'f64', device: x.device }) as Tensor, [
    count,
    ...x.shape.slice(at + 1).map(() => 1),
  ])
  let mask: Tensor | undefined
  for (let k = 0; k < (spans[0] as readonly Span[]).length; k++) {
    const drawn = (i: 0 | 1): Tensor =>
      column(
        spans.map((row) => (row[k] as Span)[i]),
        x,
      )
    const width = mul(drawn(0), most)
    const start = floor(mul(sub(size, width), drawn(1)))
    const one = logicalAnd(places.ge(start) as Tensor, places.lt(add(start, floor(width))) as Tensor)
    mask = mask === undefined ? one : logicalOr(mask, one)
  }
  if (mask === undefined) return x
  return cast(where(mask, value, x), x.dtype)
}

const fillOf = (fields: AudioFields, value: number | 'mean'): number | Tensor =>
  value === 'mean' ? meanOf(fields) : value

/** The mean of each row over its frames, in x's dtype. */
function meanOf({ audio: x, lengths }: AudioFields): Tensor {
  const axes = x.shape.slice(1).map((_, i) => i + 1)
  const exact = cast(x, exactOf(x))
  const others = x.shape.slice(1, -1).reduce((n, d) => n * d, 1)
  if (lengths === undefined) {
    const count = Math.max(1, others * (x.shape.at(-1) as number))
    return cast(div(sum(exact, axes, { keepDim: true }) as Tensor, count), x.dtype)
  }
  const inside = withinLengths('specAugment', lengths, x)
  const count = clamp(mul(cast(sum(inside, -1, { keepDim: true }) as Tensor, exact.dtype), others), 1)
  return cast(div(sum(where(inside, exact, 0), axes, { keepDim: true }) as Tensor, count), x.dtype)
}

function checkMasking(name: string, options: MaskingOptions, others: readonly string[] = []): Required<MaskingOptions> {
  known(name, options, ['count', 'value', 'p', ...others])
  const { count = 1, value = 0, p = 1 } = options
  whole(name, 'count', count, 0)
  if (typeof value !== 'number' && value !== 'mean')
    throw new ValueError(`${name}: value is ${String(value)}; it is a number or 'mean'`)
  return { count, value, p: chance(name, p) }
}

function proportionOf(name: string, proportion: number): number {
  if (!(proportion >= 0 && proportion <= 1))
    throw new ValueError(`${name}: maxProportion is ${proportion}; it is from 0 to 1`)
  return proportion
}

/**
 * Frames of spectra masked, of all frequencies and channels: up to timeMaskParam one after the other, within the row's `lengths`.
 *
 * @throws ValueError for params and counts that are no whole numbers, and other options that are out of range
 */
export function timeMasking(timeMaskParam: number, options: TimeMaskingOptions = {}): AudioTransform {
  const name = 'timeMasking'
  whole(name, 'timeMaskParam', timeMaskParam, 0)
  const { count, value, p } = checkMasking(name, options, ['maxProportion'])
  const proportion = proportionOf(name, options.maxProportion ?? 1)
  return randomTransform(
    name,
    'spectra',
    (random) => spansOf(random, count, applying(random, p)),
    (fields, spans) => ({
      ...fields,
      audio: masked(fields, 'time', timeMaskParam, proportion, spans, fillOf(fields, value)),
    }),
  )
}

/**
 * Frequencies of spectra masked, of all frames and channels: up to freqMaskParam side by side.
 *
 * @throws ValueError for params and counts that are no whole numbers, and other options that are out of range
 */
export function frequencyMasking(freqMaskParam: number, options: MaskingOptions = {}): AudioTransform {
  const name = 'frequencyMasking'
  whole(name, 'freqMaskParam', freqMaskParam, 0)
  const { count, value, p } = checkMasking(name, options)
  return randomTransform(
    name,
    'spectra',
    (random) => spansOf(random, count, applying(random, p)),
    (fields, spans) => ({
      ...fields,
      audio: masked(fields, 'frequency', freqMaskParam, 1, spans, fillOf(fields, value)),
    }),
  )
}

/** Park and others' policies, their table 1. */
const POLICIES = {
  LB: { timeWarp: 80, freqMaskParam: 27, nFreqMasks: 1, timeMaskParam: 100, maxProportion: 1, nTimeMasks: 1 },
  LD: { timeWarp: 80, freqMaskParam: 27, nFreqMasks: 2, timeMaskParam: 100, maxProportion: 1, nTimeMasks: 2 },
  SM: { timeWarp: 40, freqMaskParam: 15, nFreqMasks: 2, timeMaskParam: 70, maxProportion: 0.2, nTimeMasks: 2 },
  SS: { timeWarp: 40, freqMaskParam: 27, nFreqMasks: 2, timeMaskParam: 70, maxProportion: 0.2, nTimeMasks: 2 },
} as const

export interface SpecAugmentOptions {
  /** Where defaults come from: LibriSpeech basic or double, Switchboard mild or strong. Default 'LB'. */
  policy?: keyof typeof POLICIES
  /** Frames that the time warp moves by, at most; 0: none. */
  timeWarp?: number
  /** Frequencies of a mask, at most. */
  freqMaskParam?: number
  nFreqMasks?: number
  /** Frames of a mask, at most. */
  timeMaskParam?: number
  nTimeMasks?: number
  /** Share of the row's frames that a mask covers, at most. */
  maxProportion?: number
  /** What masked places become. Default 'mean': of the row, after the warp. */
  value?: number | 'mean'
  /** Chance for each row. Default 1. */
  p?: number
}

/**
 * SpecAugment of spectra, best of logarithms of mel spectrograms: a time warp, masks of frequencies, masks of frames. The masks are
 * torchaudio's with iid_masks, the same for all channels of a row, and masks of frames stay within `lengths`.
 *
 * @throws ValueError for options that are out of range
 */
export function specAugment(options: SpecAugmentOptions = {}): AudioTransform {
  const name = 'specAugment'
  known(name, options, ['policy', ...Object.keys(POLICIES.LB), 'value', 'p'])
  const policy = oneOf(name, 'policy', options.policy ?? 'LB', ['LB', 'LD', 'SM', 'SS'])
  const given = Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined))
  const o: Required<SpecAugmentOptions> = { value: 'mean', p: 1, policy, ...POLICIES[policy], ...given }
  for (const what of ['timeWarp', 'freqMaskParam', 'nFreqMasks', 'timeMaskParam', 'nTimeMasks'] as const)
    whole(name, what, o[what], 0)
  const { value, p } = checkMasking(name, { value: o.value, p: o.p })
  proportionOf(name, o.maxProportion)
  return randomTransform(
    name,
    'spectra',
    (random) => {
      const applies = applying(random, p)
      return {
        warp: warpOf(random, applies),
        frequency: spansOf(random, o.nFreqMasks, applies),
        time: spansOf(random, o.nTimeMasks, applies),
      }
    },
    (fields, drawn) => {
      let audio = warped(
        fields,
        o.timeWarp,
        drawn.map((d) => d.warp),
      )
      // Of what the masks have not changed yet.
      const fill = fillOf({ ...fields, audio }, value)
      const through = (axis: 'time' | 'frequency', param: number, spans: readonly (readonly Span[])[]): void => {
        audio = masked({ ...fields, audio }, axis, param, axis === 'time' ? o.maxProportion : 1, spans, fill)
      }
      through(
        'frequency',
        o.freqMaskParam,
        drawn.map((d) => d.frequency),
      )
      through(
        'time',
        o.timeMaskParam,
        drawn.map((d) => d.time),
      )
      return { ...fields, audio }
    },
  )
}
