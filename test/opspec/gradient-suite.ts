/** The gradient tests that an OpSpec gives. Place in the whole: the part of suite.ts for what can be differentiated. */
import { expect, test } from 'vitest'
import { AutogradError, engine, scope, type Tensor } from '#lib/index.js'
import { type DType, isFloating } from '#lib/tensor/dtype.js'
import { collectGarbage } from '../helpers/gc.js'
import { LAYOUTS, type Layout } from '../helpers/layout.js'
import { checkDeviceGradient, checkFirstDerivative, checkSecondDerivative, variables } from './gradient.js'
import { absentOperator, caught, SMALL, samplesOf, type Test, taken, testsRules } from './plan.js'
import { asList, describeSample, isDifferentiable, numelOfSample, operands, tensorsOf } from './run.js'
import type { OpSpec, Sample } from './spec.js'

function differentiableSamples(spec: OpSpec, dtype: DType): Sample[] {
  return samplesOf(spec, dtype).filter(
    (s) => isDifferentiable(s) && !s.large && numelOfSample(s) <= SMALL && variables(s).length > 0,
  )
}

/** The gradient tests of one operator. */
export function testGradient(spec: OpSpec, device: string, test: Test): void {
  if (testsRules(device)) {
    // A sample or two of each number of operands and dimensions are enough for the rules; kernels get all samples below.
    const samples = (): Sample[] =>
      distinct(differentiableSamples(spec, 'f64').filter((s) => s.byDifferences !== false))
    test('gradient: finite differences', () => {
      const list = samples()
      expect(list.length, `${spec.name} has no differentiable sample`).toBeGreaterThan(0)
      for (const sample of list) scope(() => checkFirstDerivative(spec, sample))
    })
    if (spec.gradient?.once)
      test('second derivative: refused', () => {
        const [sample] = samples() as [Sample]
        expect(() => scope(() => checkSecondDerivative(spec, sample))).toThrow(AutogradError)
      })
    else
      test('second derivative: finite differences', () => {
        for (const sample of samples()) scope(() => checkSecondDerivative(spec, sample))
      })
  }
  for (const dtype of spec.dtypes.filter(isFloating)) {
    test(`gradient ${dtype}`, () => {
      differentiableSamples(spec, dtype).forEach((sample, i) => {
        const single = numelOfSample(sample) < 2
        if (single || taken(dtype, i)) scope(() => checkDeviceGradient(spec, sample, dtype, device, []))
        if (single) return
        const layouts = sample.inputs.map((_, k) => LAYOUTS[(i + k) % LAYOUTS.length] as Layout)
        // Elements that broadcasting makes equal may tie, or be a kink.
        const safe = layouts.map((l) => (l === 'broadcast' ? ('transposed' as const) : l))
        scope(() => checkDeviceGradient(spec, sample, dtype, device, safe))
      })
    })
  }
}

const ROUNDS = 5

/**
 * A rule that captures an operand, or shares a closure's variables with a function that does, keeps its handle alive: then a
 * dropped graph is collected one operator at a time. One test for a family, as a collection takes longer than all its graphs.
 */
export function testCaptures(specs: readonly OpSpec[], device: string): void {
  const differentiable = specs.filter((spec) => spec.gradient && spec.dtypes.includes('f32'))
  if (!testsRules(device) || differentiable.length === 0) return
  test('no rule captures an operand', async () => {
    const graphs = differentiable.flatMap((spec) =>
      distinct(differentiableSamples(spec, 'f32')).map((sample) => ({
        what: describeSample(spec, sample, 'f32', []),
        ...graphOf(spec, sample, device),
      })),
    )
    // A view's handle refers to its base, which is no rule's doing: rules live longer than handles.
    for (const g of graphs) for (const y of g.results) y._view = null
    // What code that runs still refers to may outlive a collection; what a rule refers to outlives them all.
    let captured: string[] = []
    for (let round = 0; round < ROUNDS && (round === 0 || captured.length > 0); round++) {
      await collectGarbage()
      captured = graphs.filter((g) => g.operands.some((x) => x.deref() !== undefined)).map((g) => g.what)
    }
    expect(captured).toEqual([])
    for (const g of graphs) for (const y of g.results) y.dispose()
  })
}

/** Results of operands that operators made, and these operands weakly. */
function graphOf(
  spec: OpSpec,
  sample: Sample,
  device: string,
): { results: readonly Tensor[]; operands: WeakRef<Tensor>[] } {
  const inputs = tensorsOf(operands(sample, 'f32', device, []))
  const made = variables(sample).map((i) => (inputs[i] = (inputs[i] as Tensor).requiresGrad_().mul(1) as Tensor))
  const results = asList(spec.call(inputs, sample.args, device))
  // A graph holds what it holds, whether or not the device has a kernel that computes its results.
  const failure = caught(() => engine.syncSync())
  if (failure !== undefined && absentOperator(device, failure) === undefined) throw failure
  return {
    results: results.filter((y) => !inputs.includes(y)),
    operands: made.filter((x) => !results.includes(x)).map((x) => new WeakRef(x)),
  }
}

function distinct(samples: readonly Sample[]): Sample[] {
  const counts = new Map<string, number>()
  return samples.filter((s) => {
    const key = `${s.inputs.map((x) => x?.shape.length ?? 'none').join()} ${JSON.stringify(s.args)}`
    const n = counts.get(key) ?? 0
    counts.set(key, n + 1)
    return n < 2
  })
}
