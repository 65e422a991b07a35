/**
 * What regularisation and augmentation are worth: a small ResNet on Fashion-MNIST (Xiao, Rasul and Vollgraf 2017; 60,000 images to learn from,
 * 10,000 to be judged by), trained with nothing, with L2, with dropout, with augmentation and with all of them, else alike.
 *
 *     npm run bench:fashion -- [FOLDER] [--only none,L2,...] [--epochs N] [--seed N] [--threads N] [--report FILE]
 *
 * FOLDER has the four idx files, compressed or not; default: where Debian's package dataset-fashion-mnist puts them. The test images are looked
 * at once, after the last epoch.
 */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { crossEntropy, engine, manualSeed, noGrad, scope, type Tensor } from 'sinter'
import { ArrayDataset, type BatchTransform, DataLoader, disposeBatch, readIdx } from 'sinter/data'
import { Accuracy } from 'sinter/metrics'
import * as nn from 'sinter/nn'
import { OneCycleLR, SGD } from 'sinter/optim'
import { compose, normalize, randomCrop, randomErasing, randomHorizontalFlip } from 'sinter/transforms'

const FOLDER = '/usr/share/datasets/fashion-mnist'
/** Of the 60,000 images. */
const PIXELS = { mean: [0.286], std: [0.353] }

interface Recipe {
  readonly weightDecay: number
  readonly dropout: number
  readonly labelSmoothing: number
  readonly augment: boolean
}
const NONE: Recipe = { weightDecay: 0, dropout: 0, labelSmoothing: 0, augment: false }
const RECIPES: Readonly<Record<string, Recipe>> = {
  none: NONE,
  L2: { ...NONE, weightDecay: 5e-4 },
  dropout: { ...NONE, dropout: 0.3 },
  augmentation: { ...NONE, augment: true },
  all: { weightDecay: 5e-4, dropout: 0.1, labelSmoothing: 0.1, augment: true },
}

/** Images of bytes (n, 1, 28, 28) and labels, of one part. */
async function read(folder: string, part: 'train' | 't10k'): Promise<ArrayDataset<any>> {
  const idx = async (name: string) => {
    const file = join(folder, `${part}-${name}-ubyte`)
    return await readIdx(existsSync(file) ? file : `${file}.gz`)
  }
  const [image, label] = [await idx('images-idx3'), await idx('labels-idx1')]
  return new ArrayDataset({
    image: { data: image.data, shape: [label.data.length, 1, 28, 28] },
    label: { data: Int32Array.from(label.data as Uint8Array), shape: label.shape },
  })
}

/** (n, 1, 28, 28) to logits (n, 10): four residual blocks after a pooled stem (He and others 2015), 371,000 parameters. */
function network(dropout: number): nn.Sequential {
  const conv = (from: number, to: number, size: number, stride = 1) => [
    new nn.Conv2d(from, to, size, { stride, padding: (size - 1) / 2, bias: false }),
    new nn.BatchNorm2d(to),
  ]
  const block = (from: number, to: number, stride: number) =>
    new nn.Residual(new nn.Sequential(...conv(from, to, 3, stride), new nn.ReLU(), ...conv(to, to, 3)), {
      activation: 'relu',
      ...(from === to ? {} : { shortcut: new nn.Sequential(...conv(from, to, 1, stride)) }),
    })
  return new nn.Sequential(
    ...conv(1, 24, 3),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    block(24, 48, 1),
    block(48, 48, 1),
    block(48, 96, 2),
    block(96, 96, 1),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Dropout(dropout),
    new nn.Linear(96, 10),
  )
}

interface Settings {
  readonly epochs: number
  readonly batchSize: number
  readonly lr: number
  readonly seed: number
}
interface Outcome {
  /** Means over the last epoch's batches, as they were trained on. */
  readonly loss: number
  readonly accuracy: number
  readonly seconds: number
}

