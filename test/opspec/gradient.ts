/**
 * Gradients against finite differences, and against the oracle's. Place in the whole: the gradient half of suite.ts.
 *
 * Analytic gradients of the TypeScript rules are proved once, in f64 on the reference device, against central differences;
 * other devices and dtypes are then held against those.
 */
import { noGrad, type Tensor, tensor } from '#lib/index.js'
import { type DType, isFloating } from '#lib/tensor/dtype.js'
import { expectClose, numbers } from '../helpers/compare.js'
import type { Layout } from '../helpers/layout.js'
import { Random } from '../helpers/random.js'
import {
  asList,
  describeSample,
  type HostTensor,
  hostOperands,
  norm,
  operands,
  sensitivity,
  tensorsOf,
  upload,
} from './run.js'
import type { OpSpec, Sample } from './spec.js'
import { eps, growth, tolerances } from './tolerance.js'

/** Which operands have gradients. */
export function variables(sample: Sample): number[] {
  return sample.inputs.flatMap((x, i) => (x && x.dtype === undefined && !x.constant && !x.mutated ? [i] : []))
}

const CONTIGUOUS: readonly Layout[] = []

interface Point {
  hosts: (HostTensor | null)[]
  at: number[]
}

function pointOf(spec: OpSpec, sample: Sample): Point {
  const tensors = tensorsOf(operands(sample, 'f64', 'reference', CONTIGUOUS))
  return { hosts: hostOperands(spec, sample, 'f64', tensors), at: variables(sample) }
}

/** Runs the operator with gradients on and gives the differentiable operands and the differentiable results. */
function forward(
  spec: OpSpec,
  sample: Sample,
  inputs: readonly Tensor[],
  at: readonly number[],
  device: string,
): { leaves: Tensor[]; results: Tensor[] } {
  const leaves = at.map((i) => (inputs[i] as Tensor).requiresGrad_())
  const results = asList(spec.call(inputs, sample.args, device)).filter((y) => y.requiresGrad)
  return { leaves, results }
}

function pullBack(results: readonly Tensor[], cotangents: readonly Tensor[], createGraph = false): void {
  results.forEach((y, k) => {
    y.backward({ gradient: cotangents[k] as Tensor, retainGraph: createGraph || k < results.length - 1, createGraph })
  })
}

const zerosFor = (t: Tensor): Float64Array => new Float64Array(t.numel)
const gradOf = (leaf: Tensor): Float64Array => (leaf.grad ? numbers(leaf.grad) : zerosFor(leaf))
const cotangentsFor = (results: readonly Tensor[], random: Random): Float64Array[] =>
  results.map((y) => random.array(y.numel, (r) => r.uniform(-1, 1)))
const place = (values: Float64Array, like: Tensor): Tensor =>
  tensor(values, { dtype: like.dtype, shape: like.shape, device: like.device }) as Tensor

/** The oracle's gradients. */
export function oracleGradients(
  spec: OpSpec,
  sample: Sample,
  hosts: readonly (HostTensor | null)[],
  cotangents: Float64Array[] | null,
  random: Random,
): { grads: Float64Array[]; cotangents: Float64Array[] } {
  const { leaves, results } = forward(
    spec,
    sample,
    hosts.map((h) => upload(h, 'reference')),
    variables(sample),
    'reference',
  )
  const chosen = cotangents ?? cotangentsFor(results, random)
  pullBack(
    results,
    results.map((y, k) => place(chosen[k] as Float64Array, y)),
  )
  return { grads: leaves.map(gradOf), cotangents: chosen }
}

// ---- finite differences

/** h minimises truncation (h^2) against rounding (eps / h) once the h^2 term is cancelled: eps^(1/5). */
const STEP = eps('f64') ** (1 / 5)
/** More elements than this are checked along random directions. */
const ELEMENTWISE = 40
const DIRECTIONS = 3

/**
 * The derivative of `f` along each direction by central differences with steps h and 2h, against the gradient. Their
 * difference measures the truncation error that extrapolation then removes, so it bounds the error.
 */
function compareWithDifferences(
  what: string,
  f: (x: Float64Array) => { value: number; scale: number },
  x: Float64Array,
  gradient: Float64Array,
  roundings: number,
  random: Random,
): void {
  const n = x.length
  const directions: Float64Array[] = []
  if (n <= ELEMENTWISE)
    for (let i = 0; i < n; i++) directions.push(Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)))
  else for (let i = 0; i < DIRECTIONS; i++) directions.push(random.array(n, (r) => r.uniform(-1, 1)))
  directions.forEach((v, k) => {
    const along = (h: number): { value: number; scale: number } => f(x.map((xi, i) => xi + h * (v[i] as number)))
    const points = [along(STEP), along(-STEP), along(2 * STEP), along(-2 * STEP)] as const
    const near = (points[0].value - points[1].value) / (2 * STEP)
    const far = (points[2].value - points[3].value) / (4 * STEP)
    const numeric = (4 * near - far) / 3
    const analytic = gradient.reduce((s, g, i) => s + g * (v[i] as number), 0)
    const noise = (eps('f64') * (roundings + growth('f64', n)) * Math.max(...points.map((p) => p.scale))) / STEP
    const tolerance = Math.abs(near - far) + noise
    if (!(Math.abs(numeric - analytic) <= tolerance)) {
      throw new Error(
        `${what}: derivative ${n <= ELEMENTWISE ? `by element ${k}` : `along direction ${k}`} is ${analytic}, by differences ${numeric}; tolerance ${tolerance.toExponential(2)}`,
      )
    }
  })
}

