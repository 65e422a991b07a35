/**
 * Operators against samples of PyTorch's OpInfo database: operands with their strides, results, gradients for random
 * cotangents. test/golden/opinfo holds a seeded part (see subset.mjs there); SINTER_OPINFO=<folder> runs a full export.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { engine, noGrad, scope, type Tensor, tensor } from '#lib/index.js'
import { viewOf } from '#lib/ops/emit.js'
import { isFloating } from '#lib/tensor/dtype.js'
import { expectClose, numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'
import { openSafetensors, type Stored } from '../helpers/safetensors.js'
import { OPINFO } from '../opinfo/index.js'
import { type Arguments, DTYPES, dtypeOf, LeftOut, type Mapping } from '../opinfo/mapping.js'
import { asList, norm } from '../opspec/run.js'
import { eps } from '../opspec/tolerance.js'

interface TensorRef {
  t: string
  dtype: string
  shape: number[]
  stride: number[]
}

interface Case {
  id: string
  op: string
  variant: string
  args: unknown[]
  kwargs: Record<string, unknown>
  outputs: TensorRef[]
  cotangents?: (TensorRef & { of: number })[]
  grads?: (TensorRef | null)[]
}

const folder = process.env['SINTER_OPINFO'] ?? fileURLToPath(new URL('../golden/opinfo/', import.meta.url))
const read = openSafetensors(join(folder, 'tensors.safetensors'))
const cases = readFileSync(join(folder, 'cases.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case)
const device = engine.info().devices[0] as string

/** How far errors of operands, such as rounding, may grow beyond what random ones of them showed. */
const CONDITION = 16
/** Random changes of the operands that show what such errors do. */
const CHANGES = 3

/** Roundings behind an element of the longest of these operators; errors are relative to the norm of each tensor. */
const ROUNDINGS = 50

const groups = new Map<string, Case[]>()
for (const c of cases) {
  const name = c.variant ? `${c.op}.${c.variant}` : c.op
  if (OPINFO[name]) groups.set(name, [...(groups.get(name) ?? []), c])
}

describe(`OpInfo on ${device}`, () => {
  for (const [name, group] of groups) {
    test(name, ({ annotate }) => {
      const leftOut = new Map<string, number>()
      const errors: Error[] = []
      for (const c of group) {
        try {
          const why = scope(() => check(c, OPINFO[name] as Mapping))
          if (why) leftOut.set(why, (leftOut.get(why) ?? 0) + 1)
        } catch (error) {
          errors.push(error as Error)
        }
      }
      for (const [why, n] of leftOut) void annotate(`${n} of ${group.length} samples left out: ${why}`)
      if (errors.length > 1)
        throw new Error(`${errors.length} of ${group.length} samples: ${errors[0]?.message}`, { cause: errors[0] })
      if (errors.length > 0) throw errors[0]
    })
  }

  afterAll(() => {
    if (!process.env['SINTER_OPINFO']) return
    const mapped = [...groups.values()].reduce((n, group) => n + group.length, 0)
    const operators = new Set(cases.map((c) => (c.variant ? `${c.op}.${c.variant}` : c.op)))
    const unmapped = [...operators].filter((name) => !OPINFO[name])
    const share = ({ agree, all }: Count): string => `${agree} of ${all} (${((100 * agree) / all).toFixed(2)} %)`
    console.log(
      `OpInfo: ${mapped} of ${cases.length} samples, ${groups.size} of ${operators.size} operators are mapped; ` +
        `forward agree ${share(counts.forward)}, gradients ${share(counts.gradient)}\nnot mapped: ${unmapped.join(' ')}`,
    )
  })

  test('all operators of the table were in the export', () => {
    if (process.env['SINTER_OPINFO']) return
    expect(Object.keys(OPINFO).filter((name) => !groups.has(name) && !UNSAMPLED.has(name))).toEqual([])
  })
})

interface Count {
  agree: number
  all: number
}
/** Samples of the mapped operators, those left out included. */
const counts: Readonly<Record<'forward' | 'gradient', Count>> = {
  forward: { agree: 0, all: 0 },
  gradient: { agree: 0, all: 0 },
}

interface Run {
  leaves: Tensor[]
  outputs: readonly Tensor[]
  random: boolean
}

/** The operator's results for a sample; with `changed`, for operands each element of which is off by its rounding, up or down. */
function run(c: Case, mapping: Mapping, changed?: Random): Run {
  const leaves: Tensor[] = []
  const a = bind(c, mapping, leaves, changed)
  const random = mapping.random?.(a) ?? false
  if (c.grads) for (const t of leaves) if (isFloating(t.dtype)) t.requiresGrad_()
  const outputs = c.grads ? asList(mapping.call(a)) : noGrad(() => asList(mapping.call(a)))
  return { leaves, outputs, random }
}

