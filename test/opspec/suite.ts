/**
 * From OpSpecs to tests. Place in the whole: called by every test/ops/<family>.test.ts.
 *
 * For each operator: every dtype in every layout against the oracle, refusal of the other dtypes, gradients, errors, results
 * that do not depend on the number of threads, and the proof that the claimed rows of native/ops.def really ran.
 * SINTER_OPS_QUICK=1 leaves out what is the same for every instruction set.
 */
import { afterAll, test as declare, describe, expect } from 'vitest'
import { engine, noGrad, SinterError, scope, type Tensor } from '#lib/index.js'
import { DTYPES, type DType, isComplex, isFloating } from '#lib/tensor/dtype.js'
import { expectClose, expectSameBits, expectSameIntegers } from '../helpers/compare.js'
import { LAYOUTS, type Layout, type Placed, place } from '../helpers/layout.js'
import { simulated } from '../helpers/simulator.js'
import { variables } from './gradient.js'
import { testCaptures, testGradient } from './gradient-suite.js'
import { watchOpcodes } from './opcodes.js'
import {
  absentOperator,
  caught,
  devices,
  firstSample,
  orSkip,
  PARALLEL,
  part,
  quick,
  SMALL,
  samplesOf,
  type Test,
  taken,
} from './plan.js'
import {
  asList,
  describeSample,
  hostOperands,
  isDifferentiable,
  numelOfSample,
  operands,
  type Truth,
  tensorsOf,
  truthOf,
} from './run.js'
import { type OpSpec, type Sample, TAKE_COMPLEX } from './spec.js'
import { tolerances } from './tolerance.js'

export function testOps(specs: readonly OpSpec[]): void {
  for (const device of devices) {
    describe(device, () => {
      for (const spec of specs) describe(spec.name, () => testOp(spec, device))
      testCaptures(specs, device)
    })
  }
}

function testOp(spec: OpSpec, device: string): void {
  const seen = watchOpcodes(device)
  // With a name filter not all tests run, and their operators neither.
  const counts = { declared: 0, ran: 0 }
  const test: Test = (name, body) => {
    counts.declared++
    declare(name, async ({ skip }) => {
      await orSkip(device, skip, body)
      counts.ran++
    })
  }
  for (const dtype of spec.dtypes) {
    test(dtype, () => {
      samplesOf(spec, dtype).forEach((sample, i) => {
        if (!sample.cpu || device === 'cpu') checkSample(spec, sample, dtype, device, i)
      })
    })
  }
  if (spec.gradient) testGradient(spec, device, test)
  const refused = (spec.refuses ?? DTYPES.filter((d) => !spec.dtypes.includes(d))).filter(
    (d) => !(isComplex(d) && TAKE_COMPLEX.has(spec.name)),
  )
  if (refused.length > 0)
    test(`refuses ${refused.join(', ')}`, () => {
      for (const dtype of refused) checkRefusal(spec, dtype, device)
    })
  for (const [name, error] of Object.entries(spec.errors ?? {})) {
    test(`error: ${name}`, () => {
      const thrown = scope(() => caught(() => error.call(device)))
      if (absentOperator(device, thrown)) throw thrown
      expect(thrown).toBeInstanceOf(SinterError)
      expect({ code: (thrown as SinterError).code, message: (thrown as Error).message }).toEqual({
        code: error.code,
        message: error.message,
      })
    })
  }
  if (!quick) testLarge(spec, device, test)
  afterAll(() => {
    const missing = spec.ops.filter((op) => !seen.has(op))
    if (missing.length > 0 && counts.ran === counts.declared)
      throw new Error(`${spec.name}: its tests never ran ${missing.join(', ')} on ${device}`)
  })
}

// ---- results

