// What golden models are: reading them, bounds, comparison, curves. Place in the whole: golden.test.ts and architectures.test.ts.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { crossEntropy, scope, type Tensor } from '#lib/index.js'
import { loadSafetensors } from '#lib/io/index.js'
import type { Module } from '#lib/nn/index.js'
import { AdamW, SGD } from '#lib/optim/index.js'

export interface Curve {
  optimizer: 'AdamW' | 'SGD'
  args: { lr: number; betas?: [number, number]; eps?: number; weightDecay?: number; momentum?: number }
  losses: number[]
}
export interface Case {
  name: string
  config: Record<string, number | string | boolean | number[]>
  parameters: Record<string, string>
  inputs: string[]
  target: string
  output: string
  loss: number
  grads: Record<string, string>
  curves: Curve[]
}
export type DType = 'f32' | 'f64'

/** A model with a case's weights, and our name of each of PyTorch's parameters. */
export interface Loaded {
  model: Module
  ours: (name: string) => string
  run: (input: Tensor) => Tensor
}

const folder = fileURLToPath(new URL('../golden/', import.meta.url))

export async function readGolden(stem: string): Promise<{ cases: Case[]; at: (name: string) => Tensor }> {
  const { cases } = JSON.parse(readFileSync(`${folder}${stem}.json`, 'utf8')) as { cases: Case[] }
  const golden = await loadSafetensors(`${folder}${stem}.safetensors`)
  afterAll(() => {
    for (const t of golden.values()) t.dispose()
  })
  return { cases, at: (name) => golden.get(name) as Tensor }
}

// Some 30 reductions follow one another; each rounds relative to the operands' size, which the largest element stands for. Golden
// tensors themselves are rounded to f32.
const DEPTH = 30
const bound = (dtype: DType, size: number, length: number): number =>
  dtype === 'f64' ? size * 2 ** -24 : size * 2 ** -24 * (1 + Math.sqrt(DEPTH * length))
// Losses are stored in full. Ten steps pass the error of one on, and AdamW divides by the gradient's size.
const lossBound = (dtype: DType, length: number): number =>
  10 * DEPTH * length * (dtype === 'f64' ? 2 ** -53 : 2 ** -24)

const sizeOf = (t: Tensor): number => (t.dataSync() as Float32Array).reduce((m, x) => Math.max(m, Math.abs(x)), 0)

function compare(what: string, got: Tensor, wanted: Tensor, limit: number): void {
  const [a, b] = [got.dataSync() as Float64Array, wanted.dataSync() as Float32Array]
  expect(a.length, what).toBe(b.length)
  for (let i = 0; i < b.length; i++) {
    const error = Math.abs((a[i] as number) - (b[i] as number))
    if (!(error <= limit)) throw new Error(`${what}[${i}]: ${a[i]} instead of ${b[i]}`)
  }
}

const optimizerOf = (curve: Curve, model: Module): AdamW | SGD =>
  curve.optimizer === 'AdamW' ? new AdamW(model.parameters(), curve.args) : new SGD(model.parameters(), curve.args)

/**
 * The tests of a case in one dtype: output, loss and gradients; ten losses with each optimizer. Its reductions are at most `length`
 * long.
 */
export function judge(c: Case, dtype: DType, length: number, at: (name: string) => Tensor, load: () => Loaded): void {
  const within = (like: Tensor): number => bound(dtype, sizeOf(like), length)
  const forward = ({ run }: Loaded): { output: Tensor; loss: Tensor } => {
    const input = at(c.inputs[0] as string)
    const output = run(input.dtype === 'f32' ? input.to(dtype) : input)
    const logits = output.reshape([-1, output.shape[output.rank - 1] as number])
    return { output, loss: crossEntropy(logits, at(c.target).reshape([-1])) }
  }

  it('computes PyTorch’s output, loss and gradients', () =>
    scope(() => {
      const loaded = load()
      const result = forward(loaded)
      result.loss.backward()
      compare('output', result.output, at(c.output), within(at(c.output)))
      expect(Math.abs(result.loss.itemSync() - c.loss)).toBeLessThanOrEqual(lossBound(dtype, length))
      const named = new Map(loaded.model.namedParameters())
      for (const [name, key] of Object.entries(c.grads)) {
        const parameter = named.get(loaded.ours(name))
        // A tied weight has one gradient, under the first of its names.
        if (!parameter && c.config['tied']) continue
        // Queries' and keys' gradients are differences of numbers as large as the values' gradients (that of the keys' bias is 0).
        const of = c.grads[name.replace(/(query|key)\.(weight|bias)$/, 'value.weight')] as string
        compare(`gradient of ${name}`, parameter?.grad as Tensor, at(key), within(at(of)))
      }
      loaded.model.dispose()
    }))

  it.each(c.curves)('follows ten steps of $optimizer', (curve) =>
    scope(() => {
      const loaded = load()
      const optimizer = optimizerOf(curve, loaded.model)
      const losses = curve.losses.map(() => {
        const step = forward(loaded)
        optimizer.zeroGrad()
        step.loss.backward()
        optimizer.step()
        return step.loss.itemSync()
      })
      for (const [i, wanted] of curve.losses.entries()) {
        const error = Math.abs((losses[i] as number) - wanted)
        if (!(error <= lossBound(dtype, length))) throw new Error(`loss ${i}: ${losses[i]} instead of ${wanted}`)
      }
      loaded.model.dispose()
    }),
  )
}
