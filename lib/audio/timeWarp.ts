/**
 * Time warps of spectra. Definition: Park and others, "SpecAugment", 2019. Place in the whole: a transform of batches, and SpecAugment's
 * first step.
 */

import { known } from '../check.js'
import type { Random } from '../data/random.js'
import { add, div, logicalAnd, mul, sub } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { arange } from '../ops/creation.js'
import { gather } from '../ops/gather.js'
import { where } from '../ops/select.js'
import { clamp, floor } from '../ops/unary.js'
import { expand } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import { chance, whole } from '../transforms/options.js'
import { type AudioFields, type AudioTransform, applying, column, extentOf, randomTransform } from './batch.js'
import { exactOf } from './signals.js'

/**
 * Each row of spectra with a frame from its middle part moved by up to `frames` to either side, what lies before and behind it
 * stretched and squeezed evenly, its ends where they were (Park and others' time warp in one dimension). Frames between two are
 * interpolated linearly. Rows of at most 2 `frames` frames stay.
 *
 * @throws ValueError unless frames is a whole number and p a probability
 */
export function timeWarping(frames: number, options: { p?: number } = {}): AudioTransform {
  const name = 'timeWarping'
  whole(name, 'frames', frames, 0)
  known(name, options, ['p'])
  const p = chance(name, options.p ?? 1)
  return randomTransform(
    name,
    'spectra',
    (random) => warpOf(random, applying(random, p)),
    (fields, drawn) => ({ ...fields, audio: warped(fields, frames, drawn) }),
  )
}

/** Shares of the places that the frame can have, and of the shifts; null stays. */
type Warp = readonly [place: number, shift: number] | null

export function warpOf(random: Random, applies: boolean): Warp {
  const warp: Warp = [random.uniform(), random.uniform()]
  return applies ? warp : null
}

export function warped(fields: AudioFields, frames: number, drawn: readonly Warp[]): Tensor {
  const x = fields.audio
  if (frames === 0 || x.numel === 0 || drawn.every((d) => d === null)) return x
  const size = extentOf(fields)
  const over = (value: (d: Warp) => number): Tensor => column(drawn.map(value), x)
  const room = sub(
    size,
    over(() => 2 * frames),
  )
  const from = floor(
    add(
      mul(
        room,
        over((d) => d?.[0] ?? 0),
      ),
      frames,
    ),
  )
  const shift = over((d) => (d === null ? 0 : Math.floor(d[1] * (2 * frames + 1)) - frames))
  const to = add(from, shift)
  const last = sub(
    size,
    over(() => 1),
  )
  const t = arange(0, x.shape.at(-1) as number, 1, { dtype: 'f64', device: x.device }) as Tensor
  const before = mul(t, div(from, clamp(to, 1)))
  const behind = add(from, mul(sub(t, to), div(sub(last, from), clamp(sub(last, to), 1))))
  const moves = logicalAnd(logicalAnd(room.gt(0) as Tensor, shift.ne(0) as Tensor), t.le(last) as Tensor)
  const source = where(moves, where(t.lt(to) as Tensor, before, behind), t)
  const low = floor(source)
  const share = sub(source, low)
  const read = (at: Tensor): Tensor =>
    cast(gather(x, -1, expand(cast(clamp(at, 0, t.numel - 1), 'i64'), x.shape)), exactOf(x))
  const [a, b] = [read(low), read(add(low, 1))]
  // Factors above 0 keep infinities, as logarithms of silence are; a place that is read whole does not see the next one.
  const part = cast(share, exactOf(x))
  const between = add(mul(a, sub(1, part)), mul(b, part))
  return cast(where(share.gt(0) as Tensor, between, a), x.dtype)
}
