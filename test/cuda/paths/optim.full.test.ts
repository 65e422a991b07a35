/**
 * Steps of every optimizer on CUDA that the device leaves out, or counts by itself, or that round numbers of every magnitude; factored
 * moments of many rows, moments in bytes; norms that are not finite. Place in the whole: test/cuda/optim.test.ts has ordinary steps of
 * every dtype; here are the kernels' other paths (cuda/kernels/optim), against the CPU, and those of graphs against the same calls.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { cudaGraph, full, manualSeed, noGrad, scope, type Tensor, tensor } from '#lib/index.js'
import { clipToNorm_, totalNorm } from '#lib/ops/gradientNorm.js'
import * as optim from '#lib/optim/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { numbers } from '../../helpers/compare.js'
import { device, drawn, same } from '../same.js'
import { betas, type Group, VARIANTS } from '../step-variants.js'

type Rule = (params: Tensor[], group: Group) => optim.Optimizer<never>
const rule = (make: (params: Tensor[], group: Group) => unknown): Rule => make as Rule

const RULES: Record<string, Rule> = {
  'SGD with momentum': rule((p, g) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, weightDecay: 0.01, ...g })),
  AdamW: rule((p, g) => new optim.AdamW(p, { lr: 0.01, betas, amsgrad: true, ...g })),
  'Adam without a first moment': rule((p, g) => new optim.Adam(p, { lr: 0.01, betas: [0, 0.95], ...g })),
  NAdam: rule((p, g) => new optim.NAdam(p, { lr: 0.01, betas, ...g })),
  RAdam: rule((p, g) => new optim.RAdam(p, { lr: 0.01, betas: [0.9, 0.9], ...g })),
  Adamax: rule((p, g) => new optim.Adamax(p, { lr: 0.01, betas, ...g })),
  Adagrad: rule((p, g) => new optim.Adagrad(p, { lr: 0.1, lrDecay: 0.1, ...g })),
  Adadelta: rule((p, g) => new optim.Adadelta(p, { lr: 1, ...g })),
  RMSprop: rule((p, g) => new optim.RMSprop(p, { lr: 0.01, momentum: 0.9, ...g })),
  Lion: rule((p, g) => new optim.Lion(p, { lr: 0.01, weightDecay: 0.1, ...g })),
  Lamb: rule((p, g) => new optim.Lamb(p, { lr: 0.01, betas, weightDecay: 0.1, ...g })),
  Lars: rule((p, g) => new optim.Lars(p, { lr: 0.1, momentum: 0.9, nesterov: true, ...g })),
  Adafactor: rule((p, g) => new optim.Adafactor(p, { lr: 0.01, ...g })),
  Adam8bit: rule((p, g) => new optim.Adam8bit(p, { lr: 0.01, betas, min8bitSize: 1, ...g })),
}

interface Parameter {
  shape: readonly number[]
  size: number // of it and its gradients
  odd?: boolean // gradients that are not finite, too
}
/**
 * Random words are numbered over all tensors, four a pack: the first three begin at a multiple of four, the last does not. Tiny numbers
 * lie below f16's smallest normal one, where it rounds to multiples of 2^-24. Moments in bytes have a block of 256 of the first, and eight
 * rounds of a warp without packs.
 */
const VECTORS: readonly Parameter[] = [
  { shape: [500], size: 2 ** -16 },
  { shape: [12], size: 1, odd: true },
  { shape: [7], size: 2 ** -16 },
  { shape: [5], size: 1, odd: true },
]
/** More rows than four of a block's threads; several matrices, columns of which are summed in parts. */
const MATRICES: readonly Parameter[] = [
  { shape: [1031, 2], size: 1 },
  { shape: [2, 331, 3], size: 1 },
]
const of = (name: string, odd: boolean): readonly Parameter[] =>
  [...VECTORS, ...(name === 'Adafactor' ? MATRICES : [])].filter((p) => odd || !p.odd)

const parameters = (list: readonly Parameter[], dtype: DType, at: string): Tensor[] =>
  list.map(({ shape, size }, i) => drawn(`p${i}`, shape, dtype, at, (r) => r.uniform(-size, size)).requiresGrad_())

