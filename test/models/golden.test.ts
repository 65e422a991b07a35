// Whole models against PyTorch: output, loss, gradients of all parameters, and ten-step loss curves. Weights and inputs are
// f32; PyTorch computed in f64, so ours in f64 must agree to rounding, and ours in f32 to f32's.
import { describe, expect } from 'vitest'
import type { Tensor } from '#lib/index.js'
import { GPT } from '#lib/models/index.js'
import { Conv2d, Flatten, Linear, MaxPool2d, type Module, ReLU, Sequential } from '#lib/nn/index.js'
import { type Case, type DType, judge, type Loaded, readGolden } from './golden.js'

const { cases, at } = await readGolden('models')

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

function load(c: Case, dtype: DType): Loaded {
  const { model, ours } = build(c)
  if (dtype === 'f64') model.to('f64')
  const state = model.stateDict()
  for (const [name, key] of Object.entries(c.parameters)) {
    const parameter = state.get(ours(name)) as Tensor
    expect(parameter, name).toBeDefined()
    expect(parameter.shape).toEqual(at(key).shape)
    parameter.detach().copy_(at(key))
  }
  return { model, ours, run: (input) => model.call(input) as Tensor }
}

describe.each(cases)('$name', (c) => {
  describe.each(['f32', 'f64'] as const)('in %s', (dtype) => {
    judge(c, dtype, 128, at, () => load(c, dtype))
  })
})
