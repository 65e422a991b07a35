/**
 * Where recordings are silent at their ends. Definition: librosa.effects.trim, by the energies of frames. Place in the whole: on avgPool1d;
 * bounds stay on the device, and only `trimSilence`, whose result has another size, waits for them.
 */

import { known } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { add, maximum, minimum, mul, sub } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { arange, zeros } from '../ops/creation.js'
import { tidy } from '../ops/indices.js'
import { stack } from '../ops/join.js'
import { pad } from '../ops/pad.js'
import { avgPool1d } from '../ops/pooling.js'
import { amax, amin } from '../ops/reduce.js'
import { where } from '../ops/select.js'
import { log10 } from '../ops/trig.js'
import { clamp, square } from '../ops/unary.js'
import { narrow, reshape } from '../ops/views.js'
import { numelOf, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { whole } from '../transforms/options.js'
import { checkSignals, withinLengths } from './signals.js'

export interface SilenceOptions {
  /** Frames so many decibels below the loudest are silent. Default 60. */
  topDb?: number | undefined
  /** The amplitude that counts as 0 dB in place of the loudest frame's. */
  ref?: number | undefined
  /** Samples of a frame. Default 2048. */
  frameLength?: number | undefined
  /** Samples from one frame to the next. Default 512. */
  hopLength?: number | undefined
}

const OPTIONS = ['topDb', 'ref', 'frameLength', 'hopLength'] as const
/** Powers that count as this at least. */
const LEAST = 1e-10

/** @throws ValueError for options that are out of range */
export function checkSilence(name: string, options: SilenceOptions, others: readonly string[] = []): void {
  known(name, options, [...OPTIONS, ...others])
  const { topDb = 60, ref, frameLength = 2048, hopLength = 512 } = options
  whole(name, 'frameLength', frameLength, 1)
  whole(name, 'hopLength', hopLength, 1)
  if (!(topDb >= 0)) throw new ValueError(`${name}: topDb is ${topDb}; it is at least 0`)
  if (ref !== undefined && !(ref > 0 && Number.isFinite(ref)))
    throw new ValueError(`${name}: ref is ${ref}; it is an amplitude above 0`)
}

/**
 * First sample and end (n, 2), i64, of what is not silent in each row of a batch (n, time) or (n, channels, time), of which the loudest
 * channel counts. Frames are centred, hopLength apart. Rows in which every frame is silent have 0 and 0; without `ref`, silence
 * throughout is as loud as its loudest frame, and stays, as in librosa.
 *
 * @param options with `lengths` (n): samples of each row that count
 */
export function soundBounds(x: Tensor, options: SilenceOptions & { lengths?: Tensor | undefined } = {}): Tensor<'i64'> {
  const name = 'soundBounds'
  checkSignals(name, x, 2, '(n, time) or (n, channels, time)')
  checkSilence(name, options, ['lengths'])
  if (x.rank > 3) throw new ShapeError(`${name}: takes (n, time) or (n, channels, time), got ${show(x.shape)}`)
  const { topDb = 60, ref, frameLength = 2048, hopLength = 512, lengths } = options
  const [rows, n] = [x.shape[0] as number, x.shape.at(-1) as number]
  if (x.numel === 0) return zeros([rows, 2], { dtype: 'i64', device: x.device }) as Tensor<'i64'>
  return tidy(() => {
    const inside = lengths && withinLengths(name, lengths, x)
    const heard = inside === undefined ? cast(x, 'f64') : where(inside, cast(x, 'f64'), 0)
    const channels = numelOf(x.shape.slice(1, -1))
    const half = Math.floor(frameLength / 2)
    const padded = pad(reshape(square(heard), [rows * channels, 1, n]), [half, half])
    const means = avgPool1d(padded, frameLength, { stride: hopLength })
    const powers = amax(reshape(means, [rows, channels, means.shape[2] as number]), 1) as Tensor
    const decibels = mul(log10(clamp(powers, LEAST)), 10)
    const zero =
      ref === undefined
        ? (amax(decibels, -1, { keepDim: true }) as Tensor)
        : 10 * Math.log10(Math.max(LEAST, ref * ref))
    const sound = sub(decibels, zero).gt(-topDb)
    const frames = powers.shape[1] as number
    const at = arange(0, frames, 1, { dtype: 'i64', device: x.device }) as Tensor
    const first = amin(where(sound, at, frames), -1) as Tensor
    const end = add(amax(where(sound, at, -1), -1) as Tensor, 1)
    const limit = lengths === undefined ? n : cast(lengths, 'i64')
    const stop = minimum(mul(end, hopLength), limit)
    const start = minimum(mul(where(first.lt(frames), first, 0), hopLength), stop)
    return stack([start, maximum(stop, start)], 1)
  }) as Tensor<'i64'>
}

/**
 * A recording (time) or (channels, time) without the silence at its ends: fewer samples, maybe none.
 *
 * @throws ShapeError for batches, whose rows would have different lengths: see the transform `silenceTrimming`
 */
export async function trimSilence(x: Tensor, options: SilenceOptions = {}): Promise<Tensor> {
  const name = 'trimSilence'
  checkSignals(name, x)
  checkSilence(name, options)
  if (x.rank > 2) throw new ShapeError(`${name}: takes a recording (time) or (channels, time), got ${show(x.shape)}`)
  const bounds = tidy(() => soundBounds(reshape(x, [1, ...x.shape]), options))
  const [start, end] = Array.from(await bounds.data(), Number) as [number, number]
  bounds.dispose()
  return narrow(x, x.rank - 1, start, end - start)
}
