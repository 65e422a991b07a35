// Stochastic rounding of parameters in 16 bits: to a neighbour of the exact result, unbiased, without losing small updates, the same for any
// number of threads, for every fused rule.
import { describe, expect, it } from 'vitest'
import { engine, full, manualSeed, randn, scope, type Tensor, tensor } from '#lib/index.js'
import { Parameter } from '#lib/nn/index.js'
import * as optim from '#lib/optim/index.js'

type Half = 'bf16' | 'f16'
/** Bits of the fraction, and the exponent of the smallest normal number. */
const FORMAT = { bf16: { bits: 7, least: -126 }, f16: { bits: 10, least: -14 } } as const

/** The distance of neighbours at x. */
function spacing(x: number, dtype: Half): number {
  const { bits, least } = FORMAT[dtype]
  return 2 ** (Math.max(least, Math.floor(Math.log2(Math.abs(x)))) - bits)
}

const valuesOf = (t: Tensor): Float32Array => scope(() => t.detach().to('f32').dataSync()) as Float32Array

/** A gradient for the parameter, in its dtype. */
function give(p: Parameter, grad: Tensor): void {
  p.grad?.dispose()
  p.grad = scope(() => grad.to(p.dtype)) as typeof p.grad
}

/** n parameters of one value after one step of SGD by -step. */
function stepped(value: number, step: number, n: number, dtype: Half): Float32Array {
  const p = new Parameter(scope(() => full([n], value).to(dtype)))
  // The gradient is 1 or -1, so that only the step is rounded.
  give(p, full([n], -Math.sign(step)))
  new optim.SGD([p], { lr: Math.abs(step), stochasticRounding: true }).step()
  const result = valuesOf(p)
  give(p, full([0], 0))
  p.grad?.dispose()
  p.dispose()
  return result
}

describe('is unbiased', () => {
  const cases: [Half, number, number][] = [
    ['bf16', 1, 0.3],
    ['bf16', 1, -0.3],
    ['bf16', -1.5, 0.7],
    ['bf16', 1e-20, 0.05],
    ['bf16', 3e4, 1.25],
    ['f16', 1, 0.3],
    ['f16', -1, 0.9],
    ['f16', 1000, 0.01],
    // Subnormal numbers, and the step from zero.
    ['f16', 2 ** -15, 0.3],
    ['f16', 2 ** -20, -0.6],
    ['f16', -(2 ** -16), 0.25],
    ['f16', 0, 0.125],
  ]
  it.each(cases)('%s at %f, %f of the spacing', (dtype, value, share) => {
    manualSeed(7)
    const n = 1 << 16
    const start = valuesOf(scope(() => full([1], value).to(dtype)))[0] as number
    const unit = spacing(start === 0 ? 2 ** -24 : start, dtype)
    // Below a power of two the spacing is half as large.
    const exact = Math.fround(start + share * unit)
    const own = spacing(exact, dtype)
    const low = Math.floor(exact / own) * own
    const results = stepped(start, share * unit, n, dtype)
    const above = (exact - low) / own
    expect(new Set(results)).toEqual(new Set([low, low + own]))
    const mean = results.reduce((sum, x) => sum + (x - low) / own, 0) / n
    // Five standard deviations of the mean of n draws, and the rounding of the step to f32.
    const bound = 5 * Math.sqrt((above * (1 - above)) / n) + (2 ** -24 * Math.abs(exact)) / own
    expect(Math.abs(mean - above)).toBeLessThan(bound)
  })
})

it('keeps what the format holds, infinities and NaNs', () => {
  const values = [0, 1, -2, 65504, 2 ** -24, 1, 1, 1]
  const grads = [0, 0, 0, 0, 0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN]
  const p = new Parameter(scope(() => tensor(values).to('f16')))
  give(p, tensor(grads))
  new optim.SGD([p], { lr: 0.1, stochasticRounding: true }).step()
  const kept = values.slice(0, 5)
  expect([...valuesOf(p)]).toEqual([...kept, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])
  p.grad?.dispose()
})

it.each(['bf16', 'f16'] as const)('%s: small updates arrive on average, and are lost without it', (dtype) => {
  manualSeed(3)
  const [n, steps, update] = [4096, 400, 2 ** -13]
  const run = (stochasticRounding: boolean): Float32Array => {
    const p = new Parameter(scope(() => full([n], 1).to(dtype)))
    const optimizer = new optim.SGD([p], { lr: update, stochasticRounding })
    give(p, full([n], -1))
    for (let t = 0; t < steps; t++) optimizer.step()
    p.grad?.dispose()
    return valuesOf(p)
  }
  expect(run(false).every((x) => x === 1)).toBe(true)
  const mean = run(true).reduce((sum, x) => sum + x, 0) / n
  // Each step adds a variance of at most spacing * update.
  const deviation = Math.sqrt((steps * update * spacing(1, dtype)) / n)
  expect(Math.abs(mean - (1 + steps * update))).toBeLessThan(5 * deviation)
})

