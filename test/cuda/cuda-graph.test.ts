/**
 * Functions recorded as CUDA graphs: every launch does what a call would do, random numbers, counts of steps and steps that are left out
 * included; memory is the graph's while it lives; what cannot be recorded is said. Place in the whole: test/cuda/runtime has graphs of
 * kernels by hand; here the commands are the library's.
 */
import { describe, expect, test } from 'vitest'
import {
  crossEntropy,
  cuda,
  cudaGraph,
  dropout,
  embedding,
  full,
  Generator,
  manualSeed,
  noGrad,
  profile,
  randn,
  randperm,
  scope,
  type Tensor,
  tensor,
} from '#lib/index.js'
import { loadNative } from '#lib/native/load.js'
import * as nn from '#lib/nn/index.js'
import { Adam8bit, AdamW, clipGradNorm, GradScaler, NAdam, type Optimizer, RAdam, SGD } from '#lib/optim/index.js'
import { numbers } from '../helpers/compare.js'
import { device, drawn } from './same.js'

const at = device as string
const STEPS = 6

/** A batch of a step: rows and classes. */
function batch(step: number, bad = false): { x: Tensor; y: Tensor } {
  const x = drawn(`x ${step}`, [6, 5], 'f32', at, (r) => (bad ? Number.NaN : r.uniform(-1, 1)))
  return { x, y: drawn(`y ${step}`, [6], 'i64', at, (r) => Math.floor(r.uniform(0, 3))) }
}

interface Run {
  losses: number[]
  weights: number[][]
  counts: unknown[]
}

/** STEPS training steps, of which those in `bad` have no finite loss; every step by a call, or all but the first by a graph. */
async function train(
  make: (params: Iterable<Tensor>) => Optimizer<never>,
  by: 'calls' | 'graph',
  { scaled = false, bad = [] as number[], eager = [] as number[] } = {},
): Promise<Run> {
  manualSeed(5)
  const model = new nn.Sequential(new nn.Linear(5, 9), new nn.ReLU(), new nn.Dropout(0.3), new nn.Linear(9, 3))
  for (const [i, p] of [...model.parameters()].entries())
    noGrad(() => p.copy_(drawn(`p${i}`, p.shape, 'f32', 'cpu', (r) => r.uniform(-1, 1))))
  model.to(at)
  const optimizer = make(model.parameters())
  const scaler = scaled ? new GradScaler({ initScale: 8, growthInterval: 3 }) : null
  const { x, y } = batch(0, bad.includes(0))
  const step = () => {
    const loss = crossEntropy(model.call(x) as Tensor, y)
    ;(scaler ? scaler.scale(loss) : loss).backward()
    if (!scaler) clipGradNorm([...model.parameters()], 1)
    if (scaler) {
      scaler.step(optimizer)
      scaler.update()
    } else optimizer.step()
    optimizer.zeroGrad()
    return loss
  }
  const losses: number[] = []
  const graph = by === 'graph' ? await cudaGraph(step) : null
  if (!graph) scope(() => void step())
  for (let t = 1; t < STEPS; t++) {
    scope(() => {
      const next = batch(t, bad.includes(t))
      x.copy_(next.x)
      y.copy_(next.y)
      const loss = graph && !eager.includes(t) ? graph.replay() : step()
      losses.push(numbers(loss)[0] as number)
    })
    // A look at the count in between changes nothing.
    if (t === 2) optimizer.stateDict()
  }
  const { state } = optimizer.stateDict() as { state: Record<string, { step?: number }> }
  const run = {
    losses,
    weights: [...model.parameters()].map((p) => [...numbers(p)]),
    // Of the rules that count.
    counts: Object.values(state).flatMap(({ step }) => step ?? []),
  }
  graph?.dispose()
  return run
}

const RULES: Record<string, (params: Iterable<Tensor>) => Optimizer<never>> = {
  'SGD with momentum': (p) => new SGD(p, { lr: 0.1, momentum: 0.9 }) as never,
  AdamW: (p) => new AdamW(p, { lr: 0.05, betas: [0.9, 0.95] }) as never,
  RAdam: (p) => new RAdam(p, { lr: 0.05, betas: [0.9, 0.95] }) as never,
  Adam8bit: (p) => new Adam8bit(p, { lr: 0.05, min8bitSize: 1 }) as never,
}

describe.skipIf(device === undefined)('training steps by a graph', () => {
  for (const [name, make] of Object.entries(RULES)) {
    test(`${name}: are those of calls`, async () => {
      const calls = await train(make, 'calls')
      expect(await train(make, 'graph')).toEqual(calls)
      expect(calls.counts.every((n) => n === STEPS)).toBe(true)
      expect(new Set(calls.losses).size).toBe(STEPS - 1)
    })

    test(`${name}: mixed with calls, too`, async () => {
      expect(await train(make, 'graph', { eager: [2, 3] })).toEqual(await train(make, 'calls'))
    })

    test(`${name}: left out and not counted where gradients are not finite`, async () => {
      const options = { scaled: true, bad: [0, 2, 3] }
      const calls = await train(make, 'calls', options)
      expect(await train(make, 'graph', options)).toEqual(calls)
      expect(calls.counts.every((n) => n === STEPS - 3)).toBe(true)
    })
  }
})

