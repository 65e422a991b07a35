/**
 * Tests of operators from outside, by a description of each. Place in the whole: the OpSpec of users; it throws, so it works
 * under any test runner.
 */

import { noGrad } from '../autograd/mode.js'
import { gradcheck, gradgradcheck } from '../derivatives/gradcheck.js'
import { engine } from '../engine/engine.js'
import { scope } from '../engine/lifetime.js'
import { SinterError, ValueError } from '../errors.js'
import { filled } from '../filled.js'
import { tensor } from '../ops/creation.js'
import { type DType, isFloating } from '../tensor/dtype.js'
import { numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

export interface OperatorSample<A> {
  /** Shapes of the inputs; their values are drawn from a fixed sequence in [low, high). */
  shapes: readonly Shape[]
  args: A
}

export interface OperatorSpec<A> {
  name: string
  call(inputs: readonly Tensor[], args: A): Tensor | readonly Tensor[]
  /** The same in plain numbers, row-major: the truth. */
  reference(inputs: readonly Float64Array[], args: A, shapes: readonly Shape[]): Float64Array | readonly Float64Array[]
  samples: readonly OperatorSample<A>[]
  /** Default f32 and f64. */
  dtypes?: readonly DType[]
  /** Range of the inputs' values. Default -2 to 2. */
  low?: number
  high?: number
  /** Roundings between an input and a result; the tolerance is (roundings + log2(elements)) eps times the largest |y|. Default 8. */
  roundings?: number
  /** Check first and second derivatives by finite differences. Default true. */
  gradient?: boolean
}

const EPS: Readonly<Partial<Record<DType, number>>> = { f32: 2 ** -23, f64: 2 ** -52, bf16: 2 ** -7, f16: 2 ** -10 }

/**
 * Checks an operator: every sample in every dtype, contiguous and as strided views, against the reference; first and second
 * derivatives against differences; and that nothing is left behind.
 *
 * @throws SinterError SINTER_OPERATOR_SPEC saying what differs
 */
export function checkOperator<A>(spec: OperatorSpec<A>): void {
  if (spec.samples.length === 0) throw new ValueError(`checkOperator: '${spec.name}' has no samples`)
  engine.syncSync()
  const before = engine.memory().tensors
  for (const dtype of spec.dtypes ?? (['f32', 'f64'] as const))
    for (const sample of spec.samples)
      for (const strided of [false, true]) scope(() => checkSample(spec, sample, dtype, strided))
  if (spec.gradient ?? true) {
    for (const sample of spec.samples) {
      scope(() => {
        const inputs = draw(spec, sample).map((v, i) =>
          tensor(v, { shape: sample.shapes[i] as Shape, dtype: 'f64' }).requiresGrad_(),
        ) as Tensor[]
        const f = (...xs: Tensor[]): Tensor | readonly Tensor[] => spec.call(xs, sample.args)
        gradcheck(f, inputs)
        gradgradcheck(f, inputs)
      })
    }
  }
  engine.syncSync()
  const left = engine.memory().tensors - before
  if (left > 0) fail(`${spec.name}: ${left} tensors were left behind`)
}

const fail = (message: string): never => {
  throw new SinterError('SINTER_OPERATOR_SPEC', message)
}

/** Values without a pattern: fractional parts of multiples of the golden ratio. */
function draw<A>(spec: OperatorSpec<A>, sample: OperatorSample<A>): Float64Array[] {
  const { low = -2, high = 2 } = spec
  let k = 0
  return sample.shapes.map((shape) =>
    filled(new Float64Array(numelOf(shape)), () => low + (high - low) * ((++k * 0.6180339887498949) % 1)),
  )
}

function numbersOf(x: Tensor): Float64Array {
  const data = x.contiguous().dataSync() as ArrayLike<number>
  return filled(new Float64Array(data.length), (i) => Number(data[i]))
}

function checkSample<A>(spec: OperatorSpec<A>, sample: OperatorSample<A>, dtype: DType, strided: boolean): void {
  const what = `${spec.name} of ${dtype} ${sample.shapes.map(show).join(', ')}${strided ? ', strided' : ''}`
  const inputs = draw(spec, sample).map((v, i) => place(v, sample.shapes[i] as Shape, dtype, strided))
  const values = inputs.map(numbersOf)
  const truth = spec.reference(values, sample.args, sample.shapes)
  const expected = truth instanceof Float64Array ? [truth] : truth
  const given = noGrad(() => spec.call(inputs, sample.args))
  const results = Array.isArray(given) ? (given as readonly Tensor[]) : [given as Tensor]
  if (results.length !== expected.length)
    fail(`${what}: ${results.length} results, by the reference ${expected.length}`)
  results.forEach((y, k) => {
    compare(what, spec.roundings ?? 8, k, y, expected[k] as Float64Array)
  })
}

function compare(what: string, roundings: number, k: number, y: Tensor, expected: Float64Array): void {
  if (y.numel !== expected.length)
    fail(`${what}: result ${k} ${show(y.shape)} has ${y.numel} elements, by the reference ${expected.length}`)
  const values = numbersOf(y)
  const norm = expected.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 0)
  const eps = isFloating(y.dtype) ? (EPS[y.dtype] as number) : 0
  const tolerance = eps * (roundings + Math.log2(1 + expected.length)) * norm
  expected.forEach((e, i) => {
    const v = values[i] as number
    const same = Object.is(v, e) || v === e || Math.abs(v - e) <= tolerance
    if (!same) fail(`${what}: result ${k}, element ${i}: ${v}, by the reference ${e}; tolerance ${tolerance}`)
  })
}

/** A tensor of these values, or every other column of a wider one whose rest is NaN. */
function place(values: Float64Array, shape: Shape, dtype: DType, strided: boolean): Tensor {
  if (!strided || shape.length === 0) return tensor(values, { shape, dtype }) as Tensor
  const last = shape[shape.length - 1] as number
  const wide = new Float64Array(values.length * 2).fill(isFloating(dtype) ? Number.NaN : 77)
  values.forEach((v, i) => {
    wide[2 * i] = v
  })
  const base = tensor(wide, { shape: [...shape.slice(0, -1), last * 2], dtype }) as Tensor
  const view = base.slice(-1, 0, 2 * last, 2)
  if (!sameShape(view.shape, shape)) fail(`checkOperator: a view of ${show(view.shape)} instead of ${show(shape)}`)
  return view
}
