/**
 * What transforms of audio share: batches as signals alone or as objects with the fields `audio` and `lengths`. Place in the whole: under
 * the factories of transforms in lib/audio; rows and random numbers are those of lib/transforms.
 */
import type { Random } from '../data/random.js'
import type { TransformContext } from '../data/transform.js'
import { scope } from '../engine/lifetime.js'
import { ShapeError, ValueError } from '../errors.js'
import { cast } from '../ops/convert.js'
import { tensor } from '../ops/creation.js'
import { isTensor } from '../ops/emit.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkContext, eachRow } from '../transforms/batch.js'
import { checkLengths, checkSignals } from './signals.js'

/**
 * Signals (n, time) or (n, channels, time), or spectra (n, frequencies, frames) or (n, channels, frequencies, frames): alone, or in the
 * field `audio` of an object, whose field `lengths` (n), i64 or i32, may say how many samples or frames of each row count. Other fields
 * stay as they are.
 */
export type AudioBatch = Tensor | { readonly audio: Tensor; readonly lengths?: Tensor }

export interface AudioFields {
  readonly audio: Tensor
  readonly lengths?: Tensor | undefined
}

/** Keeps the type of the batch: signals give a tensor, an object an object. */
export type AudioTransform = <A extends AudioBatch>(batch: A, context: TransformContext) => A
/** One that draws no random numbers: the context may be left out. */
export type FixedAudioTransform = <A extends AudioBatch>(batch: A, context?: TransformContext) => A

const LAYOUTS = {
  signals: { ranks: [2, 3], words: 'batches of signals (n, time) or (n, channels, time)' },
  spectra: { ranks: [3, 4], words: 'batches of spectra (n, [channels,] frequencies, frames)' },
  any: { ranks: [2, 3, 4], words: 'batches of signals or spectra (n, ..., time)' },
} as const
export type AudioKind = keyof typeof LAYOUTS

/** @throws ValueError without audio, ShapeError and DTypeError for what does not fit its kind */
function fieldsOf(name: string, kind: AudioKind, batch: AudioBatch): AudioFields {
  const fields = isTensor(batch) ? { audio: batch } : batch
  if (typeof fields !== 'object' || fields === null || !isTensor(fields.audio)) {
    const found =
      typeof fields === 'object' && fields !== null ? Object.keys(fields).join(', ') || 'none' : typeof batch
    throw new ValueError(`${name}: takes a tensor, or an object with one in its field 'audio'; found: ${found}`)
  }
  const { ranks, words } = LAYOUTS[kind]
  checkSignals(name, fields.audio)
  if (!(ranks as readonly number[]).includes(fields.audio.rank))
    throw new ShapeError(`${name}: takes ${words}, got ${show(fields.audio.shape)}`)
  if (fields.lengths !== undefined) checkLengths(name, fields.lengths, fields.audio)
  return fields
}

/** Whether a row is changed. Drawn even where it is certain, so that what else the row draws stays. */
export const applying = (random: Random, p: number): boolean => random.uniform() < p

/** A transform of what it says of the audio and its lengths; temporary tensors are freed. */
export function fixedTransform(
  name: string,
  kind: AudioKind,
  change: (fields: AudioFields) => AudioFields,
): FixedAudioTransform {
  return (batch) => scope(() => changed(batch, fieldsOf(name, kind, batch), change))
}

/** The same of one that draws for each row. The audio has at least one row. */
export function randomTransform<D>(
  name: string,
  kind: AudioKind,
  draw: (random: Random) => D,
  change: (fields: AudioFields, drawn: readonly D[]) => AudioFields,
): AudioTransform {
  return (batch, context) =>
    scope(() => {
      const fields = fieldsOf(name, kind, batch)
      const n = fields.audio.shape[0] as number
      checkContext(name, context, n)
      const drawn = eachRow(context, draw)
      return n === 0 ? batch : changed(batch, fields, (f) => change(f, drawn))
    })
}

function changed<A extends AudioBatch>(batch: A, fields: AudioFields, change: (fields: AudioFields) => AudioFields): A {
  const { audio, lengths } = change(fields)
  if (isTensor(batch)) return audio as A
  return (lengths === undefined ? { ...batch, audio } : { ...batch, audio, lengths }) as A
}

/** Numbers drawn for rows (n, 1, ...) of f64, over what has x's dimensions; `m` of each are (n, m). */
export function column(values: readonly number[], x: Tensor): Tensor {
  const shape = [values.length, ...x.shape.slice(1).map(() => 1)]
  return tensor(Float64Array.from(values), { shape, dtype: 'f64', device: x.device }) as Tensor
}

/** How long each row is, in f64 (n, 1, ...), or the one length of all. */
export function extentOf({ audio, lengths }: AudioFields): number | Tensor {
  if (lengths === undefined) return audio.shape.at(-1) as number
  return cast(lengths, 'f64').reshape([lengths.numel, ...audio.shape.slice(1).map(() => 1)]) as Tensor
}

/** Lengths that were computed (n, 1, ...), in the dtype that they had. */
export function lengthsFrom(fields: AudioFields, values: Tensor | number): Tensor | undefined {
  const { lengths } = fields
  if (lengths === undefined || typeof values === 'number') return lengths
  return cast(values.reshape([lengths.numel]) as Tensor, lengths.dtype)
}
