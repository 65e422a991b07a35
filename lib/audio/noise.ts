/** Loudness and noise by chance. Place in the whole: transforms of batches, on gain and addNoise. */

import { known } from '../check.js'
import type { Random } from '../data/random.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { isTensor } from '../ops/emit.js'
import { concat, stack } from '../ops/join.js'
import { where } from '../ops/select.js'
import { narrow } from '../ops/views.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { normalRows, seedOf } from '../transforms/noise.js'
import { chance, rangeOf } from '../transforms/options.js'
import { type AudioFields, type AudioTransform, applying, column, randomTransform } from './batch.js'
import { addNoise, gain } from './levels.js'
import { checkSignals } from './signals.js'

export interface RandomGainOptions {
  /** Decibels, lowest and highest; every one between is as likely. Default [-6, 6]. */
  gainDb?: readonly [number, number]
  /** Chance for each row. Default 1. */
  p?: number
}

/** Each row of signals louder or quieter, its own decibels. */
export function randomGain(options: RandomGainOptions = {}): AudioTransform {
  const name = 'randomGain'
  known(name, options, ['gainDb', 'p'])
  const [low, high] = rangeOf(name, 'gainDb', options.gainDb ?? [-6, 6])
  const p = chance(name, options.p ?? 1)
  return randomTransform(
    name,
    'signals',
    (random) => {
      const db = random.between(low, high)
      return applying(random, p) ? db : 0
    },
    (fields, drawn) => ({ ...fields, audio: gain(fields.audio, drawn) }),
  )
}

export interface RandomNoiseOptions {
  /** Decibels of the signal's energy over the noise's, lowest and highest. Default [5, 30]. */
  snr?: readonly [number, number]
  /** Chance for each row. Default 1. */
  p?: number
}

interface Draw {
  readonly snr: number
  readonly applies: boolean
}

/** Rows with noise, where it applies; the others to the bit as they were. */
function noisy(fields: AudioFields, drawn: readonly Draw[], noise: Tensor): AudioFields {
  const { audio, lengths } = fields
  const y = addNoise(
    audio,
    noise,
    drawn.map((d) => d.snr),
    { lengths },
  )
  if (drawn.every((d) => d.applies)) return { ...fields, audio: y }
  const applies = column(
    drawn.map((d) => (d.applies ? 1 : 0)),
    audio,
  )
  return { ...fields, audio: where(applies.gt(0) as Tensor, y, audio) }
}

/** Each row of signals with white normal noise, its own ratio of energies; within `lengths`, where there are some, the ratio holds. */
export function randomNoise(options: RandomNoiseOptions = {}): AudioTransform {
  const name = 'randomNoise'
  const draw = drawOf(name, options)
  return randomTransform(
    name,
    'signals',
    (random) => ({ ...draw(random), seed: seedOf(random) }),
    (fields, drawn) => {
      const seeds = drawn.map((d) => d.seed)
      const noise = normalRows(seeds, fields.audio)
      return noisy(fields, drawn, noise.to(fields.audio.dtype) as Tensor)
    },
  )
}

/**
 * Each row of signals with a part of one of `noises` from a random place, its own ratio of energies; short noises go on from their
 * beginning. All channels of a row get the same noise.
 *
 * @param noises recordings (time) of the signals' dtype, on their device; of any lengths
 * @throws ValueError without noises, ShapeError for those without samples or with channels
 */
export function backgroundNoise(noises: readonly Tensor[], options: RandomNoiseOptions = {}): AudioTransform {
  const name = 'backgroundNoise'
  if (!Array.isArray(noises) || noises.length === 0 || !noises.every(isTensor))
    throw new ValueError(`${name}: takes a list of at least one tensor of noise (time)`)
  for (const noise of noises) {
    checkSignals(name, noise)
    if (noise.rank !== 1 || noise.numel === 0)
      throw new ShapeError(`${name}: noise ${show(noise.shape)}; each is (time), of at least one sample`)
  }
  const draw = drawOf(name, options)
  return randomTransform(
    name,
    'signals',
    (random) => {
      const noise = noises[random.int(noises.length)] as Tensor
      return { ...draw(random), noise, start: random.int(noise.numel) }
    },
    (fields, drawn) => {
      const { audio } = fields
      const n = audio.shape.at(-1) as number
      const parts = drawn.map(({ noise, start }) => {
        if (noise.dtype !== audio.dtype)
          throw new DTypeError(`${name}: noise of ${noise.dtype} for signals of ${audio.dtype}; convert it`)
        return around(noise, start, n)
      })
      const rows = stack(parts, 0)
      return noisy(fields, drawn, audio.rank === 3 ? (rows.unsqueeze(1) as Tensor) : rows)
    },
  )
}

function drawOf(name: string, options: RandomNoiseOptions): (random: Random) => Draw {
  known(name, options, ['snr', 'p'])
  const [low, high] = rangeOf(name, 'snr', options.snr ?? [5, 30])
  const p = chance(name, options.p ?? 1)
  return (random) => ({ snr: random.between(low, high), applies: applying(random, p) })
}

/** n samples of the noise from a place on, over and over. */
function around(noise: Tensor, start: number, n: number): Tensor {
  const parts: Tensor[] = []
  for (let at = start, left = n; left > 0; at = 0) {
    const count = Math.min(left, noise.numel - at)
    parts.push(narrow(noise, 0, at, count))
    left -= count
  }
  if (parts.length === 0) return narrow(noise, 0, 0, 0)
  return parts.length === 1 ? (parts[0] as Tensor) : concat(parts, 0)
}
