/**
 * What transforms share: batches as images alone or as objects with the field `image`, rows taken out and put back, and random numbers
 * that go on from one transform to the next. Place in the whole: under all of lib/transforms.
 */
import type { TransformContext } from '../data/transform.js'
import { ShapeError, ValueError } from '../errors.js'
import { checkImages } from '../image/images.js'
import { tensor } from '../ops/creation.js'
import { isTensor } from '../ops/emit.js'
import { indexSelect } from '../ops/indexing.js'
import { concat } from '../ops/join.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

/**
 * Images (n, c, h, w), or an object with them in `image` and, if there are any: `boxes` (n, m, 4) as x1, y1, x2, y2; `valid` (n, m), of
 * bool, false where fewer than m boxes are there; `masks` (n, h, w) or (n, k, h, w); `keypoints` (n, k, 2) as x, y; `label`. Places are in
 * pixels from the upper left corner of the image, whose first pixel reaches from 0 to 1. Other fields stay as they are, but that a transform of
 * part of a batch takes rows of tensors and lists of n.
 */
export type ImageBatch = Tensor | { readonly image: Tensor }

/** The fields of an object batch that transforms know. */
export interface Fields {
  readonly image: Tensor
  readonly boxes?: Tensor
  readonly valid?: Tensor
  readonly masks?: Tensor
  readonly keypoints?: Tensor
  readonly label?: Tensor
}

/** Keeps the type of the batch: images give images, an object an object. */
export type ImageTransform = <A extends ImageBatch>(batch: A, context: TransformContext) => A
/** One that draws no random numbers: the context may be left out. */
export type FixedTransform = <A extends ImageBatch>(batch: A, context?: TransformContext) => A

/** The fields of a batch. @throws ValueError without images, ShapeError and DTypeError for what is not (n, c, h, w) of u8 or floats */
export function fieldsOf(name: string, batch: ImageBatch): Fields {
  const fields = isTensor(batch) ? { image: batch } : batch
  if (typeof fields !== 'object' || fields === null || !isTensor(fields.image)) {
    const found =
      typeof fields === 'object' && fields !== null ? Object.keys(fields).join(', ') || 'none' : typeof batch
    throw new ValueError(
      `${name}: takes images (n, c, h, w), or an object with them in its field 'image'; found: ${found}`,
    )
  }
  checkImages(name, fields.image)
  if (fields.image.rank !== 4) {
    const message = `${name}: takes batches of images (n, c, h, w), got ${show(fields.image.shape)}`
    throw new ShapeError(
      fields.image.rank === 3 ? `${message}; give one image a first dimension with unsqueeze(0)` : message,
    )
  }
  return fields
}

/** The batch with other fields. */
export function withFields<A extends ImageBatch>(batch: A, changed: Partial<Fields>): A {
  return (isTensor(batch) ? changed.image : { ...batch, ...changed }) as A
}

/** f of the images; all else stays. */
export function onImages<A extends ImageBatch>(name: string, batch: A, f: (x: Tensor) => Tensor): A {
  return withFields(batch, { image: f(fieldsOf(name, batch).image) })
}

/** @throws ValueError for fields with places, which a transform that moves pixels would leave where they were */
export function refusePlaces(name: string, fields: Fields): void {
  for (const field of ['boxes', 'masks', 'keypoints'] as const)
    if (fields[field] !== undefined)
      throw new ValueError(
        `${name}: moves pixels of images without ${field}; leave it out, or take ${field} out of the batch`,
      )
}

/** @throws ValueError when a transform that draws was called without a context, or with one of another size */
export function checkContext(name: string, context: TransformContext | undefined, n: number): asserts context {
  if (context === undefined)
    throw new ValueError(
      `${name}: draws random numbers, so it takes a context: the loader's, or transformContext({ indices })`,
    )
  if (context.size !== n) throw new ShapeError(`${name}: a context of ${context.size} rows for a batch of ${n}`)
}

/** What a draw gives for each row. */
export function eachRow<T>(
  context: TransformContext,
  draw: (random: ReturnType<TransformContext['random']>) => T,
): T[] {
  return Array.from({ length: context.size }, (_, row) => draw(context.random(row)))
}

// ---- contexts

