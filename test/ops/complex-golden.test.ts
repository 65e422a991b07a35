/** Complex numbers and Fourier transforms against PyTorch: test/golden/complex.*, made by test/golden/complex.py. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { engine, scope, type Tensor, tensor } from '#lib/index.js'
import { complexOf, type DType, isFloating } from '#lib/tensor/dtype.js'
import { expectClose } from '../helpers/compare.js'
import { openSafetensors, type Stored } from '../helpers/safetensors.js'
import { orSkip } from '../opspec/plan.js'
import { norm } from '../opspec/run.js'
import { eps } from '../opspec/tolerance.js'

type Args = Readonly<Record<string, any>>

interface Case {
  name: string
  op: string
  inputs: string[]
  args: Args
  output: string
  cotangent: string | null
  grads: (string | null)[]
}

const golden = new URL('../golden/', import.meta.url)
const read = openSafetensors(new URL('complex.safetensors', golden))
const { cases } = JSON.parse(readFileSync(new URL('complex.json', golden), 'utf8')) as { cases: Case[] }

/** Roundings behind an element of the longest of these operators. */
const ROUNDINGS = 50

type Call = (...operands: unknown[]) => Tensor
const { linalg: la } = ops
const functions = {
  ...ops,
  ...la,
  // Eigenvalues come in no order, vectors with any phase: sums over all.
  powers(x: Tensor): Tensor {
    const w = la.eigvals(x)
    const square = ops.mul(w, w)
    return ops.stack([ops.sum(w, -1), ops.sum(square, -1), ops.sum(ops.mul(square, w), -1)], -1)
  },
  projectors(x: Tensor): Tensor {
    const { values, vectors } = la.eig(x)
    return ops.matmul(ops.mul(vectors, values.unsqueeze(-2)), ops.conj(vectors.transpose()))
  },
  'slogdet.0': (x: Tensor) => la.slogdet(x).sign,
  'slogdet.1': (x: Tensor) => la.slogdet(x).logAbsDet,
} as unknown as Readonly<Record<string, Call>>
const transforms = { ...ops.fft } as unknown as Readonly<Record<string, Call>>

function call(op: string, [a, b, c]: readonly Tensor[], args: Args): Tensor {
  const f = (transforms[op] ?? functions[op]) as Call
  const { dim, nFft, ...options } = args
  if (nFft !== undefined) return f(a, nFft, { ...options, window: b ?? null })
  if (op in transforms && !op.endsWith('shift')) {
    const where = dim === undefined ? {} : typeof dim === 'number' ? { axis: dim } : { axes: dim }
    return f(a, { ...options, ...where })
  }
  return f(...[a, b, c].filter((x) => x !== undefined), ...(dim === undefined ? [] : [dim]))
}

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

for (const { device, dtype } of runs) {
  describe(`${device} ${dtype}`, () => {
    for (const c of cases) test(c.name, ({ skip }) => orSkip(device, skip, () => scope(() => check(c, device, dtype))))
  })
}

function check(c: Case, device: string, dtype: DType): void {
  const make = (name: string): Tensor => {
    const s = read(name) as Stored
    const complex = name.endsWith('.c')
    const own = isFloating(s.dtype) ? dtype : s.dtype
    const values = complex && dtype === 'f32' ? Float32Array.from(s.values) : s.values
    return tensor(values, {
      shape: complex ? s.shape.slice(0, -1) : s.shape,
      dtype: complex ? complexOf(dtype) : own,
      device,
    }) as Tensor
  }
  const inputs = c.inputs.map(make)
  c.grads.forEach((name, i) => {
    if (name) inputs[i]?.requiresGrad_()
  })
  const output = call(c.op, inputs, c.args)
  const elements = inputs.reduce((n, x) => n + x.numel, 1)
  const close = (what: string, actual: Tensor, name: string): void => {
    const s = read(name) as Stored
    const complex = name.endsWith('.c')
    expect(actual.dtype, `${c.name}: ${what}`).toBe(complex ? complexOf(dtype) : isFloating(s.dtype) ? dtype : s.dtype)
    const tolerance = (eps(dtype) * (ROUNDINGS + Math.log2(elements)) + eps('f32')) * norm(s.values)
    const parts = complex ? ops.viewAsReal(actual.detach()) : actual.detach()
    expectClose(`${c.name}: ${what}`, parts, { dtype: parts.dtype, shape: s.shape, values: s.values }, tolerance)
  }
  close('output', output, c.output)
  if (c.cotangent) output.backward({ gradient: make(c.cotangent) })
  c.grads.forEach((name, i) => {
    if (name) close(`gradient ${i}`, inputs[i]?.grad as Tensor, name)
  })
}
