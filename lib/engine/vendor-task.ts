/**
 * What NVIDIA's libraries may compute, as text (`conv:bf16:16x64x56x56:64x64x3x3:padding=1`) and as the numbers that native code names it
 * by (cuda/vendor/choices.h). Place in the whole: names tasks in the tuning file and for `tuneCuda`.
 */
import { ValueError } from '../errors.js'
import { ACTIVATION_NAMES, type LinearActivation } from '../ops/activationNames.js'
import { DTYPES, type DType } from '../tensor/dtype.js'
import type { MatmulPrecision } from './cuda.js'
import { formatProduct, type ProductShape, parseProduct } from './product-shape.js'

const CONVS = ['conv', 'convInputGrad', 'convWeightGrad'] as const
const ATTENTIONS = ['attention', 'attentionBackward'] as const
/** As native code counts them. */
const KINDS = ['product', ...CONVS, ...ATTENTIONS] as const
const FLOATS: readonly DType[] = ['f32', 'bf16', 'f16']

export interface ProductTask {
  readonly kind: 'product'
  readonly product: ProductShape
}

/** x (images, channels, ...), w (outputs, channels / groups, ...), one to three dimensions. */
export interface ConvTask {
  readonly kind: (typeof CONVS)[number]
  readonly dtype: DType
  readonly x: readonly number[]
  readonly w: readonly number[]
  readonly stride: number
  readonly padding: number
  readonly dilation: number
  readonly groups: number
  /** The image lies channels-last. */
  readonly last: boolean
  /** Of forward calls: what is done to the sums. */
  readonly bias: boolean
  readonly residual: boolean
  readonly activation: LinearActivation
}

/** q (batch, heads, queries, width), k (batch, keyHeads, keys, width), v (batch, keyHeads, keys, valueWidth). */
export interface AttentionTask {
  readonly kind: (typeof ATTENTIONS)[number]
  readonly dtype: DType
  readonly q: readonly number[]
  readonly keyHeads: number
  readonly keys: number
  readonly valueWidth: number
  readonly causal: boolean
}

export type VendorTask = ProductTask | ConvTask | AttentionTask

const SYNTAX = {
  conv: 'conv|convInputGrad|convWeightGrad:[f32|bf16|f16:]NxCx...:OxIx...[:stride=S][:padding=P][:dilation=D][:groups=G][:last][:bias][:residual][:activation=A]',
  attention: 'attention|attentionBackward:[bf16|f16|f32:]BxHxTxD[:keyHeads=H][:keys=S][:valueWidth=E][:causal]',
}
const MOST = 2 ** 31 - 1

const sizesOf = (part: string | undefined): number[] =>
  (part ?? '').split('x').map((size) => (/^\d+$/.test(size) ? Number(size) : 0))
const areSizes = (sizes: readonly number[], ...ranks: readonly number[]): boolean =>
  ranks.includes(sizes.length) && sizes.every((size) => size >= 1 && size <= MOST)

/** `name=value` and bare names, each at most once; those that are none stay in `unknown`. */
function optionsOf(parts: readonly string[], numbers: readonly string[], words: readonly string[]) {
  const found = new Map<string, string>()
  const unknown = parts.filter((part) => {
    const [name = '', value] = part.split('=')
    const fits = value === undefined ? words.includes(name) : numbers.includes(name)
    if (!fits || found.has(name)) return true
    found.set(name, value ?? '')
    return false
  })
  return { found, unknown }
}

function parseConv(text: string, kind: ConvTask['kind'], rest: string[]): ConvTask {
  const dtype = FLOATS.find((d) => d === rest[0])
  if (dtype !== undefined) rest.shift()
  const [x, w] = [sizesOf(rest.shift()), sizesOf(rest.shift())]
  const numbers = ['stride', 'padding', 'dilation', 'groups', 'activation']
  const { found, unknown } = optionsOf(rest, numbers, ['last', 'bias', 'residual'])
  const number = (name: string, least: number, usual: number): number => {
    const value = found.get(name) ?? String(usual)
    return /^\d+$/.test(value) && Number(value) >= least && Number(value) <= MOST ? Number(value) : Number.NaN
  }
  const activation = ACTIVATION_NAMES.find((name) => name === (found.get('activation') ?? 'none'))
  const task = {
    kind,
    dtype: dtype ?? 'bf16',
    x,
    w,
    stride: number('stride', 1, 1),
    padding: number('padding', 0, 0),
    dilation: number('dilation', 1, 1),
    groups: number('groups', 1, 1),
    last: found.has('last'),
    bias: found.has('bias'),
    residual: found.has('residual'),
    activation: activation ?? 'none',
  }
  const fits =
    areSizes(x, 3, 4, 5) &&
    areSizes(w, x.length) &&
    unknown.length === 0 &&
    activation !== undefined &&
    ![task.stride, task.padding, task.dilation, task.groups].some(Number.isNaN) &&
    (w[1] as number) * task.groups === x[1] &&
    (w[0] as number) % task.groups === 0 &&
    outOf(task).every((size) => size > 0) &&
    (kind === 'conv' || !(task.bias || task.residual || task.activation !== 'none')) &&
    (!task.last || (kind === 'conv' && x.length === 4 && task.groups === 1))
  if (!fits)
    throw new ValueError(
      `"${text}" is no convolution: expected ${SYNTAX.conv}, as in conv:bf16:16x64x56x56:64x64x3x3:padding=1`,
    )
  return task
}