/** Some are zero; the first two of the parameters for it are `odd`, in the steps that want it. */
function giveGradients(list: readonly Parameter[], params: readonly Tensor[], step: number, wanted: boolean): void {
  for (const [i, p] of params.entries()) {
    const { size, odd } = list[i] as Parameter
    let n = 0
    p.grad?.dispose()
    p.grad = drawn(`g${i} ${step}`, p.shape, p.dtype, p.device, (r) => {
      const place = n++
      if (odd && wanted && place < 2) return place === 0 ? Number.NaN : Number.POSITIVE_INFINITY
      return r.uniform(0, 1) < 0.2 ? 0 : r.uniform(-2, 2) * size
    })
  }
}

describe.skipIf(device === undefined)('steps on CUDA', () => {
  for (const [name, make] of Object.entries(RULES))
    test.each(VARIANTS)(`${name}, left out or not: %s %o`, (dtype, group) => {
      same(
        name,
        (at) => {
          manualSeed(3)
          const params = parameters(of(name, true), dtype, at)
          const optimizer = make(params, group)
          // The second step does not happen, and does not count.
          for (const [step, left] of [0, 1, 0, 0].entries()) {
            giveGradients(of(name, true), params, step, step > 2)
            const flag = full([], left, { device: at })
            optimizer.stepUnless(flag)
          }
          optimizer.zeroGrad()
          return params.map((p) => p.detach())
        },
        // Roots, divisions and norms may be rounded otherwise; a half's state is rounded at every step, and then once more.
        dtype === 'f32' || dtype === 'f64' ? 16 : 2,
      )
    })

  /** Three steps, of which a graph takes the second and third. */
  async function taken(name: string, dtype: DType, group: Group, by: 'calls' | 'graph'): Promise<number[][]> {
    manualSeed(9)
    const params = parameters(of(name, false), dtype, device as string)
    giveGradients(of(name, false), params, 0, false)
    const optimizer = (RULES[name] as Rule)(params, group)
    const step = (): void => optimizer.step()
    const graph = by === 'graph' ? await cudaGraph(step) : null
    if (!graph) scope(step)
    for (let k = 1; k < 3; k++) {
      if (graph) graph.replay()
      else scope(step)
    }
    const values = params.map((p) => [...numbers(p)])
    graph?.dispose()
    return values
  }
  // Random words are those of the launch's number, which the device counts. NAdam's steps are counted by the host.
  for (const name of Object.keys(RULES))
    if (name !== 'NAdam')
      test.each(VARIANTS.filter(([, group]) => group.stochasticRounding))(
        `${name}, by a graph: %s %o`,
        async (dtype, group) => {
          expect(await taken(name, dtype, group, 'graph')).toEqual(await taken(name, dtype, group, 'calls'))
        },
      )
})

describe.skipIf(device === undefined)('copies of new parameters on CUDA', () => {
  const adam = { lr: 0.01, beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0.01, step: 1, decoupled: true }
  const sgd = { lr: 0.1, momentum: 0.9, dampening: 0, weightDecay: 0, nesterov: false, step: 1, maximize: false }
  const nadam = { ...adam, momentum: 0.88, nextMomentum: 0.89, product: 0.88 }
  const lars = { ...sgd, trustCoefficient: 0.01, eps: 1e-8 }
  const root = { lr: 0.1, rho: 0.9, alpha: 0.9, eps: 1e-6, weightDecay: 0, momentum: 0.9, centered: false }
  type Group = Record<'param' | 'grad' | 'low' | 'm' | 'v' | 'buffer' | 'squares' | 'deltas' | 'sum', Tensor>
  const STEPS: Record<string, (groups: Group[]) => void> = {
    sgd: (g) => ops.sgdStep(g, sgd),
    adam: (g) => ops.adamStep(g, adam),
    nadam: (g) => ops.nadamStep(g, nadam),
    radam: (g) => ops.radamStep(g, adam),
    adamax: (g) =>
      ops.adamaxStep(
        g.map((it) => ({ ...it, largest: it.v })),
        adam,
      ),
    adagrad: (g) => ops.adagradStep(g, { ...root, lrDecay: 0.1, step: 1 }),
    adadelta: (g) => ops.adadeltaStep(g, root),
    rmsprop: (g) => ops.rmspropStep(g, root),
    lion: (g) => ops.lionStep(g, adam),
    lamb: (g) => ops.lambStep(g, adam),
    lars: (g) => ops.larsStep(g, lars),
    adafactor: (g) =>
      ops.adafactorStep(
        g.map(({ param, grad, low, v }) => ({ param, grad, low, variance: v })),
        { lr: 0.01, beta2Decay: -0.8, eps1: 1e-8, eps2: 1e-3, d: 1, weightDecay: 0.01, step: 2 },
      ),
  }
  // Also where the copy's dtype is the parameter's own, which no optimizer asks for.
  for (const [name, step] of Object.entries(STEPS))
    test.each(['f32', 'f64', 'bf16', 'f16'] as const)(`${name}, %s`, (dtype) => {
      same(
        name,
        (at) =>
          noGrad(() => {
            const zeros = (n: number): Tensor => full([n], 0, { dtype, device: at })
            const groups = [67, 64].map((n) => ({
              ...{ m: zeros(n), v: zeros(n), buffer: zeros(n), squares: zeros(n), deltas: zeros(n), sum: zeros(n) },
              param: drawn('p', [n], dtype, at, (r) => r.uniform(-1, 1)),
              grad: drawn('g', [n], dtype, at, (r) => r.uniform(-1, 1)),
              low: zeros(n),
            }))
            step(groups)
            for (const { param, low } of groups) expect(numbers(low)).toEqual(numbers(param))
            return groups.flatMap(({ param, low }) => [param, low])
          }),
        dtype === 'f32' || dtype === 'f64' ? 16 : 2,
      )
    })
})