/** Each row's random numbers go on where the last transform stopped; without it every transform would draw the same. */
export function continuing(context: TransformContext): TransformContext {
  const begun = new Map<number, ReturnType<TransformContext['random']>>()
  const { epoch, batch, size } = context
  return {
    epoch,
    batch,
    size,
    random(row, stream = 0) {
      if (stream !== 0) return context.random(row, stream)
      const random = begun.get(row) ?? context.random(row)
      begun.set(row, random)
      return random
    },
  }
}

/** The context of some rows as a batch of their own. */
export function contextOf(context: TransformContext, rows: readonly number[]): TransformContext {
  const { epoch, batch } = context
  return { epoch, batch, size: rows.length, random: (row, stream) => context.random(rows[row] as number, stream) }
}

// ---- rows

export function indexOf(rows: readonly number[], like: Tensor): Tensor {
  return tensor(Int32Array.from(rows), { device: like.device }) as Tensor
}

/** Some of n rows of all that a batch holds: of tensors and lists of n. What else there is stays. */
export function takeRows<A>(batch: A, rows: readonly number[], n: number): A {
  const taken = (value: unknown): unknown => {
    if (isTensor(value)) return value.shape[0] === n ? indexSelect(value, 0, indexOf(rows, value)) : value
    if (Array.isArray(value)) return value.length === n ? rows.map((row) => value[row]) : value
    if (!isPlain(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, taken(v)]))
  }
  return taken(batch) as A
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** Results for groups of rows, which together are all rows once, as one batch in the rows' order. */
export function mergeRows<A>(name: string, groups: readonly { rows: readonly number[]; batch: A }[]): A {
  const order = groups.flatMap((g) => g.rows)
  const back: number[] = new Array(order.length)
  order.forEach((row, at) => {
    back[row] = at
  })
  return joined(
    name,
    groups.map((g) => g.batch),
    back,
  ) as A
}

function joined(name: string, parts: readonly unknown[], back: readonly number[]): unknown {
  const first = parts[0]
  if (parts.every((part) => part === first)) return first
  if (isTensor(first)) {
    const tensors = parts as Tensor[]
    for (const t of tensors)
      if (t.dtype !== first.dtype || show(t.shape.slice(1)) !== show(first.shape.slice(1)))
        throw new ShapeError(
          `${name}: some rows became ${first.dtype} ${show(first.shape)}, others ${t.dtype} ${show(t.shape)}; transforms of part of a batch keep shape and dtype`,
        )
    return indexSelect(concat(tensors, 0), 0, indexOf(back, first))
  }
  if (Array.isArray(first)) {
    const all = (parts as unknown[][]).flat()
    return back.map((at) => all[at])
  }
  if (!isPlain(first)) return first
  const fields = parts as readonly Record<string, unknown>[]
  for (const key of fields.flatMap(Object.keys))
    if (!fields.every((part) => key in part))
      throw new ValueError(`${name}: some rows got the field '${key}', others not; make it before the batch is parted`)
  return Object.fromEntries(
    Object.keys(first).map((key) => [
      key,
      joined(
        name,
        fields.map((part) => part[key]),
        back,
      ),
    ]),
  )
}

/** f of the rows for which `which` says so, of images whose shape and dtype f keeps. f also gets which rows these are. */
export function onRows(
  name: string,
  x: Tensor,
  which: readonly boolean[],
  f: (x: Tensor, rows: readonly number[]) => Tensor,
): Tensor {
  return byGroups(name, x, which, (part, rows, yes) => (yes ? f(part, rows) : part))
}

/** Rows by what `keys` says of each. */
export function grouped<K>(keys: readonly K[]): Map<K, number[]> {
  const groups = new Map<K, number[]>()
  keys.forEach((key, row) => {
    const rows = groups.get(key)
    if (rows === undefined) groups.set(key, [row])
    else rows.push(row)
  })
  return groups
}

/** f of groups of rows with the same key, of images whose shape and dtype f keeps. f also gets which rows these are. */
export function byGroups<K>(
  name: string,
  x: Tensor,
  keys: readonly K[],
  f: (x: Tensor, rows: readonly number[], key: K) => Tensor,
): Tensor {
  const groups = [...grouped(keys)]
  if (groups.length === 0) return x
  const [[key, all]] = groups as [[K, number[]]]
  if (groups.length === 1) return f(x, all, key)
  return mergeRows(
    name,
    groups.map(([key, rows]) => ({ rows, batch: f(takeRows(x, rows, keys.length), rows, key) })),
  )
}
