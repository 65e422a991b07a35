/**
 * Parity with PyTorch: every case of a family is built here, loaded with PyTorch's weights under PyTorch's names, and compared. Place in
 * the whole: `<family>.test.ts` calls `parity`; test/parity/python records the other side; scripts/parity.mjs collects what is measured.
 *
 * Bounds, as in STYLE.md's derivation: a result of `depth` reductions of at most `length` terms is off by the operands' size times
 * 2^-24 times (1 + sqrt(depth length)) in f32, and what is stored is itself rounded to f32. The size of a gradient is its own largest
 * element unless a case says whose it is (`like`), where it is a difference of larger numbers. A step of AdamW moves a parameter by
 * at most lr / eps times the error of its gradient, so each step adds as many times the bound to the next losses'.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { add, engine, mseLoss, noGrad, scope, type Tensor } from '#lib/index.js'
import { loadSafetensors } from '#lib/io/index.js'
import type { Module } from '#lib/nn/index.js'
import { AdamW } from '#lib/optim/index.js'

// `any`: a config is what the family's two sides agree on
export type Config = Record<string, any>
export type Inputs = Readonly<Record<string, Tensor>>

export interface ParityCase {
  readonly build: (config: Config) => Module
  /** Default: the module called with the inputs in their order. */
  readonly run?: (model: any, inputs: Inputs, config: Config) => Tensor | readonly Tensor[]
  /** Terms of the longest sum in it. Default 64. */
  readonly length?: number
  /** Reductions that follow one another. Default 30. */
  readonly depth?: number
  /** The name of the gradient that a gradient's rounding is as large as; by default its own. */
  readonly like?: (name: string) => string
}
export type Cases = Readonly<Record<string, ParityCase>>

interface Recorded {
  readonly name: string
  readonly source: string
  readonly config: Config
  readonly train: boolean
  readonly parameters: number
  readonly inputs: readonly string[]
  readonly state: readonly string[]
  readonly outputs: number
  readonly loss: number
  readonly grads: readonly string[]
  readonly inputGrads: readonly string[]
  readonly adamw: { lr: number; betas: [number, number]; eps: number; weightDecay: number }
  readonly losses: readonly number[]
}
type DType = 'f32' | 'f64'

/** Largest errors, of the largest element each: what docs/parity.md lists. */
interface Measured {
  forward: number
  gradient: number
  curve: number
}

const folder = fileURLToPath(new URL('golden/', import.meta.url))

export async function parity(family: string, cases: Cases): Promise<void> {
  const recorded = (JSON.parse(readFileSync(`${folder}${family}.json`, 'utf8')) as { cases: Recorded[] }).cases
  const golden = await loadSafetensors(`${folder}${family}.safetensors`)
  // What is loose is freed in groups, and these live to the end: later ones are not to be in a group with them.
  engine.collect()
  afterAll(() => {
    for (const t of golden.values()) t.dispose()
  })
  it(`${family}: has the cases that were recorded`, () => {
    expect(Object.keys(cases).sort()).toEqual(recorded.map(({ name }) => name).sort())
  })
  for (const c of recorded) {
    const mine = cases[c.name]
    if (mine) describe(c.name, () => judge(family, c, mine, (key) => golden.get(`${c.name}/${key}`) as Tensor))
  }
}