describe.skipIf(device === undefined)('a tensor of more pieces than four of a block on CUDA', () => {
  const n = 3 * 2 ** 20 + 12_301
  const values = (k: number): Float32Array => Float32Array.from({ length: n }, (_, i) => (((i * k) % 31) - 15) / 16)
  test.each(['Lamb', 'Lars', 'Adafactor'])('%s: norms over all of it', (name) => {
    same(
      name,
      (at) => {
        const param = tensor(values(7)).to(at).requiresGrad_()
        param.grad = tensor(values(5)).to(at)
        ;(RULES[name] as Rule)([param], {}).step()
        return param.detach()
      },
      16,
    )
  })
})

describe.skipIf(device === undefined)('gradients as a whole on CUDA', () => {
  const FLOATS = ['f32', 'f64', 'bf16', 'f16'] as const
  const some = (dtype: DType, at: string): Tensor[] =>
    [5000, 37].map((n, i) => drawn(`x${i}`, [n], dtype, at, (r) => r.uniform(-2, 2)))

  test.each(FLOATS)('%s: clipped by norms of every dtype', (dtype) => {
    for (const source of FLOATS)
      for (const norm of [64, 0.5])
        same(
          `${source} ${norm}`,
          (at) => {
            const tensors = some(dtype, at)
            noGrad(() => clipToNorm_(tensors, tensor(norm, { dtype: source }).to(at), 8))
            return tensors
          },
          1,
        )
  })

  test('norms of more tensors than four of a block of sums', () => {
    for (const [normType, odd] of [
      [2, 5],
      [Number.POSITIVE_INFINITY, 5],
      [Number.POSITIVE_INFINITY, Number.NaN],
    ] as const)
      same(`${normType} ${odd}`, (at) => {
        // Whole numbers: their sums are exact in any order.
        const x = tensor(Float32Array.from({ length: 4200 }, (_, i) => (i === 3333 ? odd : (i % 9) - 4))).to(at)
        return totalNorm(x.split(1), { normType })
      })
  })

  test('norms that are not finite', () => {
    for (const dtype of FLOATS)
      for (const normType of [1, 2, 3, Number.POSITIVE_INFINITY])
        for (const odd of [Number.NaN, Number.POSITIVE_INFINITY]) {
          const tensors = (at: string): Tensor[] => [...some(dtype, at), tensor([1, odd, 2]).to(dtype).to(at)]
          same(`${dtype} ${normType} ${odd}`, (at) => totalNorm(tensors(at), { normType }))
          scope(() => {
            const norm = totalNorm(tensors(device as string), { normType, errorIfNonfinite: true })
            expect(() => numbers(norm)).toThrow(
              /norm of order (1|2|3|inf) is -?(inf|nan), so that they cannot be clipped/,
            )
          })
        }
    same('finite', (at) => totalNorm(some('f32', at), { errorIfNonfinite: true }), 4)
  })
})