/** Carries the sample's cotangents back; false if they are of results that only torch gives. */
function differentiate(c: Case, { outputs }: Run): boolean {
  const cotangents = (c.cotangents ?? []).filter(({ of }) => of < outputs.length)
  if (cotangents.length < (c.cotangents?.length ?? 0)) return false
  cotangents.forEach((g, i) => {
    outputs[g.of]?.backward({ gradient: make(g), retainGraph: i < cotangents.length - 1 })
  })
  return true
}

/** Results and gradients, by name. */
const valuesOf = ({ leaves, outputs }: Run): Map<string, Float64Array> =>
  new Map([
    ...outputs.map((y, i): [string, Float64Array] => [`output ${i}`, numbers(y)]),
    ...leaves
      .filter((t) => isFloating(t.dtype))
      .flatMap((t, i): [string, Float64Array][] => (t.grad ? [[`gradient ${i}`, numbers(t.grad)]] : [])),
  ])

/** What errors of the operands do to each result and gradient: asked where one is off, as decompositions amplify them. */
function sensitivity(c: Case, mapping: Mapping, found: Run): Map<string, number> {
  const most = new Map<string, number>()
  const here = valuesOf(found)
  for (let i = 0; i < CHANGES; i++)
    scope(() => {
      const other = run(c, mapping, new Random(`${c.id} ${i}`))
      if (c.grads) differentiate(c, other)
      for (const [what, values] of valuesOf(other)) {
        const before = here.get(what)
        if (before?.length !== values.length) continue
        const change = values.reduce((m, v, k) => Math.max(m, Math.abs(v - (before[k] as number)) || 0), 0)
        most.set(what, Math.max(most.get(what) ?? 0, change))
      }
    })
  return most
}

/** Runs a sample; says why it was left out, if it was. */
function check(c: Case, mapping: Mapping): string | undefined {
  counts.forward.all++
  if (c.grads) counts.gradient.all++
  let found: Run
  try {
    found = run(c, mapping)
  } catch (error) {
    if (error instanceof LeftOut) return error.message
    throw new Error(`${c.id}: ${(error as Error).message}`, { cause: error })
  }
  const { leaves, outputs } = found
  if (found.random) {
    for (const [i, y] of outputs.entries()) {
      const ref = c.outputs[i] as TensorRef
      expect({ dtype: y.dtype, shape: y.shape }, `${c.id}: output ${i}`).toEqual({
        dtype: dtypeOf(ref.dtype),
        shape: ref.shape,
      })
    }
    counts.forward.agree++
    if (c.grads) counts.gradient.all--
    return undefined
  }
  const elements = leaves.reduce((n, t) => n + t.numel, 1)
  let amplified: Map<string, number> | undefined
  const close = (what: string, actual: Tensor, ref: TensorRef, least = 0): void => {
    const s = stored(ref)
    const d = dtypeOf(ref.dtype)
    const degree = RELATIVE_TO_OPERANDS.get(c.op)
    const operands =
      degree === undefined
        ? 0
        : Math.max(0, ...leaves.filter((t) => isFloating(t.dtype)).map((t) => norm(numbers(t)) ** degree))
    const computed = eps(actual.dtype) * (ROUNDINGS + Math.log2(elements)) * Math.max(least, operands, norm(s.values))
    const expected = { dtype: d, shape: ref.shape, values: s.values }
    try {
      expectClose(`${c.id}: ${what}`, actual, expected, computed)
    } catch {
      amplified ??= sensitivity(c, mapping, found)
      const change = amplified.get(what) ?? 0
      // More than that is a jump, as rounding to whole numbers has them, and says nothing of errors.
      const most = what.startsWith('output') ? 16 * Math.sqrt(eps(actual.dtype)) : 1 / 16
      const smooth = change <= most * Math.max(least, norm(s.values))
      expectClose(`${c.id}: ${what}`, actual, expected, computed + (smooth ? CONDITION * change : 0))
    }
  }
  // torch gives more results of some operators (native_layer_norm's statistics).
  const terms = TERMS_OF_ONE.has(c.op) ? 1 : 0
  for (const [i, y] of outputs.entries()) close(`output ${i}`, y, c.outputs[i] as TensorRef, terms)
  counts.forward.agree++
  if (!differentiate(c, found)) return undefined
  // Cotangents may cancel in a gradient, not in its terms.
  const cotangent = Math.max(0, ...(c.cotangents ?? []).map((g) => norm(stored(g).values)))
  const wanted = leaves.filter((t) => isFloating(t.dtype))
  c.grads?.forEach((ref, i) => {
    if (!ref) return
    const leaf = wanted[i] as Tensor
    if (leaf.grad) close(`gradient ${i}`, leaf.grad, ref, cotangent)
    else if (leaf.requiresGrad && !NO_GRADIENT.has(`${c.op}.${i}`))
      expect(norm(stored(ref).values), `${c.id}: gradient ${i} is missing`).toBe(0)
  })
  if (c.grads) counts.gradient.agree++
  return undefined
}

