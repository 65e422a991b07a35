/**
 * Images mixed with others of the batch, and their labels alike. Definitions: torchvision's MixUp (Zhang et al., "mixup: Beyond Empirical
 * Risk Minimization", 2018) and CutMix (Yun et al., "CutMix", 2019). Samples are paired at random: each draws a number, and is mixed with
 * the one whose number comes next. So the result depends on which samples the batch holds, not on their order.
 */

import { known, positive } from '../check.js'
import type { Random } from '../data/random.js'
import type { TransformContext } from '../data/transform.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import type { Box } from '../image/crop.js'
import { add, mul, sub } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { tensor } from '../ops/creation.js'
import { oneHot } from '../ops/embedding.js'
import { isTensor } from '../ops/emit.js'
import { indexSelect } from '../ops/indexing.js'
import { where } from '../ops/select.js'
import { round } from '../ops/unary.js'
import { reshape } from '../ops/views.js'
import { isComplex, isFloating } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkContext, eachRow, fieldsOf, indexOf, refusePlaces, withFields } from './batch.js'
import { beta } from './distributions.js'
import { oneOf } from './options.js'
import { insideRectangles } from './rectangles.js'

export interface MixOptions {
  /** Of the Beta(alpha, alpha) distribution of shares. Default 1: all alike. */
  alpha?: number
  /** Needed for labels (n) of whole numbers. */
  numClasses?: number
  /** 'batch' (default): one share for all; 'elem': one for each image. */
  mode?: 'batch' | 'elem'
}

/** Of batches with `image` (n, c, h, w) and `label`: (n) of whole numbers or (n, classes) of shares. The label becomes (n, classes). */
export type MixTransform = <A extends { readonly image: Tensor; readonly label: Tensor }>(
  batch: A,
  context: TransformContext,
) => A

/** Images and labels as lambda x + (1 - lambda) x of another image, lambda drawn from Beta(alpha, alpha). Bytes are rounded. */
export function mixUp(options: MixOptions = {}): MixTransform {
  return mixing('mixUp', options, beta, (x, other, lambdas) => {
    const share = column(lambdas, x.dtype === 'u8' ? 'f32' : x.dtype, 4, x)
    const y = add(mul(x, share), mul(other, sub(1, share)))
    return { image: x.dtype === 'u8' ? cast(round(y), 'u8') : y, lambdas }
  })
}

/**
 * A rectangle of each image, 1 - lambda of its area before it is cut at the border, taken from another image; labels are mixed by the
 * areas there are.
 */
export function cutMix(options: MixOptions = {}): MixTransform {
  interface Cut {
    lambda: number
    x: number
    y: number
  }
  const draw = (random: Random, alpha: number): Cut => ({
    lambda: beta(random, alpha),
    x: random.uniform(),
    y: random.uniform(),
  })
  return mixing('cutMix', options, draw, (image, other, cuts) => {
    const [h, w] = image.shape.slice(2) as [number, number]
    const boxes = cuts.map(({ lambda, x, y }): Box => {
      const side = 0.5 * Math.sqrt(1 - lambda)
      const [left, width] = clipped(Math.floor(x * w), Math.trunc(side * w), w)
      const [top, height] = clipped(Math.floor(y * h), Math.trunc(side * h), h)
      return { top, left, height, width }
    })
    return {
      image: where(insideRectangles(boxes, image), other, image),
      lambdas: boxes.map((box) => 1 - (box.width * box.height) / (w * h)),
    }
  })
}

/** Where [middle - half, middle + half) of d pixels begins, and how many there are. */
function clipped(middle: number, half: number, d: number): [number, number] {
  const first = Math.max(0, middle - half)
  return [first, Math.min(d, middle + half) - first]
}

function mixing<P>(
  name: string,
  options: MixOptions,
  draw: (random: Random, alpha: number) => P,
  mix: (x: Tensor, other: Tensor, drawn: readonly P[]) => { image: Tensor; lambdas: readonly number[] },
): MixTransform {
  known(name, options, ['alpha', 'numClasses', 'mode'])
  const { alpha = 1, numClasses, mode = 'batch' } = options
  if (!(alpha > 0 && Number.isFinite(alpha))) throw new ValueError(`${name}: alpha is ${alpha}; it is a number above 0`)
  if (numClasses !== undefined) positive(name, { numClasses })
  oneOf(name, 'mode', mode, ['batch', 'elem'])
  return (batch, context) => {
    const fields = fieldsOf(name, batch)
    refusePlaces(name, fields)
    const n = fields.image.shape[0] as number
    checkContext(name, context, n)
    const label = softLabel(name, batch.label, n, numClasses)
    if (n === 0) return withFields(batch, { label })
    const rows = eachRow(context, (random) => ({ key: random.uniform(), drawn: draw(random, alpha) }))
    const order = rows.map((_, row) => row).sort((a, b) => (rows[a]?.key as number) - (rows[b]?.key as number))
    const partners: number[] = new Array(n)
    order.forEach((row, i) => {
      partners[row] = order[(i + 1) % n] as number
    })
    const first = rows[order[0] as number] as (typeof rows)[number]
    const drawn = rows.map((row) => (mode === 'batch' ? first : row).drawn)
    const of = (t: Tensor): Tensor => indexSelect(t, 0, indexOf(partners, t))
    const { image, lambdas } = mix(fields.image, of(fields.image), drawn)
    const share = column(lambdas, label.dtype, 2, label)
    return withFields(batch, { image, label: add(mul(label, share), mul(of(label), sub(1, share))) })
  }
}

/** (n, 1, ...), of `rank`. */
function column(values: readonly number[], dtype: Tensor['dtype'], rank: number, like: Tensor): Tensor {
  const all = tensor(Float64Array.from(values), { dtype, device: like.device }) as Tensor
  return reshape(all, [values.length, ...new Array<number>(rank - 1).fill(1)])
}

function softLabel(name: string, label: unknown, n: number, numClasses: number | undefined): Tensor {
  if (!isTensor(label))
    throw new ValueError(`${name}: takes a batch with the field 'label', a tensor; found ${typeof label}`)
  if ((label.rank !== 1 && label.rank !== 2) || label.shape[0] !== n)
    throw new ShapeError(`${name}: a label ${show(label.shape)} for ${n} images; it is (${n}), or (${n}, classes)`)
  if (isComplex(label.dtype)) throw new DTypeError(`${name}: a label of ${label.dtype}`)
  if (label.rank === 2) {
    if (numClasses !== undefined && label.shape[1] !== numClasses)
      throw new ShapeError(`${name}: a label ${show(label.shape)} with numClasses ${numClasses}`)
    return isFloating(label.dtype) ? label : cast(label, 'f32')
  }
  if (isFloating(label.dtype))
    throw new DTypeError(
      `${name}: a label (n) of ${label.dtype}; classes are whole numbers: int(label) of sinter/data in the dataset, or label.to('i64')`,
    )
  if (numClasses === undefined)
    throw new ValueError(`${name}: a label ${show(label.shape)} of classes needs numClasses`)
  return cast(oneHot(cast(label, 'i64'), numClasses), 'f32')
}