function parseAttention(text: string, kind: AttentionTask['kind'], rest: string[]): AttentionTask {
  const dtype = FLOATS.find((d) => d === rest[0])
  if (dtype !== undefined) rest.shift()
  const q = sizesOf(rest.shift())
  const { found, unknown } = optionsOf(rest, ['keyHeads', 'keys', 'valueWidth'], ['causal'])
  const [, heads = 0, queries = 0, width = 0] = q
  const number = (name: string, usual: number): number => sizesOf(found.get(name) ?? String(usual))[0] as number
  const task = {
    kind,
    dtype: dtype ?? 'bf16',
    q,
    keyHeads: number('keyHeads', heads),
    keys: number('keys', queries),
    valueWidth: number('valueWidth', width),
    causal: found.has('causal'),
  }
  const fits =
    areSizes(q, 4) &&
    areSizes([task.keyHeads, task.keys, task.valueWidth], 3) &&
    unknown.length === 0 &&
    heads % task.keyHeads === 0
  if (!fits)
    throw new ValueError(
      `"${text}" is no attention: expected ${SYNTAX.attention}, as in attention:bf16:8x12x1024x64:causal`,
    )
  return task
}

/**
 * Reads a convolution, attention, or what `parseProduct` reads.
 *
 * @throws ValueError when the text is none of them
 */
export function parseTask(text: string): VendorTask {
  const [head, ...rest] = text.split(':')
  const conv = CONVS.find((kind) => kind === head)
  if (conv !== undefined) return parseConv(text, conv, rest)
  const attention = ATTENTIONS.find((kind) => kind === head)
  if (attention !== undefined) return parseAttention(text, attention, rest)
  return { kind: 'product', product: parseProduct(text) }
}

/** The shortest text that `parseTask` reads as this task; the dtype is always named. */
export function formatTask(task: VendorTask): string {
  if (task.kind === 'product') return formatProduct(task.product)
  const option = (name: string, value: number | string, usual: number | string): string[] =>
    value === usual ? [] : [`${name}=${value}`]
  const flag = (name: string, on: boolean): string[] => (on ? [name] : [])
  const parts =
    'x' in task
      ? [
          task.x.join('x'),
          task.w.join('x'),
          ...option('stride', task.stride, 1),
          ...option('padding', task.padding, 0),
          ...option('dilation', task.dilation, 1),
          ...option('groups', task.groups, 1),
          ...flag('last', task.last),
          ...flag('bias', task.bias),
          ...flag('residual', task.residual),
          ...option('activation', task.activation, 'none'),
        ]
      : [
          task.q.join('x'),
          ...option('keyHeads', task.keyHeads, task.q[1] as number),
          ...option('keys', task.keys, task.q[2] as number),
          ...option('valueWidth', task.valueWidth, task.q[3] as number),
          ...flag('causal', task.causal),
        ]
  return [task.kind, task.dtype, ...parts].join(':')
}

/** The result's sizes behind its channels. */
export const outOf = ({ x, w, stride, padding, dilation }: Omit<ConvTask, 'kind'>): number[] =>
  x.slice(2).map((size, i) => {
    const reach = size + 2 * padding - dilation * ((w[2 + i] as number) - 1) - 1
    return reach < 0 ? 0 : Math.floor(reach / stride) + 1
  })

function wordsOf(task: VendorTask, precision: MatmulPrecision): number[] {
  if (task.kind === 'product') {
    const { product: p } = task
    return [
      DTYPES.indexOf(p.dtype),
      Number(p.dtype === 'f32' && precision === 'tf32'),
      // One row, or one column, lies the same both ways.
      Number(p.transposedA && p.m > 1),
      Number(p.transposedB && p.k > 1),
      p.batch,
      p.m,
      p.n,
      p.k,
    ]
  }
  const dtype = DTYPES.indexOf(task.dtype)
  if ('q' in task) {
    const [batch, heads, queries, width] = task.q as [number, number, number, number]
    const { keyHeads, keys, valueWidth, causal } = task
    return [dtype, batch, heads, keyHeads, queries, keys, width, valueWidth, Number(causal)]
  }
  const { x, w, stride, padding, dilation } = task
  const given = outOf(task).map((out, i) => [x[2 + i], out, w[2 + i], stride, padding, dilation] as number[])
  const missing = Array.from({ length: 3 - given.length }, () => [1, 1, 1, 1, 0, 1])
  return [
    dtype,
    Number(task.last),
    task.groups,
    x[0] as number,
    x[1] as number,
    w[0] as number,
    ...[...missing, ...given].flat(),
    Number(task.bias),
    Number(task.residual),
    ACTIVATION_NAMES.indexOf(task.activation),
  ]
}

/** Numbers of a task's words in native code. */
const WORDS = 28
/** A task as native code names it: its kind, then its words. */
export const keyOf = (task: VendorTask, precision: MatmulPrecision): number[] => {
  const words = wordsOf(task, precision)
  return [KINDS.indexOf(task.kind), ...words, ...Array<number>(WORDS - words.length).fill(0)]
}
/** Numbers of a key. */
export const KEY_WORDS: number = 1 + WORDS
