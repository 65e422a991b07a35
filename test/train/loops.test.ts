// Training of other kinds than supervised, through the same Trainer: each tiny run must reach a figure that it starts far from.
import { describe, expect, it } from 'vitest'
import { ArrayDataset, DataLoader, Random } from '#lib/data/index.js'
import {
  add,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  gather,
  logSoftmax,
  manualSeed,
  matmul,
  mean,
  mseLoss,
  mul,
  neg,
  noGrad,
  normalize,
  ones,
  randn,
  softmax,
  type Tensor,
  tensor,
  zeros,
} from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { Adam, AdamW } from '#lib/optim/index.js'
import { silentProgress, Trainer } from '#lib/train/index.js'

const numbers = async (t: Tensor): Promise<number[]> => [...((await t.data()) as Float32Array)]

describe('a GAN', () => {
  it('moves its points onto the circle that it is shown', async () => {
    manualSeed(7)
    const random = new Random(1)
    const N = 512
    const circle = new Float32Array(2 * N)
    for (let i = 0; i < N; i++) {
      const angle = random.between(0, 2 * Math.PI)
      circle[2 * i] = 2 * Math.cos(angle) + 0.05 * random.normal()
      circle[2 * i + 1] = 2 * Math.sin(angle) + 0.05 * random.normal()
    }
    const mlp = (from: number, to: number) =>
      new nn.Sequential(
        new nn.Linear(from, 32),
        new nn.LeakyReLU(0.2),
        new nn.Linear(32, 32),
        new nn.LeakyReLU(0.2),
        new nn.Linear(32, to),
      )
    const [generator, discriminator] = [mlp(2, 2), mlp(2, 1)]
    const trainer = new Trainer<{ x: Tensor }>({
      model: new nn.Sequential(generator, discriminator),
      optimizers: {
        d: new Adam(discriminator.parameters(), { lr: 2e-3, betas: [0.5, 0.99] }),
        g: new Adam(generator.parameters(), { lr: 1e-3, betas: [0.5, 0.99] }),
      },
      data: new DataLoader(new ArrayDataset({ x: { data: circle, shape: [N, 2] } }), { batchSize: 64, shuffle: true }),
      step({ x }, { update }) {
        const n = x.shape[0] as number
        const fake = generator.call(randn([n, 2]))
        const [real, forged] = [discriminator.call(x), discriminator.call(fake.detach())]
        const d = add(
          binaryCrossEntropyWithLogits(real, ones([n, 1])),
          binaryCrossEntropyWithLogits(forged, zeros([n, 1])),
        )
        update(d, 'd')
        const g = binaryCrossEntropyWithLogits(discriminator.call(fake), ones([n, 1]))
        update(g, 'g')
        return { d, g }
      },
      steps: 1500,
      progress: silentProgress,
    })
    const radii = async () => {
      const made = await numbers(noGrad(() => generator.call(randn([500, 2]))))
      return Array.from({ length: 500 }, (_, i) => Math.hypot(made[2 * i] as number, made[2 * i + 1] as number))
    }
    const near = (all: number[]) => all.filter((r) => Math.abs(r - 2) < 0.4).length / all.length
    expect(near(await radii())).toBeLessThan(0.05)
    await trainer.fit()
    expect(near(await radii())).toBeGreaterThan(0.8)
  })
})

describe('REINFORCE', () => {
  it('finds the way through a corridor, on rollouts of the policy as it is', async () => {
    manualSeed(5)
    const random = new Random(9)
    const CELLS = 6
    const policy = new nn.Linear(CELLS, 2)
    /** From the left end to the right one in at most 20 moves; each costs 0.1, the end gives 1. */
    async function episode(): Promise<{ states: number[]; actions: number[]; rewards: number[] }> {
      const probabilities = await numbers(noGrad(() => softmax(policy.call(eye))))
      const [states, actions, rewards]: [number[], number[], number[]] = [[], [], []]
      for (let cell = 0; states.length < 20 && cell < CELLS - 1; ) {
        const action = random.uniform() < (probabilities[2 * cell] as number) ? 0 : 1
        states.push(cell)
        actions.push(action)
        cell = Math.max(0, cell + (action === 1 ? 1 : -1))
        rewards.push(cell === CELLS - 1 ? 1 : -0.1)
      }
      return { states, actions, rewards }
    }
    const eye = tensor(
      Float32Array.from({ length: CELLS * CELLS }, (_, i) => (i % (CELLS + 1) === 0 ? 1 : 0)),
      { shape: [CELLS, CELLS] },
    )
    type Rollout = { state: Tensor; action: Tensor; advantage: Tensor; moves: number }
    async function* rollouts(): AsyncGenerator<Rollout> {
      let baseline = 0
      for (;;) {
        const { states, actions, rewards } = await episode()
        const returns: number[] = []
        for (let [i, sum] = [rewards.length - 1, 0]; i >= 0; i--) {
          sum += rewards[i] as number
          returns[i] = sum
        }
        const advantages = returns.map((value) => value - baseline)
        baseline = 0.9 * baseline + 0.1 * (returns[0] as number)
        const state = new Float32Array(states.length * CELLS)
        states.forEach((cell, i) => {
          state[i * CELLS + cell] = 1
        })
        yield {
          state: tensor(state, { shape: [states.length, CELLS] }),
          action: tensor(BigInt64Array.from(actions, BigInt), { shape: [actions.length, 1] }),
          advantage: tensor(Float32Array.from(advantages), { shape: [actions.length, 1] }),
          moves: states.length,
        }
      }
    }
    const moves: number[] = []
    const trainer = new Trainer<Rollout>({
      model: policy,
      optimizer: new Adam(policy.parameters(), { lr: 0.05 }),
      data: rollouts(),
      step({ state, action, advantage, moves }, { update }) {
        const chosen = gather(logSoftmax(policy.call(state)), 1, action)
        const loss = neg(mean(mul(chosen, advantage)))
        update(loss)
        return { loss, moves }
      },
      steps: 300,
      onStep: ({ metrics }) => moves.push(metrics['moves'] as number),
      progress: silentProgress,
    })
    await trainer.fit()
    const average = (part: number[]) => part.reduce((a, b) => a + b) / part.length
    expect(average(moves.slice(0, 20))).toBeGreaterThan(10)
    // Five moves are the least.
    expect(average(moves.slice(-50))).toBeLessThan(6)
  })
})

