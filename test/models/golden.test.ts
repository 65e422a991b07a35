// Whole models against PyTorch: output, loss, gradients of all parameters, and ten-step loss curves. Weights and inputs are
// f32; PyTorch computed in f64, so ours in f64 must agree to rounding, and ours in f32 to f32's.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { crossEntropy, scope, type Tensor } from '#lib/index.js'
import { loadSafetensors } from '#lib/io/index.js'
import { GPT } from '#lib/models/index.js'
import { Conv2d, Flatten, Linear, MaxPool2d, type Module, ReLU, Sequential } from '#lib/nn/index.js'
import { AdamW, SGD } from '#lib/optim/index.js'

interface Curve {
  optimizer: 'AdamW' | 'SGD'
  args: { lr: number; betas?: [number, number]; eps?: number; weightDecay?: number; momentum?: number }
  losses: number[]
}
interface Case {
  name: string
  config: Record<string, number | boolean | number[]>
  parameters: Record<string, string>
  inputs: string[]
  target: string
  output: string
  loss: number
  grads: Record<string, string>
  curves: Curve[]
}

const folder = fileURLToPath(new URL('../golden/', import.meta.url))
const { cases } = JSON.parse(readFileSync(`${folder}models.json`, 'utf8')) as { cases: Case[] }
const golden = await loadSafetensors(`${folder}models.safetensors`)
const at = (name: string): Tensor => golden.get(name) as Tensor
afterAll(() => {
  for (const t of golden.values()) t.dispose()
})

/** The model, and our name of each of PyTorch's parameters. */
function build(c: Case): { model: Module; ours: (name: string) => string } {
  if (c.name === 'digitsCNN') {
    const [a, b, d] = c.config.channels as [number, number, number]
    const { hidden, classes } = c.config as { hidden: number; classes: number }
    const model = new Sequential(
      new Conv2d(a, b, 3),
      new ReLU(),
      new Conv2d(b, d, 3),
      new ReLU(),
      new MaxPool2d(2),
      new Flatten(),
      new Linear(d * 16, hidden),
      new ReLU(),
      new Linear(hidden, classes),
    )
    return { model, ours: (name) => name.replace(/^net\./, '') }
  }
  const { vocab, block, layers, heads, width, tied } = c.config as Record<string, number> & { tied: boolean }
  const model = new GPT({
    vocabSize: vocab!,
    blockSize: block!,
    layers: layers!,
    heads: heads!,
    channels: width!,
    tied,
  })
  return { model, ours: (name) => (name.startsWith('lm_head') ? name : `transformer.${name}`) }
}

function load(c: Case, dtype: 'f32' | 'f64'): { model: Module; ours: (name: string) => string } {
  const { model, ours } = build(c)
  if (dtype === 'f64') model.to('f64')
  const state = model.stateDict()
  for (const [name, key] of Object.entries(c.parameters)) {
    const parameter = state.get(ours(name)) as Tensor
    expect(parameter, name).toBeDefined()
    expect(parameter.shape).toEqual(at(key).shape)
    parameter.detach().copy_(at(key))
  }
  return { model, ours }
}

function loss(c: Case, model: Module, dtype: 'f32' | 'f64'): { output: Tensor; loss: Tensor } {
  const input = at(c.inputs[0] as string)
  const output = model.call(input.dtype === 'f32' ? input.to(dtype) : input) as Tensor
  const logits = output.reshape([-1, output.shape[output.rank - 1] as number])
  return { output, loss: crossEntropy(logits, at(c.target).reshape([-1])) }
}

// Reductions here are at most 128 long and some 30 follow one another; each rounds relative to the operands' size, which the
// largest element stands for. Golden tensors themselves are rounded to f32.
const DEPTH = 30
const LENGTH = 128
const bound = (dtype: 'f32' | 'f64', size: number): number =>
  dtype === 'f64' ? size * 2 ** -24 : size * 2 ** -24 * (1 + Math.sqrt(DEPTH * LENGTH))
// Losses are stored in full. Ten steps pass the error of one on, and AdamW divides by the gradient's size.
const lossBound = (dtype: 'f32' | 'f64'): number => 10 * DEPTH * LENGTH * (dtype === 'f64' ? 2 ** -53 : 2 ** -24)

function compare(what: string, got: Tensor, wanted: Tensor, dtype: 'f32' | 'f64'): void {
  const [a, b] = [got.dataSync() as Float64Array, wanted.dataSync() as Float32Array]
  expect(a.length, what).toBe(b.length)
  const size = b.reduce((m, x) => Math.max(m, Math.abs(x)), 0)
  for (let i = 0; i < b.length; i++) {
    const error = Math.abs((a[i] as number) - (b[i] as number))
    if (!(error <= bound(dtype, size))) throw new Error(`${what}[${i}]: ${a[i]} instead of ${b[i]}`)
  }
}

function optimizerOf(curve: Curve, model: Module): AdamW | SGD {
  return curve.optimizer === 'AdamW'
    ? new AdamW(model.parameters(), curve.args)
    : new SGD(model.parameters(), curve.args)
}

describe.each(cases)('$name', (c) => {
  describe.each(['f32', 'f64'] as const)('in %s', (dtype) => {
    it('computes PyTorch’s output, loss and gradients', () =>
      scope(() => {
        const { model, ours } = load(c, dtype)
        const result = loss(c, model, dtype)
        result.loss.backward()
        compare('output', result.output, at(c.output), dtype)
        expect(Math.abs(result.loss.itemSync() - c.loss)).toBeLessThanOrEqual(lossBound(dtype))
        const named = new Map(model.namedParameters())
        for (const [name, key] of Object.entries(c.grads)) {
          const parameter = named.get(ours(name))
          // A tied weight has one gradient, under the first of its names.
          if (!parameter && c.config.tied) continue
          compare(`gradient of ${name}`, parameter?.grad as Tensor, at(key), dtype)
        }
        for (const p of model.parameters()) p.dispose()
      }))

    it.each(c.curves)('follows ten steps of $optimizer', (curve) =>
      scope(() => {
        const { model } = load(c, dtype)
        const optimizer = optimizerOf(curve, model)
        const losses = curve.losses.map(() => {
          const step = loss(c, model, dtype)
          optimizer.zeroGrad()
          step.loss.backward()
          optimizer.step()
          return step.loss.itemSync()
        })
        for (const [i, wanted] of curve.losses.entries()) {
          const error = Math.abs((losses[i] as number) - wanted)
          if (!(error <= lossBound(dtype))) throw new Error(`loss ${i}: ${losses[i]} instead of ${wanted}`)
        }
        for (const p of model.parameters()) p.dispose()
      }),
    )
  })
})
