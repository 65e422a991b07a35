// Recurrent layers against PyTorch: results and all gradients of test/golden/recurrent.json. PyTorch computed in f64, so ours in f64
// must agree to the rounding of the stored f32, and ours in f32 to f32's.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { packPaddedSequence, padPackedSequence, scope, type Tensor } from '#lib/index.js'
import { loadSafetensors } from '#lib/io/index.js'
import { GRU, LSTM, type LSTMOptions, type Module, RNN } from '#lib/nn/index.js'
import { numbers } from '../helpers/compare.js'

interface Case {
  name: string
  module: 'LSTM' | 'GRU' | 'RNN'
  args: Record<string, number | boolean | string>
  lengths: number[] | null
  enforceSorted: boolean
  parameters: Record<string, string>
  inputs: [string]
  state: string[]
  gradOutputs: string[]
  outputs: string[]
  grads: Record<string, string>
}

const folder = fileURLToPath(new URL('../golden/', import.meta.url))
const { cases } = JSON.parse(readFileSync(`${folder}recurrent.json`, 'utf8')) as { cases: Case[] }
const golden = await loadSafetensors(`${folder}recurrent.safetensors`)
const at = (name: string): Tensor => golden.get(name) as Tensor
afterAll(() => {
  for (const t of golden.values()) t.dispose()
})

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase())

function build(c: Case, inputs: number, dtype: 'f32' | 'f64'): LSTM | GRU | RNN {
  const options = { ...Object.fromEntries(Object.entries(c.args).map(([k, v]) => [camel(k), v])), dtype } as LSTMOptions
  const hidden = 6
  return c.module === 'LSTM'
    ? new LSTM(inputs, hidden, options)
    : c.module === 'GRU'
      ? new GRU(inputs, hidden, options)
      : new RNN(inputs, hidden, options)
}

/** Results in PyTorch's order, and gradients by its names. */
function computed(c: Case, dtype: 'f32' | 'f64'): { net: Module; outputs: Tensor[]; grads: Map<string, Tensor> } {
  const x = at(c.inputs[0]).to(dtype).detach().requiresGrad_()
  const state = c.state.map((name) => at(name).to(dtype).detach().requiresGrad_())
  const net = build(c, x.shape[2] as number, dtype)
  net.loadStateDict(new Map(Object.entries(c.parameters).map(([key, name]) => [key, at(name)])))
  const { batchFirst } = net
  const { lengths, enforceSorted } = c
  const given = lengths ? packPaddedSequence(x, lengths, { batchFirst, enforceSorted }) : x
  const initial = state.length === 0 ? null : state.length === 2 ? [state[0], state[1]] : state[0]
  const [y, h] = net.forward(given, initial as never) as [never, Tensor | [Tensor, Tensor]]
  const padded = lengths ? padPackedSequence(y, { batchFirst })[0] : (y as Tensor)
  const outputs = [padded, ...(Array.isArray(h) ? h : [h])]
  const loss = outputs.map((t, i) => t.mul(at(c.gradOutputs[i] as string).to(dtype)).sum()).reduce((a, b) => a.add(b))
  loss.backward()
  const grads = new Map<string, Tensor>()
  for (const [name, p] of net.namedParameters()) grads.set(name, p.grad as Tensor)
  ;[x, ...state].forEach((t, i) => {
    grads.set(['input', 'h0', 'c0'][i] as string, t.grad as Tensor)
  })
  return { net, outputs, grads }
}

function close(what: string, ours: Tensor, name: string, dtype: 'f32' | 'f64', roundings: number): void {
  const [a, b] = [numbers(ours), numbers(at(name))]
  expect(ours.shape, what).toEqual(at(name).shape)
  const largest = b.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
  // The stored numbers were rounded to f32 once; f32 rounds in every one of its few hundred operations.
  const eps = 2 ** -24 * (dtype === 'f64' ? 1 : roundings)
  a.forEach((v, i) => {
    if (!(Math.abs(v - (b[i] as number)) <= eps * largest)) expect(v, `${what}[${i}]`).toBe(b[i])
  })
}

describe.each(cases)('$name', (c) => {
  it.each(['f64', 'f32'] as const)('has PyTorch’s results and gradients in %s', (dtype) => {
    scope(() => {
      const { net, outputs, grads } = computed(c, dtype)
      outputs.forEach((t, i) => {
        close(`output ${i}`, t, c.outputs[i] as string, dtype, 40)
      })
      expect([...grads.keys()].sort()).toEqual(Object.keys(c.grads).sort())
      for (const [key, name] of Object.entries(c.grads))
        close(`gradient of ${key}`, grads.get(key) as Tensor, name, dtype, 120)
      net.zeroGrad()
      net.dispose()
    })
  })
})