function judge(family: string, c: Recorded, mine: ParityCase, at: (key: string) => Tensor): void {
  const { length = 64, depth = 30, like = (name: string): string => name } = mine
  const measured: Measured = { forward: 0, gradient: 0, curve: 0 }
  const within = (dtype: DType): number => 2 ** -24 * (dtype === 'f64' ? 1 : 1 + Math.sqrt(depth * length))
  /** Of the loss after so many steps. */
  const onLoss = (dtype: DType, steps: number): number => {
    const rounding = (dtype === 'f64' ? 2 ** -53 : 2 ** -24) * (1 + Math.sqrt(depth * length))
    return rounding * (1 + (steps * c.adamw.lr) / c.adamw.eps)
  }

  const load = (dtype: DType): Module => {
    const model = mine.build(c.config).to(dtype)
    model.loadStateDict(new Map(c.state.map((name) => [name, at(`state/${name}`)])))
    return model.train(c.train)
  }
  const inputsOf = (dtype: DType, wanted: boolean): Record<string, Tensor> =>
    Object.fromEntries(
      c.inputs.map((name) => {
        const stored = at(`input/${name}`)
        if (stored.dtype !== 'f32') return [name, stored]
        const x = stored.to(dtype).clone()
        return [name, wanted ? x.requiresGrad_() : x]
      }),
    )
  const run = (model: Module, inputs: Inputs): readonly Tensor[] => {
    const result = mine.run ? mine.run(model, inputs, c.config) : model.call(...(Object.values(inputs) as never))
    return Array.isArray(result) ? result : [result]
  }
  const lossOf = (outputs: readonly Tensor[]): Tensor =>
    outputs.map((y, k) => mseLoss(y, at(`target/${k}`).to(y.dtype)).mul(0.5)).reduce((sum, part) => add(sum, part))

  /** The largest error, of `wanted`'s largest element or `size`. */
  const compare = (what: string, got: Tensor | null | undefined, wanted: Tensor, dtype: DType, size = 0): number => {
    if (!got) throw new Error(`${what}: there is none`)
    expect(got.shape, what).toEqual(wanted.shape)
    const [a, b] = [got.dataSync() as Float64Array, wanted.dataSync() as Float32Array]
    const scale = Math.max(size, largest(wanted))
    let worst = 0
    for (let i = 0; i < b.length; i++) {
      if (a[i] === b[i] || (Number.isNaN(a[i]) && Number.isNaN(b[i]))) continue
      const error = Math.abs((a[i] as number) - (b[i] as number)) / scale
      if (!(error <= within(dtype))) throw new Error(`${what}[${i}]: ${a[i]} instead of ${b[i]}, of ${scale}`)
      worst = Math.max(worst, error)
    }
    return worst
  }

  it('has as many parameters', () =>
    scope(() => {
      const model = mine.build(c.config)
      expect([...model.parameters()].reduce((n, p) => n + p.numel, 0)).toBe(c.parameters)
      model.dispose()
    }))

  it.each(['f32', 'f64'] as const)('%s: outputs, loss and gradients', (dtype) =>
    scope(() => {
      const model = load(dtype)
      const note = (key: keyof Measured, error: number): void => {
        if (dtype === 'f32') measured[key] = Math.max(measured[key], error)
      }
      const evaluated = noGrad(() => run(model.eval(), inputsOf(dtype, false)))
      expect(evaluated.length).toBe(c.outputs)
      for (const [k, y] of evaluated.entries())
        note('forward', compare(`output ${k} in evaluation`, y, at(`eval/${k}`), dtype))
      const inputs = inputsOf(dtype, true)
      const outputs = run(model.train(c.train), inputs)
      for (const [k, y] of outputs.entries()) note('forward', compare(`output ${k}`, y, at(`output/${k}`), dtype))
      const loss = lossOf(outputs)
      expect(Math.abs(loss.itemSync() - c.loss)).toBeLessThanOrEqual(onLoss(dtype, 0) * Math.max(1, c.loss))
      if (loss.requiresGrad) loss.backward()
      const named = new Map(model.namedParameters())
      for (const name of c.grads) {
        const size = largest(at(`grad/${like(name)}`))
        note('gradient', compare(`gradient of ${name}`, named.get(name)?.grad, at(`grad/${name}`), dtype, size))
      }
      for (const name of c.inputGrads)
        note('gradient', compare(`gradient of input ${name}`, inputs[name]?.grad, at(`inputGrad/${name}`), dtype))
      model.dispose()
    }),
  )

  if (c.losses.length > 0)
    it.each(['f32', 'f64'] as const)(`%s: ten steps of AdamW`, (dtype) =>
      scope(() => {
        const model = load(dtype)
        const optimizer = new AdamW(model.parameters(), c.adamw)
        for (const [i, wanted] of c.losses.entries()) {
          const loss = lossOf(run(model, inputsOf(dtype, false)))
          optimizer.zeroGrad()
          loss.backward()
          optimizer.step()
          const error = Math.abs(loss.itemSync() - wanted)
          const limit = onLoss(dtype, i) * Math.max(1, wanted)
          if (!(error <= limit)) throw new Error(`loss ${i}: ${loss.itemSync()} instead of ${wanted}`)
          if (dtype === 'f32') measured.curve = Math.max(measured.curve, error / Math.max(Math.abs(wanted), 1e-6))
        }
        model.dispose()
      }),
    )

  afterAll(() => {
    const report = process.env['SINTER_PARITY_REPORT']
    const { name, source, parameters, losses, grads } = c
    if (report)
      appendFileSync(
        report,
        `${JSON.stringify({ family, name, source, parameters, losses: losses.length, grads: grads.length, ...measured })}\n`,
      )
  })
}

const largest = (t: Tensor): number =>
  (t.dataSync() as Float32Array).reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0)