type Make = new (params: readonly Parameter[], options: object) => optim.Optimizer<any>
const RULES: readonly [string, object][] = [
  ['SGD', { lr: 0.02, momentum: 0.9 }],
  ['Adam', { lr: 0.001, amsgrad: true }],
  ['AdamW', { lr: 0.001 }],
  ['NAdam', { lr: 0.001 }],
  ['RAdam', { lr: 0.002 }],
  ['Adagrad', { lr: 0.001 }],
  ['Adadelta', { lr: 1 }],
  ['RMSprop', { lr: 0.001, momentum: 0.5, centered: true }],
  ['Adamax', { lr: 0.001 }],
  ['Adafactor', { lr: 0.003, eps: [2 ** -7, 1e-3] }],
  ['Lion', { lr: 0.0003 }],
  ['Lamb', { lr: 0.003 }],
  ['Lars', { lr: 1, momentum: 0 }],
  ['AdamW8bit', { lr: 0.001, min8bitSize: 1 }],
]

describe.each(RULES)('%s', (name, options) => {
  const shapes = [[3, 5], [70_003], [0], [257, 130], [1]]
  const make = (dtype: Half) => {
    manualSeed(11)
    return shapes.map((shape) => new Parameter(scope(() => randn(shape).to(dtype))))
  }
  const run = (dtype: Half, more: object, seed = 5): { params: Parameter[]; optimizer: optim.Optimizer<any> } => {
    const params = make(dtype)
    const optimizer = new ((optim as never)[name] as Make)(params, { ...options, ...more })
    for (const p of params) give(p, randn(p.shape))
    manualSeed(seed)
    optimizer.step()
    return { params, optimizer }
  }
  const free = ({ params, optimizer }: ReturnType<typeof run>) => {
    optimizer.zeroGrad()
    optimizer.loadStateDict({ ...optimizer.stateDict(), state: {} })
    for (const p of params) p.dispose()
  }

  it('gives a neighbour of what f32 copies hold, now the lower and now the upper one', () => {
    // LAMB reads its moments back, and squares of gradients in f16 are zeros.
    for (const dtype of name === 'Lamb' ? (['bf16'] as const) : (['bf16', 'f16'] as const)) {
      const rounded = run(dtype, { stochasticRounding: true })
      const exact = run(dtype, { masterWeights: true })
      const starts = make(dtype)
      let [lower, upper] = [0, 0]
      for (const [i, p] of rounded.params.entries()) {
        const { master_param: master } = exact.optimizer.stateDict().state[i] as { master_param: Tensor }
        const [got, wanted, before] = [valuesOf(p), valuesOf(master), valuesOf(starts[i] as Parameter)]
        for (const [k, x] of got.entries()) {
          const v = wanted[k] as number
          // The rule's state is in 16 bits here and in f32 beside copies: two of its roundings, in units of the step, come to it.
          const state = 2 * 2 ** -FORMAT[dtype].bits * Math.abs(v - (before[k] as number))
          if (Math.abs(x - v) > spacing(v, dtype) + state) expect.fail(`${name} ${dtype} [${i}][${k}]: ${x} for ${v}`)
          if (x < v) lower++
          if (x > v) upper++
        }
      }
      const total = lower + upper
      expect(total).toBeGreaterThan(10_000)
      // Half of them, as the fractions are spread evenly: far more than chance deviates.
      expect(Math.abs(lower / total - 0.5)).toBeLessThan(0.1)
      for (const p of starts) p.dispose()
      free(rounded)
      free(exact)
    }
  })

  it('draws the same for any number of threads, and others from another seed', () => {
    const before = engine.threads
    const bits = (params: readonly Parameter[]) => Buffer.concat(params.map((p) => Buffer.from(valuesOf(p).buffer)))
    const results: Buffer[] = []
    try {
      for (const threads of [1, 2]) {
        engine.setThreads(threads)
        const done = run('bf16', { stochasticRounding: true })
        results.push(bits(done.params))
        free(done)
      }
    } finally {
      engine.setThreads(before)
    }
    const [first, ...others] = results as [Buffer, ...Buffer[]]
    for (const other of others) expect(other.equals(first)).toBe(true)
    const again = run('bf16', { stochasticRounding: true }, 6)
    expect(bits(again.params).equals(first)).toBe(false)
    free(again)
  })
})

it('leaves f32 parameters, and the generator, alone', () => {
  const run = (stochasticRounding: boolean) => {
    const generator = manualSeed(1)
    const p = new Parameter(scope(() => full([9], 0.1)))
    give(p, full([9], 0.3))
    new optim.SGD([p], { lr: 0.1, stochasticRounding }).step()
    p.grad?.dispose()
    return [...valuesOf(p), generator.state.offset]
  }
  expect(run(true)).toEqual(run(false))
})

it('is refused where it makes no sense', () => {
  const p = new Parameter(scope(() => full([2, 2], 1).to('bf16')))
  expect(() => new optim.AdamW([p], { masterWeights: true, stochasticRounding: true })).toThrow(/choose one/)
  expect(() => new optim.Muon([p], { stochasticRounding: true })).toThrow(/Muon: takes no stochasticRounding/)
  expect(() => new optim.SOAP([p], { stochasticRounding: true })).toThrow(/SOAP: takes no stochasticRounding/)
  expect(() => new optim.LBFGS([p], { stochasticRounding: true })).toThrow(/LBFGS: takes no stochasticRounding/)
})