/** Mapped, though the export has no samples of them: integers only, or made by other versions of PyTorch. */
const UNSAMPLED: ReadonlySet<string> = new Set([
  'slice_scatter',
  'nn.functional.one_hot',
  'nn.functional.soft_margin_loss',
  'bincount',
])

/** Sums of cosines that torch makes in f32: their terms, of about 1, cancel. */
const TERMS_OF_ONE: ReadonlySet<string> = new Set(['signal.windows.blackman', 'signal.windows.nuttall'])

/**
 * Errors that are relative to this power of the operands: log(sum(exp(x))) - x cancels, and so does x - mean(x); exponentials
 * turn the rounding of scores, which are products, into relative errors.
 */
const RELATIVE_TO_OPERANDS: ReadonlyMap<string, number> = new Map([
  ['nn.functional.cross_entropy', 1],
  ['logcumsumexp', 1],
  ['nn.functional.multi_head_attention_forward', 2],
  ['nn.functional.group_norm', 1],
  ['native_group_norm', 1],
  ['nn.functional.layer_norm', 1],
  ['native_layer_norm', 1],
])

/**
 * Operands whose gradient is not compared: the classes' weights of cross entropy have none here; PyTorch's gradient of
 * as_strided_scatter for the tensor that is written into is that of the written part, which its own gradcheck refutes.
 */
const NO_GRADIENT: ReadonlySet<string> = new Set(['nn.functional.cross_entropy.1', 'as_strided_scatter.0'])

/** Arguments by name; `leaves` collects the tensors in order of appearance. */
function bind(c: Case, { signature }: Mapping, leaves: Tensor[], changed?: Random): Arguments {
  const decode = (v: unknown): unknown => {
    if (typeof v !== 'object' || v === null) return v
    if ('list' in v) return (v.list as unknown[]).map(decode)
    if ('repr' in v)
      return ['nan', 'inf', '-inf'].includes(v.repr as string)
        ? Number((v.repr as string).replace('inf', 'Infinity'))
        : v.repr
    const t = make(v as TensorRef, changed)
    leaves.push(t)
    return t
  }
  const bound: Record<string, unknown> = {}
  c.args.forEach((v, i) => {
    if (i >= signature.length) throw new LeftOut(`argument ${i}`)
    bound[signature[i] as string] = decode(v)
  })
  for (const [name, v] of Object.entries(c.kwargs)) {
    if (!signature.includes(name) && v !== null) throw new LeftOut(`argument ${name}`)
    bound[name] = decode(v)
  }
  return bound
}

function stored(ref: TensorRef): Stored {
  if (!(ref.dtype in DTYPES)) throw new LeftOut(`dtype ${ref.dtype}`)
  return read(ref.t) as Stored
}

/** The tensor with the strides that the sample had. */
function make(ref: TensorRef, changed?: Random): Tensor {
  const dtype = dtypeOf(ref.dtype)
  const step = changed && isFloating(dtype) ? eps(dtype) : 0
  const values = stored(ref).values.map((v) => (step === 0 ? v : v * (1 + step * (changed?.pick([-1, 1]) ?? 0))))
  return noGrad(() => {
    const plain = tensor(values, { dtype, shape: ref.shape, device }) as Tensor
    let n = 1
    const natural = ref.shape
      .map((d) => d)
      .reverse()
      .map((d) => (n *= d) / d)
      .reverse()
    if (values.length < 2 || ref.shape.every((d, i) => d === 1 || ref.stride[i] === natural[i])) return plain
    // Element by element to where the strides put them.
    const span = ref.shape.reduce((s, d, i) => s + (d - 1) * (ref.stride[i] as number), 1)
    const base = new Float64Array(span)
    const index = ref.shape.map(() => 0)
    for (const v of values) {
      base[index.reduce((s, at, i) => s + at * (ref.stride[i] as number), 0)] = v
      for (let d = index.length - 1; d >= 0 && (index[d] = (index[d] as number) + 1) === ref.shape[d]; d--) index[d] = 0
    }
    return viewOf('opinfo', tensor(base, { dtype, device }) as Tensor, ref.shape, ref.stride)
  })
}
