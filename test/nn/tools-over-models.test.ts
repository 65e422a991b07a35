// The tools over models, tried on every layer and model that has a parity case.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { manualSeed, noGrad, scope, Tensor } from '#lib/index.js'
import { loadSafetensors } from '#lib/io/index.js'
import * as nn from '#lib/nn/index.js'
import type { Cases, Config, Inputs } from '../parity/harness.js'

interface Recorded {
  readonly name: string
  readonly config: Config
  readonly inputs: readonly string[]
}

const folder = fileURLToPath(new URL('../parity/', import.meta.url))
const families = readdirSync(`${folder}cases`)
  .map((file) => file.replace('.ts', ''))
  .filter((family) => family !== 'by-name')

const tensorsIn = (x: unknown): Tensor[] => {
  if (x instanceof Tensor) return [x]
  if (Array.isArray(x)) return x.flatMap(tensorsIn)
  return typeof x === 'object' && x !== null && Object.getPrototypeOf(x) === Object.prototype
    ? Object.values(x).flatMap(tensorsIn)
    : []
}

describe.each(families)('%s', async (family) => {
  const module = (await import(`../parity/cases/${family}.ts`)) as Record<string, Cases>
  const cases = Object.values(module).find((value) => typeof value === 'object') as Cases
  const recorded = (JSON.parse(readFileSync(`${folder}golden/${family}.json`, 'utf8')) as { cases: Recorded[] }).cases

  it.each(recorded.filter(({ name }) => cases[name]))('$name', async ({ name, config, inputs }) => {
    const { build, run } = cases[name] as Cases[string]
    const golden = await loadSafetensors(`${folder}golden/${family}.safetensors`, {
      names: inputs.map((input) => `${name}/input/${input}`),
    })
    const given: Inputs = Object.fromEntries(
      inputs.map((input) => [input, golden.get(`${name}/input/${input}`) as Tensor]),
    )
    scope(() => {
      const model = build(config)
      const names = [...model.stateDict().keys()]
      let args: readonly unknown[] | undefined
      const hook = model.registerForwardPreHook((_, taken) => void (args ??= taken))
      const use = (m: nn.Module, x: Inputs): unknown =>
        run ? run(m, x, config) : m.call(...(Object.values(x) as never))
      noGrad(() => use(model, given))
      hook.remove()
      expect(String(nn.summary(model))).toContain(model.constructor.name)
      if (args === undefined) return model.dispose()
      const figures = nn.summary(model, args)
      expect(figures.rows[0]?.calls).toBe(1)

      if (tensorsIn(noGrad(() => model.call(...(args as never)))).length > 0) {
        expect(nn.modelGraph(model, args, { depth: 3 }).toSVG()).toContain('</svg>')
      }

      // Checkpoints of all modules inside, in one another, give the same gradients to the bit.
      const start = new Map([...model.stateDict()].map(([key, t]) => [key, t.detach().clone()]))
      const grads = (): unknown => {
        model.loadStateDict(start)
        model.zeroGrad()
        manualSeed(1)
        const ends = tensorsIn(use(model.train(), given)).filter((t) => t.requiresGrad)
        if (ends.length === 0) return null
        ends
          .map((t) => t.sum())
          .reduce((a, b) => a.add(b))
          .backward()
        return [...model.parameters()].map(({ grad }) => grad?.dataSync())
      }
      if ([...model.namedChildren()].length > 0) {
        const before = grads()
        const inside = [...model.modules()].filter((m) => m !== model)
        const handle = nn.checkpointModules(model, (m) => inside.includes(m))
        expect(grads()).toEqual(before)
        handle.remove()
        model.zeroGrad()
      }

      expect([...model.stateDict().keys()]).toEqual(names)
      model.to('bf16').eval()
      const half = Object.fromEntries(
        Object.entries(given).map(([key, x]) => [key, x.dtype === 'f32' ? x.to('bf16') : x]),
      )
      for (const y of tensorsIn(noGrad(() => use(model, half)))) expect(y.isnan().any().itemSync()).toBe(0)
      model.dispose()
    })
    for (const t of golden.values()) t.dispose()
  })
})
