/**
 * Speed, tempo and pitch by chance: each row one of several values. Definition: torchaudio.transforms.SpeedPerturbation (Ko and others,
 * "Audio augmentation for speech recognition", 2015). Place in the whole: transforms of batches; rows with the same value go together.
 */
import { ValueError } from '../errors.js'
import { div, mul } from '../ops/binary.js'
import { indexSelect } from '../ops/indexing.js'
import { concat } from '../ops/join.js'
import { pad } from '../ops/pad.js'
import { ceil, round } from '../ops/unary.js'
import type { Tensor } from '../tensor/tensor.js'
import { grouped, indexOf } from '../transforms/batch.js'
import { whole } from '../transforms/options.js'
import { type AudioTransform, column, extentOf, lengthsFrom, randomTransform } from './batch.js'
import { checkOptions, type ResampleOptions, resample } from './resample.js'
import {
  checkPitch,
  checkRate,
  checkStretch,
  type PitchShiftOptions,
  pitchShift,
  type StretchOptions,
  timeStretch,
} from './vocoder.js'

/** Rows through f by their values, one after the other in memory; shorter results with zeros behind them. */
function byValue(x: Tensor, values: readonly number[], f: (x: Tensor, value: number) => Tensor): Tensor {
  const groups = [...grouped(values)]
  const parts = groups.map(([value, rows]) => f(groups.length === 1 ? x : indexSelect(x, 0, indexOf(rows, x)), value))
  if (parts.length === 1) return parts[0] as Tensor
  const longest = Math.max(...parts.map((y) => y.shape.at(-1) as number))
  const order = groups.flatMap(([, rows]) => rows)
  const back: number[] = new Array(order.length)
  order.forEach((row, at) => {
    back[row] = at
  })
  return indexSelect(
    concat(
      parts.map((y) => pad(y, [0, longest - (y.shape.at(-1) as number)])),
      0,
    ),
    0,
    indexOf(back, x),
  )
}

function listOf(name: string, what: string, values: readonly number[], check: (v: number) => void): readonly number[] {
  if (!Array.isArray(values) || values.length === 0)
    throw new ValueError(`${name}: ${what} are ${String(values)}; they are a list of at least one number`)
  values.forEach(check)
  return values
}

/**
 * Each row of signals at one of `factors` times its speed, pitch and all, by resampling: 1.1 is faster, and shorter. The batch becomes
 * as long as its longest row, and `lengths` follow: ceil(length / factor) with factors as ratios of whole rates.
 *
 * @param sampleRate samples a second; factors are exact to 1 / sampleRate
 * @param factors default 0.9, 1 and 1.1, as Ko and others have them
 * @throws ValueError for factors that are not above 0, and for what `resample` does not take
 */
export function speedPerturbation(
  sampleRate: number,
  factors: readonly number[] = [0.9, 1, 1.1],
  options: ResampleOptions = {},
): AudioTransform {
  const name = 'speedPerturbation'
  whole(name, 'sampleRate', sampleRate, 1)
  checkOptions(name, options)
  const rates = listOf(name, 'factors', factors, (v) => {
    checkRate(name, v)
    whole(name, `sampleRate times the factor ${v}`, Math.round(v * sampleRate), 1)
  }).map((factor) => Math.round(factor * sampleRate))
  return randomTransform(
    name,
    'signals',
    (random) => rates[random.int(rates.length)] as number,
    (fields, drawn) => {
      const extent = extentOf(fields)
      const scaled = (lengths: Tensor): Tensor => ceil(div(mul(lengths, sampleRate), column(drawn, fields.audio)))
      return {
        audio: byValue(fields.audio, drawn, (x, rate) => resample(x, rate, sampleRate, options)),
        lengths: lengthsFrom(fields, typeof extent === 'number' ? extent : scaled(extent)),
      }
    },
  )
}

/**
 * Each row of signals at one of `factors` times its tempo, with its pitch, by `timeStretch`. The batch becomes as long as its longest
 * row, and `lengths` follow: round(length / factor).
 *
 * @param factors default 0.9, 1 and 1.1
 * @throws ValueError for factors that are not above 0, and for what `timeStretch` does not take
 */
export function tempoPerturbation(
  factors: readonly number[] = [0.9, 1, 1.1],
  options: StretchOptions = {},
): AudioTransform {
  const name = 'tempoPerturbation'
  checkStretch(name, options)
  listOf(name, 'factors', factors, (v) => checkRate(name, v))
  return randomTransform(
    name,
    'signals',
    (random) => factors[random.int(factors.length)] as number,
    (fields, drawn) => {
      const extent = extentOf(fields)
      return {
        audio: byValue(fields.audio, drawn, (x, rate) => timeStretch(x, rate, options)),
        lengths: lengthsFrom(
          fields,
          typeof extent === 'number' ? extent : round(div(extent, column(drawn, fields.audio))),
        ),
      }
    },
  )
}

/**
 * Each row of signals with its pitch one of `nSteps` higher, by `pitchShift`: of its length and tempo.
 *
 * @param sampleRate samples a second
 * @param nSteps default -2 to 2 semitones
 * @throws ValueError for steps that are not finite, and for what `pitchShift` does not take
 */
export function pitchPerturbation(
  sampleRate: number,
  nSteps: readonly number[] = [-2, -1, 0, 1, 2],
  options: PitchShiftOptions = {},
): AudioTransform {
  const name = 'pitchPerturbation'
  checkPitch(name, sampleRate, options)
  listOf(name, 'nSteps', nSteps, (v) => {
    if (!Number.isFinite(v)) throw new ValueError(`${name}: nSteps holds ${v}; steps are finite numbers`)
  })
  return randomTransform(
    name,
    'signals',
    (random) => nSteps[random.int(nSteps.length)] as number,
    (fields, drawn) => ({
      ...fields,
      audio: byValue(fields.audio, drawn, (x, steps) => pitchShift(x, sampleRate, steps, options)),
    }),
  )
}
