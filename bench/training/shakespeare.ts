/**
 * A whole training side by side with PyTorch: nanoGPT's character-level Shakespeare in its published CPU configuration (4 layers, 4 heads, 128
 * channels, context 64, batch 12, 2,000 iterations, no dropout; validation loss 1.88 there). Both sides begin with the same weights and see the
 * same batches and evaluations, so that what differs is rounding and time.
 *
 *     npm run bench:shakespeare -- TEXT [--seeds N] [--threads N] [--steps N] [--report FILE]
 *
 * TEXT is Karpathy's tinyshakespeare (input.txt of char-rnn); SINTER_PEER_PYTHON names a Python with torch and safetensors.
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { crossEntropy, engine, manualSeed, noGrad, scope, type Tensor, tensor } from 'sinter'
import { Random } from 'sinter/data'
import { saveSafetensors } from 'sinter/io'
import { GPT } from 'sinter/models'
import { AdamW, clipGradNorm } from 'sinter/optim'

const MODEL = { blockSize: 64, layers: 4, heads: 4, channels: 128 }
const TRAINING = {
  batchSize: 12,
  lr: 1e-3,
  minLr: 1e-4,
  betas: [0.9, 0.99] as [number, number],
  weightDecay: 0.1,
  warmupSteps: 100,
  evaluateEvery: 250,
  evaluationBatches: 20,
  /** Windows at once where the whole of the validation split is read. */
  wholeBatch: 64,
}
type Config = typeof MODEL & typeof TRAINING & { vocabSize: number; steps: number }

type Split = 'train' | 'validation'
interface Data {
  readonly tokens: Readonly<Record<Split, Uint16Array>>
  /** First characters of the windows: of all steps, and of all evaluations of each split. */
  readonly places: Readonly<Record<'steps' | Split, Int32Array>>
}

interface Outcome {
  /** From the first evaluation to the last loss. */
  readonly seconds: number
  /** Over the whole validation split, nats a character. */
  readonly loss: number
  readonly evaluations: readonly { readonly step: number; readonly train: number; readonly validation: number }[]
}

function tokensOf(text: string): { characters: number; tokens: Uint16Array } {
  const characters = [...new Set(text)].sort()
  const index = new Map(characters.map((c, i) => [c, i]))
  return { characters: characters.length, tokens: Uint16Array.from(text, (c) => index.get(c) as number) }
}

function drawn(tokens: Data['tokens'], { steps, batchSize, blockSize, ...c }: Config, seed: number): Data {
  const evaluations = (Math.floor(steps / c.evaluateEvery) + 1) * c.evaluationBatches
  const draw = (split: Split, batches: number, stream: number): Int32Array => {
    const random = new Random(seed, stream)
    return Int32Array.from({ length: batches * batchSize }, () => random.int(tokens[split].length - blockSize))
  }
  return {
    tokens,
    places: {
      steps: draw('train', steps, 0),
      train: draw('train', evaluations, 1),
      validation: draw('validation', evaluations, 2),
    },
  }
}

/** nanoGPT's schedule: warm-up from lr / (n + 1), then half a cosine down to minLr. */
function rate(step: number, { lr, minLr, warmupSteps, steps }: Config): number {
  if (step < warmupSteps) return (lr * (step + 1)) / (warmupSteps + 1)
  const share = (step - warmupSteps) / (steps - warmupSteps)
  return minLr + 0.5 * (1 + Math.cos(Math.PI * share)) * (lr - minLr)
}

async function train(model: GPT, config: Config, { tokens, places }: Data): Promise<Outcome> {
  const { batchSize, blockSize, evaluationBatches, evaluateEvery, steps, vocabSize, weightDecay } = config
  const parameters = [...model.parameters()]
  const groups = [
    { params: parameters.filter((p) => p.rank >= 2), weightDecay },
    { params: parameters.filter((p) => p.rank < 2), weightDecay: 0 },
  ]
  const optimizer = new AdamW(groups, { lr: config.lr, betas: config.betas })

  const lossOf = (split: Split, starts: Int32Array, reduction: 'mean' | 'sum' = 'mean'): Tensor => {
    const shape = [starts.length, blockSize]
    const windows = (shift: number): Tensor => {
      const values = new Int32Array(starts.length * blockSize)
      for (const [i, start] of starts.entries())
        values.set(tokens[split].subarray(start + shift, start + shift + blockSize), i * blockSize)
      return tensor(values, { shape })
    }
    return crossEntropy(model.call(windows(0)).reshape([-1, vocabSize]), windows(1).reshape([-1]), { reduction })
  }
  /** Sums of the losses of batches, none of which is waited for before the last is encoded. */
  const total = async (split: Split, batches: Iterable<Int32Array>, reduction: 'mean' | 'sum'): Promise<number> => {
    const losses = [...batches].map((starts) => noGrad(() => scope(() => lossOf(split, starts, reduction))))
    const values = await Promise.all(losses.map((loss) => loss.item()))
    for (const loss of losses) loss.dispose()
    return values.reduce((sum, value) => sum + value, 0)
  }
  function* cut(starts: Int32Array, size: number): Generator<Int32Array> {
    for (let i = 0; i < starts.length; i += size) yield starts.subarray(i, i + size)
  }
  const estimate = async (index: number): Promise<Record<Split, number>> => {
    const size = evaluationBatches * batchSize
    const of = async (split: Split): Promise<number> =>
      (await total(split, cut(places[split].subarray(index * size, (index + 1) * size), batchSize), 'mean')) /
      evaluationBatches
    model.eval()
    const result = { train: await of('train'), validation: await of('validation') }
    model.train()
    return result
  }

  const start = performance.now()
  const evaluations: Outcome['evaluations'][number][] = []
  let before: Promise<unknown> = Promise.resolve()
  for (let step = 0; step <= steps; step++) {
    if (step % evaluateEvery === 0) evaluations.push({ step, ...(await estimate(step / evaluateEvery)) })
    if (step === steps) break
    for (const group of optimizer.paramGroups) group.lr = rate(step, config)
    const loss = scope(() => {
      const loss = lossOf('train', places.steps.subarray(step * batchSize, (step + 1) * batchSize))
      loss.backward()
      clipGradNorm(parameters, 1)
      optimizer.step()
      optimizer.zeroGrad()
      return loss.detach()
    })
    // One step is encoded while another runs.
    await before
    before = loss.item().finally(() => loss.dispose())
  }
  await before
  model.eval()
  const windows = Math.floor((tokens.validation.length - 1) / blockSize)
  const whole = Int32Array.from({ length: windows }, (_, i) => i * blockSize)
  const sum = await total('validation', cut(whole, config.wholeBatch), 'sum')
  return { seconds: (performance.now() - start) / 1000, loss: sum / (windows * blockSize), evaluations }
}

