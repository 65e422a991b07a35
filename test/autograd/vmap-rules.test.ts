/**
 * Batching rules against samples one by one. Place in the whole: goes through the OpSpecs of every operator, so a rule of
 * lib/batching that is wrong, or one that is missing for a new form of a call, shows here.
 */
import { describe, expect, it } from 'vitest'
import { grad, noGrad, randn, scope, stack, type Tensor, vmap, zerosLike } from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { isFloating } from '#lib/tensor/dtype.js'
import { numbers } from '../helpers/compare.js'
import { SPECS } from '../ops/specs.js'
import { variables } from '../opspec/gradient.js'
import { caught, samplesOf } from '../opspec/plan.js'
import { asList, isDifferentiable, numelOfSample, operands, tensorsOf } from '../opspec/run.js'
import type { OpSpec, Sample } from '../opspec/spec.js'

const SAMPLES = 3
/** Elements of the operands: rules know shapes, not sizes. */
const SMALL = 400

/** The sample and two like it: values moved on among themselves, which keeps indices and probabilities what they are. */
function batchOf(sample: Sample): Sample[] {
  return Array.from({ length: SAMPLES }, (_, b) => ({
    ...sample,
    inputs: sample.inputs.map((x) => {
      if (!x || x.ordered || x.values.length < 2) return x
      const by = (b * 3) % x.values.length
      return { ...x, values: Float64Array.from([...x.values.slice(by), ...x.values.slice(0, by)]) }
    }),
  }))
}

type Inputs = readonly (Tensor | null)[]
const upload = (sample: Sample, dtype: DType): Inputs => tensorsOf(operands(sample, dtype, 'cpu', []))

/** For each way of mapping over some of the operands: which of them. */
function mappings(sample: Sample): boolean[][] {
  const present = sample.inputs.map((x) => x !== null)
  const written = sample.inputs.map((x) => x?.mutated === true)
  const ways = [present]
  const count = present.filter(Boolean).length
  if (count > 1)
    present.forEach((there, i) => {
      if (there) ways.push(present.map((_, k) => k === i || (written[k] as boolean)))
    })
  return ways
}

function close(what: string, a: Tensor, b: Tensor): void {
  expect(a.shape, what).toEqual(b.shape)
  expect(a.dtype, what).toBe(b.dtype)
  const [x, y] = [numbers(a), numbers(b)]
  // Other orders of sums, no other terms: a few roundings of the largest element.
  const scale = y.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 1)
  const eps =
    a.dtype === 'f64' || a.dtype === 'c128'
      ? 2 ** -52
      : a.dtype === 'bf16'
        ? 2 ** -8
        : a.dtype === 'f16'
          ? 2 ** -11
          : 2 ** -23
  x.forEach((v, i) => {
    const w = y[i] as number
    if (Object.is(v, w) || (Number.isNaN(v) && Number.isNaN(w)) || v === w) return
    if (!(Math.abs(v - w) <= 2000 * eps * scale)) expect(v, `${what}, element ${i}`).toBe(w)
  })
}

type Many = (...inputs: (Tensor | null)[]) => Tensor[]

/** `f` of the batch by vmap. */
function mappedOver(f: Many, batch: readonly Inputs[], mapped: readonly boolean[]): Tensor[] {
  const args = (batch[0] as Inputs).map((x, i) =>
    x !== null && mapped[i] ? stack(batch.map((s) => s[i]) as Tensor[], 0) : x,
  )
  return vmap(f, { inAxes: mapped.map((m) => (m ? 0 : null)), randomness: 'same' })(...args)
}

/** `f` of one sample after the other. */
function oneByOne(f: Many, batch: readonly Inputs[], mapped: readonly boolean[]): Tensor[] {
  const first = batch[0] as Inputs
  const parts = batch.map((s) => f(...s.map((x, i) => (x !== null && mapped[i] ? x.clone() : (first[i] as Tensor)))))
  return (parts[0] as Tensor[]).map((_, k) =>
    stack(
      parts.map((p) => p[k] as Tensor),
      0,
    ),
  )
}