/** The operands' differentiable values in one array, and back. */
function flatten(point: Point): { x: Float64Array; at: (x: Float64Array) => (HostTensor | null)[] } {
  const parts = point.at.map((i) => Float64Array.from((point.hosts[i] as HostTensor).data as ArrayLike<number>))
  const at = (x: Float64Array): (HostTensor | null)[] => {
    let from = 0
    const hosts = point.hosts.slice()
    point.at.forEach((i, k) => {
      const n = (parts[k] as Float64Array).length
      hosts[i] = { ...(point.hosts[i] as HostTensor), data: x.slice(from, (from += n)) }
    })
    return hosts
  }
  return { x: join(parts), at }
}

function join(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((n, p) => n + p.length, 0))
  let from = 0
  for (const p of parts) {
    all.set(p, from)
    from += p.length
  }
  return all
}

const dot = (a: Float64Array, b: Float64Array): { value: number; scale: number } => {
  let [value, scale] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    value += (a[i] as number) * (b[i] as number)
    scale += Math.abs((a[i] as number) * (b[i] as number))
  }
  return { value, scale }
}

const total = (all: readonly { value: number; scale: number }[]): { value: number; scale: number } =>
  all.reduce((s, d) => ({ value: s.value + d.value, scale: s.scale + d.scale }), { value: 0, scale: 0 })

const backwardRoundings = (spec: OpSpec): number => spec.gradient?.roundings ?? 2 * spec.accuracy.roundings + 2

/** Analytic gradient in f64 against central differences. */
export function checkFirstDerivative(spec: OpSpec, sample: Sample): void {
  const what = `gradient of ${describeSample(spec, sample, 'f64', CONTIGUOUS)}`
  const random = new Random(what)
  const point = pointOf(spec, sample)
  const { grads, cotangents } = oracleGradients(spec, sample, point.hosts, null, random)
  const { x, at } = flatten(point)
  const f = (v: Float64Array): { value: number; scale: number } =>
    noGrad(() => {
      const y = asList(
        spec.call(
          at(v).map((h) => upload(h, 'reference')),
          sample.args,
          'reference',
        ),
      ).filter((t) => isFloating(t.dtype))
      return total(cotangents.map((c, k) => dot(numbers(y[k] as Tensor), c)))
    })
  compareWithDifferences(what, f, x, join(grads), backwardRoundings(spec), random)
}

/** The gradient of (gradient . v), through a recorded backward pass, against central differences of the gradient. */
export function checkSecondDerivative(spec: OpSpec, sample: Sample): void {
  const what = `second derivative of ${describeSample(spec, sample, 'f64', CONTIGUOUS)}`
  const random = new Random(what)
  const point = pointOf(spec, sample)
  const { leaves, results } = forward(
    spec,
    sample,
    point.hosts.map((h) => upload(h, 'reference')),
    point.at,
    'reference',
  )
  const cotangents = cotangentsFor(results, random)
  pullBack(
    results,
    results.map((y, k) => place(cotangents[k] as Float64Array, y)),
    true,
  )
  const first = leaves.map((leaf) => {
    const g = leaf.grad
    leaf.grad = null
    return g
  })
  const v = leaves.map((leaf) => random.array(leaf.numel, (r) => r.uniform(-1, 1)))
  first.forEach((g, k) => {
    if (g?.requiresGrad) g.backward({ gradient: place(v[k] as Float64Array, g), retainGraph: true })
  })
  const second = leaves.map(gradOf)
  for (const g of first) g?.dispose()
  const { x, at } = flatten(point)
  const f = (values: Float64Array): { value: number; scale: number } => {
    const { grads } = oracleGradients(spec, sample, at(values), cotangents, random)
    return total(grads.map((g, k) => dot(g, v[k] as Float64Array)))
  }
  compareWithDifferences(what, f, x, join(second), 2 * backwardRoundings(spec), random)
}

/** Gradients on a device against the oracle's, relative to their norm and their sensitivity. */
export function checkDeviceGradient(
  spec: OpSpec,
  sample: Sample,
  dtype: DType,
  device: string,
  layouts: readonly Layout[],
): void {
  const what = `gradient of ${describeSample(spec, sample, dtype, layouts)} on ${device}`
  const random = new Random(what)
  const at = variables(sample)
  const inputs = tensorsOf(operands(sample, dtype, device, layouts))
  const hosts = hostOperands(spec, sample, dtype, inputs)
  const { leaves, results } = forward(spec, sample, inputs, at, device)
  // The cotangents as rounded to the dtype are the truth's.
  const onDevice = cotangentsFor(results, random).map((c, k) => place(c, results[k] as Tensor))
  const cotangents = onDevice.map(numbers)
  pullBack(results, onDevice)
  const { grads } = oracleGradients(spec, sample, hosts, cotangents, random)
  const scale = sensitivity(hosts, grads, (nudged) => {
    const run = forward(spec, sample, nudged, at, 'reference')
    pullBack(
      run.results,
      run.results.map((y, k) => place(cotangents[k] as Float64Array, y)),
    )
    return run.leaves.map(gradOf)
  })
  // A sum of cotangents may cancel in the gradient's norm, not in theirs.
  const least = Math.max(0, ...cotangents.map(norm))
  leaves.forEach((leaf, k) => {
    const truth = grads[k] as Float64Array
    const terms = inputs.reduce((n, t) => n + (t ? t.numel : 0), 0)
    const model = { out: dtype, compute: dtype, roundings: backwardRoundings(spec), terms }
    const tolerance = tolerances(
      model,
      truth,
      (scale[k] as Float64Array).map((s) => Math.max(s, least)),
    )
    const grad = leaf.grad ?? (place(zerosFor(leaf), leaf) as Tensor)
    expectClose(`${what}: operand ${at[k]}`, grad, { dtype, shape: leaf.shape, values: truth }, tolerance)
  })
}