const bytes = (array: Uint16Array | Int32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

async function trainTorch(
  model: GPT,
  config: Config,
  data: Data,
  threads: number,
): Promise<Outcome & { name: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'sinter-shakespeare-'))
  try {
    await writeFile(join(folder, 'config.json'), JSON.stringify(config))
    await saveSafetensors(join(folder, 'weights.safetensors'), model.stateDict())
    for (const [name, tokens] of Object.entries(data.tokens))
      await writeFile(join(folder, `${name}.bin`), bytes(tokens))
    for (const [name, places] of Object.entries(data.places))
      await writeFile(join(folder, `${name}.places`), bytes(places))
    const script = fileURLToPath(new URL('../../../bench/training/shakespeare.py', import.meta.url))
    const python = process.env['SINTER_PEER_PYTHON'] ?? 'python3'
    const { status, stdout, error } = spawnSync(python, [script, folder, String(threads)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (status !== 0)
      throw new Error(
        `${python} ${script}: ${error?.message ?? `ended with status ${status}`}; SINTER_PEER_PYTHON names a Python with torch`,
      )
    return JSON.parse(stdout) as Outcome & { name: string }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '3' },
      threads: { type: 'string', default: '2' },
      steps: { type: 'string', default: '2000' },
      report: { type: 'string' },
    },
  })
  const [file] = positionals
  if (file === undefined)
    throw new Error('usage: shakespeare TEXT [--seeds N] [--threads N] [--steps N] [--report FILE]')
  const [seeds, threads, steps] = [Number(values.seeds), Number(values.threads), Number(values.steps)]
  engine.setThreads(threads)
  const { characters, tokens } = tokensOf(await readFile(file, 'utf8'))
  const split = Math.floor(tokens.length * 0.9)
  const parts = { train: tokens.slice(0, split), validation: tokens.slice(split) }
  const config: Config = { ...MODEL, ...TRAINING, vocabSize: characters, steps }

  const lines = [
    '| seed | side | seconds | loss, whole validation split | last evaluation: training, validation |',
    '| --- | --- | --- | --- | --- |',
  ]
  const outcomes: { ours: Outcome; torch: Outcome }[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const data = drawn(parts, config, seed)
    manualSeed(seed)
    const model = new GPT({ ...MODEL, vocabSize: characters, bias: false, activation: 'gelu' })
    const torch = await trainTorch(model, config, data, threads)
    const ours = await train(model, config, data)
    outcomes.push({ ours, torch })
    for (const [side, { seconds, loss, evaluations }] of [
      ['sinter', ours],
      [torch.name, torch],
    ] as const) {
      const { train, validation } = evaluations.at(-1) as Outcome['evaluations'][number]
      lines.push(
        `| ${seed} | ${side} | ${seconds.toFixed(1)} | ${loss.toFixed(4)} | ${train.toFixed(4)}, ${validation.toFixed(4)} |`,
      )
      console.log(lines.at(-1))
    }
  }
  const of = (side: 'ours' | 'torch', what: 'loss' | 'seconds'): number => mean(outcomes.map((o) => o[side][what]))
  lines.push(
    '',
    `Means of ${seeds} seeds: loss ${of('ours', 'loss').toFixed(4)} and ${of('torch', 'loss').toFixed(4)} (difference ${(of('ours', 'loss') - of('torch', 'loss')).toFixed(4)}), ` +
      `${of('ours', 'seconds').toFixed(1)} s and ${of('torch', 'seconds').toFixed(1)} s (${((100 * of('ours', 'seconds')) / of('torch', 'seconds')).toFixed(0)} %), ${threads} threads.`,
  )
  console.log(lines.at(-1))
  if (values.report !== undefined) await writeFile(values.report, `${lines.join('\n')}\n`)
}

await main()