describe.skipIf(device === undefined)('a graph', () => {
  test('computes from what its inputs hold at each launch, and reads nothing', async () => {
    const x = full([4], 1, { device: at })
    using graph = await cudaGraph(() => ({ twice: x.mul(2), sum: x.add(1).sum() }))
    const reads = loadNative().cudaReads?.()
    for (let k = 2; k < 5; k++) {
      x.fill_(k)
      graph.replay()
    }
    await cuda.synchronize()
    expect(loadNative().cudaReads?.()).toBe(reads)
    expect([...numbers(graph.result.twice), ...numbers(graph.result.sum)]).toEqual([8, 8, 8, 8, 20])
  })

  test('draws what calls would draw, from any seed, and leaves the generator where they would', async () => {
    const draw = () => randn([5], { device: at }).add(dropout(full([5], 1, { device: at }), 0.5))
    const calls = (seed: number) => {
      manualSeed(seed)
      return [0, 1, 2].map(() => [...numbers(scope(draw))])
    }
    manualSeed(1)
    using graph = await cudaGraph(draw)
    const launches = (seed: number) => {
      manualSeed(seed)
      return [0, 1, 2].map(() => [...numbers(graph.replay())])
    }
    for (const seed of [1, 7, 2 ** 40 + 3]) expect(launches(seed)).toEqual(calls(seed))
    manualSeed(1)
    graph.replay()
    const after = scope(() => [...numbers(randn([3], { device: at }))])
    manualSeed(1)
    scope(() => void draw())
    expect(scope(() => [...numbers(randn([3], { device: at }))])).toEqual(after)
  })

  test('keeps what it reads, and its memory until it is disposed of', async () => {
    const before = cuda.memory().live
    const x = full([1000], 3, { device: at })
    const graph = await cudaGraph(() => x.mul(x))
    x.dispose()
    scope(() => {
      for (let i = 0; i < 20; i++) full([1000], 7, { device: at })
    })
    expect(numbers(graph.replay())[999]).toBe(9)
    graph.dispose()
    expect(numbers(graph.result)[0]).toBe(9)
    expect(() => graph.replay()).toThrow(/disposed/)
    graph.result.dispose()
    await cuda.synchronize()
    expect(cuda.memory().live).toBe(before)
  })

  test('poisons what depends on a failure that a launch finds, and nothing before', async () => {
    const weights = full([3, 2], 1, { device: at })
    const index = tensor([0, 2], { dtype: 'i64', device: at })
    using graph = await cudaGraph(() => embedding(weights, index).sum())
    expect([...numbers(graph.replay())]).toEqual([4])
    index.copy_(tensor([1, 1], { dtype: 'i64' }))
    expect([...numbers(graph.replay())]).toEqual([4])
    index.copy_(tensor([1, 3], { dtype: 'i64' }))
    await expect(graph.replay().data()).rejects.toThrow(/index 3/)
    await cuda.synchronize()
  })

  test('can be made again and again', async () => {
    const x = full([8], 1, { device: at })
    const live = cuda.memory().live
    for (let k = 0; k < 5; k++) {
      using graph = await cudaGraph(() =>
        embedding(x.reshape([4, 2]), tensor([0], { dtype: 'i64', device: at })).add(k),
      )
      expect([...numbers(graph.replay())]).toEqual([1 + k, 1 + k])
      graph.result.dispose()
    }
    await cuda.synchronize()
    expect(cuda.memory().live).toBe(live)
  })
})

describe.skipIf(device === undefined)('what has no graph', () => {
  const x = () => full([3], 1, { device: at })
  const refused: Record<string, [() => unknown, RegExp]> = {
    'reading a value': [() => x().sum().itemSync(), /not while a graph is recorded/],
    'a promise': [async () => x(), /returned a promise/],
    'a generator of its own': [() => randn([3], { device: at, generator: new Generator(3) }), /default one/],
    'a permutation': [() => randperm(5, { device: at }), /randperm.*same one every time/],
    'another graph': [() => void cudaGraph(() => x()), /inside another/],
  }
  for (const [name, [fn, message]] of Object.entries(refused))
    test(name, async () => {
      if (name === 'another graph') {
        let inner: Promise<unknown> = Promise.resolve()
        using graph = await cudaGraph(() => {
          inner = cudaGraph(() => x())
          inner.catch(() => {})
          return x()
        })
        await expect(inner).rejects.toThrow(message)
        expect(numbers(graph.replay())[0]).toBe(1)
      } else await expect(cudaGraph(fn)).rejects.toThrow(message)
      // The stream goes on.
      expect([...numbers(x().add(1))]).toEqual([2, 2, 2])
    })

  test('the CPU, a profile, a rule that counts on the host, and parameters that come later', async () => {
    await expect(cudaGraph(() => 1, { device: 'cpu' })).rejects.toThrow(/no graphs/)
    await expect(profile(() => cudaGraph(() => x()))).rejects.toThrow(/inside profile/)
    const [a, b] = [x().requiresGrad_(), x().requiresGrad_()]
    const stepOf = (optimizer: Optimizer<never>, params: () => Tensor[]) => () => {
      for (const p of params()) p.grad = p.detach().mul(2)
      optimizer.step()
      optimizer.zeroGrad()
    }
    await expect(cudaGraph(stepOf(new NAdam([a]) as never, () => [a]))).rejects.toThrow(/NAdam.*host counts/)
    let calls = 0
    const later = stepOf(new AdamW([a, b]) as never, () => (calls++ === 0 ? [a] : [a, b]))
    await expect(cudaGraph(later)).rejects.toThrow(/first run/)
    expect([...numbers(x().add(1))]).toEqual([2, 2, 2])
  })
})
