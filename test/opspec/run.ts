/**
 * One call of an operator on a device, and the same call by the oracle. Place in the whole: what the checks of suite.ts and
 * gradient.ts share. The oracle is device 'reference' with the operands' values (as rounded to the dtype under test) in f64.
 */
import { noGrad, type Tensor, tensor } from '#lib/index.js'
import { type DType, isFloating, type TypedArray } from '#lib/tensor/dtype.js'
import { type Shape, show } from '#lib/tensor/shape.js'
import { numbers } from '../helpers/compare.js'
import { type Layout, type Placed, place, settle } from '../helpers/layout.js'
import type { Input, OpSpec, Sample } from './spec.js'

export interface HostTensor {
  dtype: DType
  shape: Shape
  data: TypedArray
}

export const asList = (t: Tensor | readonly Tensor[]): readonly Tensor[] => (Array.isArray(t) ? t : [t as Tensor])

/** The operands on a device; absent ones stay null. */
export function operands(sample: Sample, dtype: DType, device: string, layouts: readonly Layout[]): (Placed | null)[] {
  return sample.inputs.map((input, i) => {
    if (!input) return null
    const layout = layoutOf(input, layouts[i] ?? 'contiguous')
    return place(settle(input.values, input.shape, layout), input.shape, input.dtype ?? dtype, device, layout)
  })
}

const layoutOf = (input: Input, layout: Layout): Layout =>
  input.mutated && layout === 'broadcast' ? 'contiguous' : layout

export const tensorsOf = (placed: readonly (Placed | null)[]): Tensor[] =>
  placed.map((p) => (p ? p.tensor : null) as Tensor)

export const hostOf = (t: Tensor): HostTensor => ({ dtype: t.dtype, shape: t.shape, data: t.dataSync() })

/** What the operands hold, for the oracle; operands of the dtype under test go to the oracle's. */
export function hostOperands(
  spec: OpSpec,
  sample: Sample,
  dtype: DType,
  tensors: readonly (Tensor | null)[],
): (HostTensor | null)[] {
  const wide = spec.oracle?.(dtype) ?? (isFloating(dtype) ? 'f64' : dtype)
  return sample.inputs.map((input, i) => {
    if (!input) return null
    const own = input.dtype
    const target = own === undefined ? wide : isFloating(own) && wide === 'f64' ? 'f64' : own
    return { dtype: target, shape: input.shape, data: (tensors[i] as Tensor).dataSync() }
  })
}

export function upload(host: HostTensor | null, device: string): Tensor {
  if (!host) return null as unknown as Tensor
  return tensor(host.data, { dtype: host.dtype, shape: host.shape, device }) as Tensor
}

/** The oracle's results, and what errors in each element are relative to. */
export interface Truth {
  results: HostTensor[]
  values: Float64Array[]
  magnitudes: Float64Array[]
  /** What the rounding of factors is relative to, where some dtype's kernel does so. */
  narrowed?: Float64Array
}

export function truthOf(spec: OpSpec, sample: Sample, hosts: readonly (HostTensor | null)[]): Truth {
  return noGrad(() => {
    const fresh = (): Tensor[] => hosts.map((h) => upload(h, 'reference'))
    const evaluate = (inputs: readonly Tensor[]): readonly Tensor[] =>
      asList(spec.call(inputs, sample.args, 'reference'))
    const y = evaluate(fresh())
    const results = y.map(hostOf)
    const values = y.map(numbers)
    const { magnitude, narrowed } = spec.accuracy
    // Sums of absolute values are real numbers, whatever the dtype.
    const wide = (): Tensor[] =>
      fresh().map((t, i) => (t && sample.inputs[i]?.dtype === undefined ? (t.to('f64') as Tensor) : t))
    let magnitudes: Float64Array[]
    if (magnitude === undefined || spec.accuracy.roundings === 0) magnitudes = values.map((v) => v.map(Math.abs))
    else if (magnitude === 'norm')
      magnitudes = sample.large
        ? values.map(normEverywhere)
        : sensitivity(hosts, values, (inputs) => evaluate(inputs).map(numbers))
    else {
      const m = asList(magnitude(wide(), sample.args)).map(numbers)
      magnitudes = values.map((v, i) => m[i] ?? v.map(Math.abs))
    }
    return {
      results,
      values,
      magnitudes,
      ...(narrowed ? { narrowed: numbers(narrowed.magnitude(wide(), sample.args)) } : {}),
    }
  })
}

const PROBES = 3
const NUDGE = 2 ** -20

/**
 * For each element of f's results: the largest of its array's norm and its change, relative to NUDGE, when every
 * floating-point operand is nudged by a relative NUDGE of random sign: what a backward-stable algorithm may be wrong by.
 */
export function sensitivity(
  hosts: readonly (HostTensor | null)[],
  values: readonly Float64Array[],
  f: (inputs: readonly Tensor[]) => readonly Float64Array[],
): Float64Array[] {
  const out = values.map(normEverywhere)
  let state = 1
  const sign = (): number => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) & 0x8000 ? 1 : -1)
  for (let probe = 0; probe < PROBES; probe++) {
    const nudged = hosts.map((h) => {
      if (!h || !isFloating(h.dtype)) return upload(h, 'reference')
      return upload(
        { ...h, data: new Float64Array(h.data as ArrayLike<number>).map((x) => x * (1 + sign() * NUDGE)) },
        'reference',
      )
    })
    f(nudged).forEach((v, k) => {
      const target = out[k] as Float64Array
      v.forEach((x, i) => {
        const change = Math.abs(x - (values[k] as Float64Array)[i]!) / NUDGE
        if (change > (target[i] as number)) target[i] = change
      })
    })
  }
  return out
}

/** The largest finite absolute value. */
export const norm = (v: Float64Array): number =>
  v.reduce((m, x) => (Number.isFinite(x) && Math.abs(x) > m ? Math.abs(x) : m), 0)

const normEverywhere = (v: Float64Array): Float64Array => new Float64Array(v.length).fill(norm(v))

export function describeSample(spec: OpSpec, sample: Sample, dtype: DType, layouts: readonly Layout[]): string {
  const shapes = sample.inputs
    .map((x, i) =>
      x ? `${show(x.shape)}${layouts[i] && layouts[i] !== 'contiguous' ? ` ${layouts[i]}` : ''}` : 'none',
    )
    .join(', ')
  return `${spec.name} ${dtype} of ${shapes} ${JSON.stringify(sample.args)}`
}

export const isDifferentiable = (sample: Sample): boolean =>
  sample.differentiable ?? sample.inputs.every((x) => !x || x.values.every((v) => Number.isFinite(v)))

export const numelOfSample = (sample: Sample): number =>
  sample.inputs.reduce((n, x) => n + (x ? x.values.length : 0), 0)
