/** Operators against PyTorch's results and gradients: test/golden/ops.*, made by test/golden/ops.py. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { engine, noGrad, scope, type Tensor, tensor } from '#lib/index.js'
import { type DType, isFloating } from '#lib/tensor/dtype.js'
import { expectClose } from '../helpers/compare.js'
import { openSafetensors, type Stored } from '../helpers/safetensors.js'
import { TORCH } from '../helpers/torch.js'
import { orSkip } from '../opspec/plan.js'
import { asList, norm } from '../opspec/run.js'
import { eps } from '../opspec/tolerance.js'

interface Case {
  name: string
  op: string
  inputs: (string | null)[]
  args: Record<string, unknown>
  outputs: string[]
  cotangents: (string | null)[]
  grads: (string | null)[]
}

const golden = new URL('../golden/', import.meta.url)
const read = openSafetensors(new URL('ops.safetensors', golden))
const { cases } = JSON.parse(readFileSync(new URL('ops.json', golden), 'utf8')) as { cases: Case[] }

/** Roundings behind an element of the longest of these operators, five steps of an optimizer. */
const ROUNDINGS = 50

/** Reference in f64 must give the file's numbers to the rounding of the file; f32 to its own, relative to the norm. */
const runs: readonly { device: string; dtype: DType }[] = [
  { device: 'reference', dtype: 'f64' },
  ...engine
    .info()
    .devices.filter((d) => d !== 'reference')
    .flatMap((device) => [
      { device, dtype: 'f32' as const },
      { device, dtype: 'f64' as const },
    ]),
]

/** JSON has no infinities: they are strings. */
const number = (x: unknown): unknown =>
  typeof x === 'string' && !Number.isNaN(Number(x.replace('NaN', '0'))) ? Number(x) : x

for (const { device, dtype } of runs) {
  describe(`${device} ${dtype}`, () => {
    for (const c of cases) test(c.name, ({ skip }) => orSkip(device, skip, () => scope(() => check(c, device, dtype))))
  })
}

function check(c: Case, device: string, dtype: DType): void {
  const call = TORCH[c.op]
  expect(call, `${c.op} has no counterpart`).toBeDefined()
  const own = (s: Stored): DType => (isFloating(s.dtype) ? dtype : s.dtype)
  const make = (name: string): Tensor => {
    const s = read(name) as Stored
    return tensor(s.values, { shape: s.shape, dtype: own(s), device }) as Tensor
  }
  const inputs = c.inputs.map((name) => (name ? make(name) : null))
  c.grads.forEach((name, i) => {
    if (name) inputs[i]?.requiresGrad_()
  })
  const args = Object.fromEntries(Object.entries(c.args).map(([k, v]) => [k, number(v)]))
  const run = (): readonly Tensor[] => asList((call as NonNullable<typeof call>)(inputs, args))
  const outputs = c.grads.length > 0 ? run() : noGrad(run)
  const close = (what: string, actual: Tensor, name: string): void => {
    const s = read(name) as Stored
    const stored = s.values.map((v) => (eps('f32') / 2) * Math.abs(v))
    const computed =
      eps(dtype) * (ROUNDINGS + Math.log2(1 + inputs.reduce((n, x) => n + (x?.numel ?? 0), 0))) * norm(s.values)
    expectClose(
      `${c.name}: ${what}`,
      actual,
      { dtype: own(s), shape: s.shape, values: s.values },
      stored.map((v) => v + computed),
    )
  }
  for (const [i, name] of c.outputs.entries()) close(`output ${i}`, outputs[i] as Tensor, name)
  c.cotangents.forEach((name, i) => {
    if (name)
      (outputs[i] as Tensor).backward({ gradient: make(name), retainGraph: c.cotangents.slice(i + 1).some(Boolean) })
  })
  c.grads.forEach((name, i) => {
    if (name) close(`gradient ${i}`, inputs[i]?.grad as Tensor, name)
  })
}