/** Gradients of a weighted sum of the results by the operands at `at`. */
const gradientOf =
  (f: Many, at: readonly number[]): Many =>
  (...inputs) => {
    const leaves = inputs.map((x, i) => (x !== null && at.includes(i) ? (x.detach().requiresGrad_() as Tensor) : x))
    const results = f(...leaves).filter((y) => y.requiresGrad)
    const losses = results.map((y) => y.mul(y).mul(0.5).add(y).sum())
    const wanted = at.map((i) => leaves[i] as Tensor)
    if (losses.length === 0) return wanted.map((x) => x.mul(0))
    return grad(losses, wanted, { allowUnused: true }).map((g, k) => g ?? (wanted[k] as Tensor).mul(0))
  }

function compare(what: string, f: Many, batch: readonly Inputs[], mapped: readonly boolean[]): void {
  let parts: Tensor[] = []
  // What moving values made invalid is refused of a batch too, and so are results of different shapes.
  const refusal = caught(() => {
    parts = oneByOne(f, batch, mapped)
  })
  if (refusal !== undefined) {
    expect(
      caught(() => mappedOver(f, batch, mapped)),
      what,
    ).toBeDefined()
    return
  }
  const whole = mappedOver(f, batch, mapped)
  expect(whole.length, what).toBe(parts.length)
  whole.forEach((y, k) => {
    let values: unknown
    // Execution may refuse too: an index that is out of range, a matrix that is not positive definite.
    const failed = caught(() => numbers(parts[k] as Tensor))
    if (failed !== undefined) {
      expect(
        caught(() => (values = numbers(y))),
        `${what}: ${String(values)}`,
      ).toBeDefined()
      return
    }
    close(`${what}, result ${k}`, y, parts[k] as Tensor)
  })
}

/** Gradients along several directions of a graph that was recorded before. */
function compareRecorded(what: string, f: Many, inputs: Inputs, at: readonly number[]): void {
  const leaves = inputs.map((x, i) => (x !== null && at.includes(i) ? (x.detach().requiresGrad_() as Tensor) : x))
  const results = f(...leaves).filter((y) => y.requiresGrad)
  if (results.length === 0 || caught(() => results.forEach(numbers)) !== undefined) return
  const wanted = at.map((i) => leaves[i] as Tensor)
  const along: Many = (...directions) =>
    grad(results, wanted, {
      gradOutputs: directions as Tensor[],
      retainGraph: true,
      allowUnused: true,
    }).map((g, k) => g ?? zerosLike(wanted[k] as Tensor))
  const directions = results.map(({ shape, dtype }) => randn([SAMPLES, ...shape], { dtype }))
  const expected = Array.from({ length: SAMPLES }, (_, i) => along(...directions.map((d) => d.select(0, i))))
  vmap(along)(...directions).forEach((g, k) => {
    const each = expected.map((all) => all[k] as Tensor)
    close(`${what}, recorded outside, gradient ${k}`, g, stack(each, 0))
  })
}

function dtypeOf(spec: OpSpec): DType {
  return spec.dtypes.includes('f64') ? 'f64' : (spec.dtypes.find((d) => isFloating(d)) ?? (spec.dtypes[0] as DType))
}

for (const [family, specs] of Object.entries(SPECS)) {
  describe(family, () => {
    for (const spec of specs) {
      it(spec.name, () => {
        const dtype = dtypeOf(spec)
        const samples = samplesOf(spec, dtype).filter(
          (s) => numelOfSample(s) <= SMALL && s.inputs.some((x) => x !== null),
        )
        // Samples of one kind differ in sizes: some of each list's beginning and end will do.
        const chosen = samples.length > 10 ? [...samples.slice(0, 6), ...samples.slice(-4)] : samples
        chosen.forEach((sample, i) => {
          for (const mapped of mappings(sample)) {
            const what = `${spec.name}, sample ${i} ${JSON.stringify(sample.inputs.map((x) => x?.shape))} ${JSON.stringify(sample.args)}, mapped ${mapped.map(Number).join('')}`
            const f: Many = (...inputs) => [...asList(spec.call(inputs as Tensor[], sample.args, 'cpu'))]
            scope(() => {
              const batch = noGrad(() => batchOf(sample).map((s) => upload(s, dtype)))
              noGrad(() => compare(what, f, batch, mapped))
              const at = variables(sample).filter((v) => mapped[v])
              if (!spec.gradient || !isFloating(dtype) || !isDifferentiable(sample) || at.length === 0) return
              compare(`${what}, gradients`, gradientOf(f, at), batch, mapped)
              if (mapped.every((is, k) => is || sample.inputs[k] === null))
                compareRecorded(what, f, batch[0] as Inputs, at)
            })
          }
        })
      })
    }
  })
}