function checkSample(spec: OpSpec, sample: Sample, dtype: DType, device: string, index: number): void {
  // The truth depends on the layout only where broadcasting makes elements equal.
  const truths = new Map<string, Truth>()
  for (const layouts of layoutsFor(sample, dtype, index)) {
    scope(() => {
      const what = describeSample(spec, sample, dtype, layouts)
      const placed = operands(sample, dtype, device, layouts)
      const inputs = tensorsOf(placed)
      const key = layouts.map((l) => l === 'broadcast').join()
      let truth = truths.get(key)
      if (!truth) truths.set(key, (truth = truthOf(spec, sample, hostOperands(spec, sample, dtype, inputs))))
      const results = noGrad(() => asList(spec.call(inputs, sample.args, device)))
      expect(results.length, what).toBe(truth.results.length)
      results.forEach((y, k) => {
        compare(spec, `${what}${k > 0 ? `, result ${k}` : ''}`, sample, dtype, y, truth as Truth, k)
      })
      placed.forEach((p, i) => {
        if (p && sample.inputs[i]?.mutated) checkPoison(what, p, layouts[i])
      })
    })
  }
}

function compare(spec: OpSpec, what: string, sample: Sample, dtype: DType, y: Tensor, truth: Truth, k: number): void {
  const expected = truth.results[k] as Truth['results'][number]
  const own = spec.result?.(dtype, k) ?? (k > 0 && !isFloating(expected.dtype) ? expected.dtype : dtype)
  const { roundings, terms, serial, composed, narrowed } = spec.accuracy
  if (!isFloating(own)) {
    expectSameIntegers(what, y, { ...expected, dtype: own })
    return
  }
  // Integers are first converted to f32.
  const model = {
    out: own,
    compute: own === 'f64' ? ('f64' as const) : composed && isFloating(dtype) ? dtype : ('f32' as const),
    roundings: roundings + (isFloating(dtype) || roundings === 0 ? 0 : 1),
    terms: terms?.(sample.inputs, sample.args) ?? 1,
    ...(serial ? { serial } : {}),
    roundedTruth: expected.dtype === own && own !== 'f64',
  }
  const values = truth.values[k] as Float64Array
  const narrow = (y.device.startsWith('cuda') && narrowed?.onCuda) || narrowed?.dtypes
  const factors = narrow?.includes(own) ? truth.narrowed : undefined
  const tolerance = tolerances(model, values, truth.magnitudes[k] as Float64Array, factors)
  expectClose(what, y, { dtype: own, shape: expected.shape, values }, tolerance, spec.signedZeros)
}

/**
 * f32 runs every layout (in a part of the matrix with some samples); the other dtypes one that differs from sample to sample and from
 * operand to operand.
 */
function layoutsFor(sample: Sample, dtype: DType, index: number): Layout[][] {
  const all = (layout: Layout): Layout[] => sample.inputs.map(() => layout)
  const list = [all('contiguous')]
  const n = numelOfSample(sample)
  if (n < 2 || n > SMALL) return list
  if (dtype === 'f32' && taken(dtype, index)) for (const layout of LAYOUTS.slice(1)) list.push(all(layout))
  list.push(sample.inputs.map((_, i) => LAYOUTS[(index + i) % LAYOUTS.length] as Layout))
  return list
}

/** An in-place operator on a view leaves the elements beside it alone. */
function checkPoison(what: string, placed: Placed, layout: Layout | undefined): void {
  if (placed.base === placed.tensor || (layout !== 'stepped' && layout !== 'offset')) return
  const { base } = placed
  const axis = layout === 'stepped' ? base.rank - 1 : 0
  const size = base.shape[axis] as number
  const beside =
    layout === 'stepped' ? [base.slice(axis, 1, size, 2)] : [base.slice(0, 0, 1), base.slice(0, size - 1, size)]
  for (const part of beside) {
    const poison = Array.from(part.dataSync() as ArrayLike<number | bigint>, Number)
    const kept = poison.every((v) =>
      isFloating(base.dtype) ? Number.isNaN(v) : v === (base.dtype === 'bool' ? 1 : 77),
    )
    if (!kept) throw new Error(`${what}: elements beside the view were written`)
  }
}

