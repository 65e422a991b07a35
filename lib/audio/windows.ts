/** Parts of signals: random crops, one length for all, rows without the silence around them. Place in the whole: transforms of batches. */
import { add, maximum, minimum, sub } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { arange } from '../ops/creation.js'
import { gather } from '../ops/gather.js'
import { pad } from '../ops/pad.js'
import { where } from '../ops/select.js'
import { clamp, floor } from '../ops/unary.js'
import { expand, narrow } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import { whole } from '../transforms/options.js'
import {
  type AudioTransform,
  column,
  extentOf,
  type FixedAudioTransform,
  fixedTransform,
  lengthsFrom,
  randomTransform,
} from './batch.js'
import { checkSilence, type SilenceOptions, soundBounds } from './silence.js'

/** `count` elements of each row from its own start (n, 1, ...), which must be there. */
function fromStarts(x: Tensor, starts: Tensor, count: number): Tensor {
  const at = add(cast(starts, 'i64'), arange(0, count, 1, { dtype: 'i64', device: x.device }) as Tensor)
  return gather(x, -1, expand(at, [...x.shape.slice(0, -1), count]))
}

/** x, with zeros behind it if it has not so many elements. */
const atLeast = (x: Tensor, count: number): Tensor => {
  const missing = count - (x.shape.at(-1) as number)
  return missing > 0 ? pad(x, [0, missing]) : x
}

/**
 * `size` samples (of spectra: frames) of each row, from a random place between its beginning and its length; of shorter rows all of
 * them, with zeros behind.
 *
 * @throws ValueError unless size is a whole number of at least 1
 */
export function randomCrop(size: number): AudioTransform {
  const name = 'randomCrop'
  whole(name, 'size', size, 1)
  return randomTransform(
    name,
    'any',
    (random) => random.uniform(),
    (fields, drawn) => {
      const { audio } = fields
      const extent = extentOf(fields)
      const places = add(
        clamp(
          sub(
            extent,
            column(
              drawn.map(() => size),
              audio,
            ),
          ),
          0,
        ),
        1,
      )
      const starts = floor(places.mul(column(drawn, audio)) as Tensor)
      return {
        audio: fromStarts(atLeast(audio, size), starts, size),
        lengths: lengthsFrom(fields, typeof extent === 'number' ? extent : clamp(extent, null, size)),
      }
    },
  )
}

/**
 * The first `size` samples (of spectra: frames) of each row, with zeros behind shorter ones.
 *
 * @throws ValueError unless size is a whole number of at least 1
 */
export function padOrTrim(size: number): FixedAudioTransform {
  whole('padOrTrim', 'size', size, 1)
  return fixedTransform('padOrTrim', 'any', (fields) => {
    const { audio } = fields
    const extent = extentOf(fields)
    return {
      audio: narrow(atLeast(audio, size), audio.rank - 1, 0, size),
      lengths: lengthsFrom(fields, typeof extent === 'number' ? extent : clamp(extent, null, size)),
    }
  })
}

/**
 * Each row of signals without the silence at its ends, as `soundBounds` finds it: moved to the beginning, zeros behind it. The batch
 * keeps its size, and `lengths` say what there is of each row.
 *
 * @throws ValueError for options that are out of range
 */
export function silenceTrimming(options: SilenceOptions = {}): FixedAudioTransform {
  checkSilence('silenceTrimming', options)
  return fixedTransform('silenceTrimming', 'signals', (fields) => {
    const { audio, lengths } = fields
    if (audio.numel === 0) return fields
    const n = audio.shape.at(-1) as number
    const bounds = soundBounds(audio, { ...options, lengths })
    const over = (i: number): Tensor =>
      narrow(bounds, 1, i, 1).reshape([audio.shape[0] as number, ...audio.shape.slice(1).map(() => 1)]) as Tensor
    const [start, end] = [over(0), over(1)]
    const at = add(start, arange(0, n, 1, { dtype: 'i64', device: audio.device }) as Tensor)
    const moved = gather(audio, -1, expand(minimum(at, n - 1), audio.shape))
    return {
      audio: where(at.lt(end) as Tensor, moved, 0),
      lengths: lengthsFrom(fields, maximum(sub(end, start), 0)),
    }
  })
}