describe('contrastive training', () => {
  it('brings two views of a sample together (NT-Xent), so that each finds its other among all', async () => {
    manualSeed(3)
    const random = new Random(2)
    const [N, HIDDEN, NOISE] = [256, 4, 12]
    // Four numbers are the sample's own and in both views; twelve are louder and differ.
    const view = () => {
      const own = new Random(8)
      const data = new Float32Array(N * (HIDDEN + NOISE))
      for (let i = 0; i < N; i++)
        for (let j = 0; j < HIDDEN + NOISE; j++)
          data[i * (HIDDEN + NOISE) + j] = j < HIDDEN ? own.normal() : 2 * random.normal()
      return { data, shape: [N, HIDDEN + NOISE] }
    }
    const loader = () =>
      new DataLoader(new ArrayDataset({ x: view() }), { batchSize: 64, shuffle: true, seed: 4, dropLast: true })
    // Two loaders in step: the same order, other noise.
    const zipped = {
      async *[Symbol.asyncIterator](): AsyncGenerator<{ a: Tensor; b: Tensor }> {
        const second = loader()[Symbol.asyncIterator]()
        for await (const { x } of loader()) {
          const other = await second.next()
          if (other.done) return
          yield { a: x, b: other.value.x }
        }
      },
    }
    const encoder = new nn.Linear(HIDDEN + NOISE, 4)
    const similarities = (a: Tensor, b: Tensor) =>
      matmul(normalize(encoder.call(a)), normalize(encoder.call(b)).transpose(0, 1)).mul(1 / 0.1)
    const trainer = new Trainer<{ a: Tensor; b: Tensor }>({
      model: encoder,
      optimizer: new AdamW(encoder.parameters(), { lr: 0.02 }),
      data: zipped,
      loss({ a, b }) {
        const logits = similarities(a, b)
        const target = tensor(BigInt64Array.from({ length: a.shape[0] as number }, (_, i) => BigInt(i)))
        return add(crossEntropy(logits, target), crossEntropy(logits.transpose(0, 1), target)).mul(0.5)
      },
      epochs: 100,
      progress: silentProgress,
    })
    const found = async () => {
      const [a, b] = [tensor(view().data, { shape: [N, 16] }), tensor(view().data, { shape: [N, 16] })]
      const scores = await numbers(noGrad(() => similarities(a, b)))
      let hits = 0
      for (let i = 0; i < N; i++) {
        const row = scores.slice(i * N, (i + 1) * N)
        if (row.indexOf(Math.max(...row)) === i) hits++
      }
      return hits / N
    }
    expect(await found()).toBeLessThan(0.1)
    await trainer.fit()
    expect(await found()).toBeGreaterThan(0.5)
  })
})

describe('self-supervised training', () => {
  it('an autoencoder of two numbers finds the plane that its points lie in', async () => {
    manualSeed(6)
    const random = new Random(4)
    const [N, WIDTH] = [200, 8]
    const basis = Array.from({ length: 2 * WIDTH }, () => random.normal())
    const data = new Float32Array(N * WIDTH)
    for (let i = 0; i < N; i++) {
      const [u, v] = [random.normal(), random.normal()]
      for (let j = 0; j < WIDTH; j++) data[i * WIDTH + j] = u * (basis[j] as number) + v * (basis[WIDTH + j] as number)
    }
    const model = new nn.Sequential(new nn.Linear(WIDTH, 2), new nn.Linear(2, WIDTH))
    const all = tensor(data, { shape: [N, WIDTH] })
    const error = async () => (await numbers(noGrad(() => mseLoss(model.call(all), all))))[0] as number
    const trainer = new Trainer<{ x: Tensor }>({
      model,
      optimizer: new Adam(model.parameters(), { lr: 0.02 }),
      data: new DataLoader(new ArrayDataset({ x: { data, shape: [N, WIDTH] } }), { batchSize: 50, shuffle: true }),
      loss: ({ x }) => mseLoss(model.call(x), x),
      epochs: 150,
      progress: silentProgress,
    })
    expect(await error()).toBeGreaterThan(0.5)
    await trainer.fit()
    expect(await error()).toBeLessThan(1e-3)
  })
})