async function run(
  recipe: Recipe,
  data: Readonly<Record<'train' | 'test', ArrayDataset<any>>>,
  { epochs, batchSize, lr, seed }: Settings,
): Promise<Outcome> {
  const started = performance.now()
  manualSeed(seed)
  const model = network(recipe.dropout)
  const plain: BatchTransform = normalize(PIXELS)
  const augment: BatchTransform = compose([
    randomCrop(28, { padding: 2 }),
    randomHorizontalFlip(),
    normalize(PIXELS),
    randomErasing({ p: 0.2, scale: [0.02, 0.2] }),
  ])
  const train = new DataLoader(data.train, {
    batchSize,
    shuffle: true,
    dropLast: true,
    seed,
    transform: recipe.augment ? augment : plain,
  })
  const test = new DataLoader(data.test, { batchSize: 250, transform: plain })

  // Weight decay is for weights, not for biases and norms.
  const [weights, rest] = [true, false].map((w) => [...model.parameters()].filter((p) => p.rank > 1 === w))
  const groups = [
    { params: weights as Tensor[], weightDecay: recipe.weightDecay },
    { params: rest as Tensor[], weightDecay: 0 },
  ]
  const optimizer = new SGD(groups, { lr, momentum: 0.9, nesterov: true })
  const totalSteps = epochs * ((await train.batchCount()) as number)
  const schedule = new OneCycleLR(optimizer, { maxLr: lr, totalSteps, pctStart: 0.25, cycleMomentum: false })

  let loss = 0
  for (let epoch = 0; epoch < epochs; epoch++) {
    const losses: Promise<number>[] = []
    for await (const { image, label } of train) {
      const step = scope(() => {
        const step = crossEntropy(model.call(image), label, { labelSmoothing: recipe.labelSmoothing })
        optimizer.zeroGrad()
        step.backward()
        optimizer.step()
        return step.detach()
      })
      schedule.step()
      disposeBatch([image, label])
      losses.push(step.item().finally(() => step.dispose()) as Promise<number>)
      // One step is encoded while another runs.
      await losses.at(-2)
    }
    const values = await Promise.all(losses)
    loss = values.reduce((sum, value) => sum + value, 0) / values.length
    console.error(
      `  epoch ${epoch + 1}: loss ${loss.toFixed(4)}, ${((performance.now() - started) / 1000).toFixed(0)} s`,
    )
  }

  model.eval()
  const accuracy = new Accuracy()
  for await (const { image, label } of test) {
    noGrad(() => scope(() => accuracy.update(label, model.call(image))))
    disposeBatch([image, label])
  }
  const result = { loss, accuracy: await accuracy.compute(), seconds: (performance.now() - started) / 1000 }
  optimizer.zeroGrad()
  model.dispose()
  return result
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string', default: Object.keys(RECIPES).join(',') },
      epochs: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      threads: { type: 'string', default: '2' },
      report: { type: 'string' },
    },
  })
  engine.setThreads(Number(values.threads))
  const folder = positionals[0] ?? FOLDER
  const data = { train: await read(folder, 'train'), test: await read(folder, 't10k') }
  const settings = { epochs: Number(values.epochs), batchSize: 128, lr: 0.2, seed: Number(values.seed) }
  const lines = ['| training | test accuracy, % | last training loss | seconds |', '| --- | --- | --- | --- |']
  console.log(lines.join('\n'))
  for (const name of values.only.split(',')) {
    const recipe = RECIPES[name]
    if (recipe === undefined) throw new Error(`no training '${name}'; there are ${Object.keys(RECIPES).join(', ')}`)
    const { loss, accuracy, seconds } = await run(recipe, data, settings)
    lines.push(`| ${name} | ${(100 * accuracy).toFixed(2)} | ${loss.toFixed(4)} | ${seconds.toFixed(0)} |`)
    console.log(lines.at(-1))
  }
  if (values.report !== undefined) await writeFile(values.report, `${lines.join('\n')}\n`)
}

await main()
