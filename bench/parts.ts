/**
 * `--parts`: the commands of a case's call, and how near they are together to what the machine allows. Place in the whole: main.ts
 * chooses the cases; worker.ts profiles them; peak.ts measures the machine.
 *
 * A command's bound is the longer of its arithmetic at the measured peak of its dtype and of its operands and results at the rate of the
 * level of memory that holds as much. Their sum is the least time of a call made of these commands, whoever executes them: of a whole
 * training step it says what better kernels could still give, and what only other commands would.
 */

import type { DType } from 'sinter'
import { align } from '#lib/columns.js'
import { BYTES } from '#lib/tensor/dtype.js'
import type { Case } from './case.js'
import type { Limits } from './peak.js'
import { type Binding, startOurs } from './sides.js'
import { boundOf } from './verdict.js'

/** Commands with the same kernel and shapes. */
export interface Part {
  readonly kernel: string
  /** The narrowest of operands and results, masks left out: what bounds the arithmetic. */
  readonly dtype: DType
  readonly calls: number
  /** Of all calls. */
  readonly ms: number
  /** Of one call. */
  readonly flops: number | null
  readonly bytes: number
}

interface KernelSums {
  calls: number
  ms: number
  boundMs: number
  flops: number
  bytes: number
}

/** What worker.ts asks of an event. */
interface Command {
  readonly kernel: string
  readonly ms: number
  readonly flops: number | null
  readonly bytes: number
  readonly operands: readonly ({ readonly dtype: DType } | null)[]
  readonly results: readonly { readonly dtype: DType }[]
}

/** Commands with the same kernel, work and traffic as one part. */
export function partsOf(commands: readonly Command[]): Part[] {
  const parts = new Map<string, { -readonly [K in keyof Part]: Part[K] }>()
  for (const { kernel, ms, flops, bytes, operands, results } of commands) {
    const dtypes = [...operands, ...results].flatMap((it) => (it && it.dtype !== 'bool' ? [it.dtype] : []))
    const dtype = dtypes.reduce((a, b) => (BYTES[b] < BYTES[a] ? b : a), dtypes[0] ?? 'f32')
    const key = `${kernel} ${dtype} ${flops} ${bytes}`
    const part = parts.get(key) ?? { kernel, dtype, calls: 0, ms: 0, flops, bytes }
    part.calls++
    part.ms += ms
    parts.set(key, part)
  }
  return [...parts.values()]
}

async function boundMs({ flops, bytes, dtype }: Part, limits: Limits): Promise<number> {
  const bandwidth = await limits.reading(bytes)
  if (flops === null) return boundOf({ dtype, bytes }, Number.NaN, bandwidth)?.ms ?? 0
  return boundOf({ dtype, flops, bytes }, await limits.arithmetic(dtype === 'u8' ? 'i8' : dtype), bandwidth)?.ms ?? 0
}

/** A table of the case's kernels, the dearest first, and a line about all of them. */
export async function measureParts(c: Case, binding: Binding, limits: Limits): Promise<string> {
  const worker = startOurs(binding)
  try {
    const parts = (await worker.ask({ cmd: 'parts', case: c.name }))['parts'] as Part[]
    const kernels = new Map<string, KernelSums>()
    for (const part of parts) {
      const sums = kernels.get(part.kernel) ?? { calls: 0, ms: 0, boundMs: 0, flops: 0, bytes: 0 }
      sums.calls += part.calls
      sums.ms += part.ms
      sums.boundMs += part.calls * (await boundMs(part, limits))
      sums.flops += part.calls * (part.flops ?? 0)
      sums.bytes += part.calls * part.bytes
      kernels.set(part.kernel, sums)
    }
    return tableOf(c.name, kernels)
  } finally {
    worker.close()
  }
}

function tableOf(name: string, kernels: ReadonlyMap<string, KernelSums>): string {
  const all = [...kernels.values()].reduce(
    (sum, { ms, boundMs }) => ({ ms: sum.ms + ms, boundMs: sum.boundMs + boundMs }),
    { ms: 0, boundMs: 0 },
  )
  const percent = (a: number, b: number): string => `${(b > 0 ? (100 * a) / b : 0).toFixed(1)} %`
  const rows = [...kernels]
    .sort(([, a], [, b]) => b.ms - a.ms)
    .map(([kernel, k]) => [
      kernel,
      String(k.calls),
      k.ms.toFixed(3),
      percent(k.ms, all.ms),
      k.flops > 0 ? (k.flops / k.ms / 1e6).toFixed(0) : '',
      (k.bytes / k.ms / 1e6).toFixed(1),
      percent(k.boundMs, k.ms),
      percent(k.ms - k.boundMs, all.ms),
    ])
  const header = ['kernel', 'calls', 'ms', 'of time', 'GFLOP/s', 'GB/s', 'of bound', 'to win']
  const total = `${name}: ${all.ms.toFixed(2)} ms in commands, whose bound is ${all.boundMs.toFixed(2)} ms: ${percent(all.boundMs, all.ms)} of it`
  return [...align([header, ...rows], (column) => column === 0), total].join('\n')
}