// ---- refusals and threads

function checkRefusal(spec: OpSpec, dtype: DType, device: string): void {
  const usual = spec.dtypes[0] as DType
  const sample = firstSample(spec, usual, (s) => numelOfSample(s) > 0 && numelOfSample(s) <= SMALL) as Sample
  const error = scope(() =>
    caught(() => {
      const inputs = sample.inputs.map((x) => {
        if (!x) return null as unknown as Tensor
        const t = place(x.values, x.shape, x.dtype ?? usual, device, 'contiguous').tensor
        return x.dtype === undefined ? (t.to(dtype) as Tensor) : t
      })
      for (const y of noGrad(() => asList(spec.call(inputs, sample.args, device)))) y.dataSync()
    }),
  )
  if (absentOperator(device, error)) throw error
  const what = `${spec.name} of ${dtype}`
  expect(error, `${what} was accepted`).toBeInstanceOf(SinterError)
  expect((error as SinterError).code, `${what}: ${(error as Error).message}`).toMatch(/^SINTER_(DTYPE|UNSUPPORTED)$/)
  expect((error as Error).message, what).toContain(dtype)
}

/** How large samples are divided must not show: by threads; on a card by blocks, whose order is another in every run. */
function testLarge(spec: OpSpec, device: string, test: Test): void {
  const onSimulator = device !== 'cpu' && simulated
  // There no sum depends on an order (scripts/cuda-bars.mjs): samples are made for the checker.
  if (part) return
  const dtypes = spec.dtypes.filter((d) => PARALLEL.includes(d))
  if (!dtypes.some((d) => firstSample(spec, d, (s) => s.large === true))) return
  const forEachLarge = (check: (what: string, run: () => Tensor[]) => void): void => {
    for (const dtype of dtypes)
      for (const sample of samplesOf(spec, dtype).filter((s) => s.large && (!s.cpu || device === 'cpu')))
        scope(() => check(describeSample(spec, sample, dtype, []), () => runWithGradients(spec, sample, dtype, device)))
  }
  if (onSimulator) {
    test('large samples', () =>
      forEachLarge((_, run) => {
        for (const y of run()) y.dataSync()
      }))
    return
  }
  const threads = engine.threads
  const [fewer, more] = device === 'cpu' ? [1, Math.max(2, threads)] : [threads, threads]
  test(`the same bits ${device === 'cpu' ? 'with one thread and with several' : 'in two runs'}`, () => {
    try {
      forEachLarge((what, run) => {
        engine.setThreads(fewer)
        const one = run()
        engine.setThreads(more)
        const several = run()
        one.forEach((y, i) => {
          expectSameBits(`${what}, result ${i}`, y, several[i] as Tensor)
        })
      })
    } finally {
      engine.setThreads(threads)
    }
  })
}

/** Results, then gradients for cotangents of one. */
function runWithGradients(spec: OpSpec, sample: Sample, dtype: DType, device: string): Tensor[] {
  const inputs = tensorsOf(operands(sample, dtype, device, []))
  const wanted =
    spec.gradient && isFloating(dtype) && isDifferentiable(sample)
      ? variables(sample).map((i) => inputs[i] as Tensor)
      : []
  for (const x of wanted) x.requiresGrad_()
  const results = asList(spec.call(inputs, sample.args, device))
  const differentiable = results.filter((y) => y.requiresGrad)
  differentiable.forEach((y, k) => {
    const ones = place(new Float64Array(y.numel).fill(1), y.shape, y.dtype, device, 'contiguous').tensor
    y.backward({ gradient: ones, retainGraph: k < differentiable.length - 1 })
  })
  return [...results.map((y) => y.detach()), ...wanted.flatMap((x) => (x.grad ? [x.grad] : []))]
}
