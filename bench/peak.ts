/**
 * The machine's limits, measured in the same run as the rows. Place in the whole: main.ts asks for a limit after each row; the
 * loops are native/cpu/peak.
 */
import type { Roof } from './plot.js'
import { type Binding, type Conversation, startOurs } from './sides.js'

const F32 = ['fma_f32_avx512', 'fma_f32_avx2', 'fma_f32_baseline', 'fma_f32_neon']
/** What bounds arithmetic in a dtype; the fastest that the machine can run counts. */
const ARITHMETIC: Record<string, readonly string[]> = {
  f32: F32,
  f64: ['fma_f64_avx512', 'fma_f64_avx2', 'fma_f64_baseline', 'fma_f64_neon'],
  bf16: ['dot_bf16_amx', 'dot_bf16_avx512', ...F32],
  f16: F32,
  i8: ['dot_i8_amx', 'dot_i8_avx512_vnni', 'dot_i8_avx2', ...F32],
}
/** Bytes read and written; the best pattern counts. */
const BANDWIDTH = [
  'mem_read',
  'mem_write',
  'mem_write_nt',
  'mem_rmw_inplace',
  'mem_copy',
  'mem_copy_nt',
  'mem_triad',
  'mem_triad_nt',
]

/** Loops that read arrays of so many bytes a thread, smallest first: what operands of that size can come in at. */
const READ: readonly (readonly [bytes: number, loop: string])[] = [
  [16 << 10, 'cache_read_l1_16k'],
  [512 << 10, 'cache_read_l2_512k'],
  [6 << 20, 'cache_read_l3_6m'],
  [Number.POSITIVE_INFINITY, 'mem_read'],
]
/** Their usual names. */
const LEVELS = ['L1', 'L2', 'L3', 'memory']

/** All that native/cpu/peak measures, in the order of a table. */
export const LOOPS: readonly string[] = [
  ...new Set([...Object.values(ARITHMETIC).flat(), ...READ.map(([, loop]) => loop), ...BANDWIDTH]),
]

/** What rows are held against. */
export interface Limits {
  /** GFLOP/s of multiply-adds in the dtype. */
  arithmetic(dtype: string): Promise<number>
  /** What bounds arithmetic in the dtype: dtypes with the same have one roof. */
  loopOf(dtype: string): string
  /** GB/s to and from memory. */
  bandwidth(): Promise<number>
  /** GB/s at which operands of so many bytes can be read again. */
  reading(bytes: number): Promise<number>
  /** GB/s of each level of memory, for a plot. */
  levels(): Promise<Roof[]>
  close(): void
}

interface Limit {
  /** The fastest loop. */
  loop: string
  rate: number
  /** Loops that the machine can run. */
  readonly loops: string[]
  next: number
}

/**
 * A process that measures limits under the same binding as the sides. The first question about a limit runs all its loops;
 * later ones run the fastest and, in turn, one other: what a neighbour hid the first time is found then.
 */
export class Meter implements Limits {
  readonly #worker: Conversation
  readonly #limits = new Map<string, Limit>()
  /** The best rate of each loop in this run, of those that only neighbours slow. */
  readonly #fastest = new Map<string, number>()

  readonly #threads: number

  constructor(binding: Binding) {
    this.#threads = binding.threads
    this.#worker = startOurs(binding)
  }

  /** GFLOP/s of multiply-adds in the dtype: the best of this run, since only neighbours lower it. */
  async arithmetic(dtype: string): Promise<number> {
    return this.#best(await this.#measure(dtype, ARITHMETIC[dtype] ?? F32))
  }

  /** The loop that bounds arithmetic in the dtype, once it was measured. */
  loopOf(dtype: string): string {
    return this.#limits.get(dtype)?.loop ?? ''
  }

  /** The best rate of the limit's loop in this run, whatever it was measured for. */
  #best({ loop, rate }: Limit): number {
    const best = Math.max(rate, this.#fastest.get(loop) ?? 0)
    this.#fastest.set(loop, best)
    return best
  }

  /** GB/s to and from memory, now: the host's other guests share it. */
  async bandwidth(): Promise<number> {
    return (await this.#measure('bandwidth', BANDWIDTH)).rate
  }

  /** GB/s at which operands of so many bytes can be read again: from the smallest cache whose loop is as large, or from memory. */
  async reading(bytes: number): Promise<number> {
    const loop = READ.find(([most]) => bytes <= most * this.#threads)?.[1] as string
    const limit = await this.#measure(loop, [loop])
    return loop === 'mem_read' ? limit.rate : this.#best(limit)
  }

  /** The rate of one loop, measured now if it was not before; NaN where the machine cannot run it. */
  async rate(loop: string): Promise<number> {
    return this.#fastest.get(loop) ?? (this.#limits.get(loop) ?? (await this.#measure(loop, [loop]))).rate
  }

  async levels(): Promise<Roof[]> {
    const roofs: Roof[] = []
    for (const [i, [, loop]] of READ.entries()) roofs.push({ label: LEVELS[i] as string, rate: await this.rate(loop) })
    return roofs
  }

  async #measure(kind: string, all: readonly string[]): Promise<Limit> {
    const known = this.#limits.get(kind)
    const limit: Limit = known ?? { loop: '', rate: Number.NaN, loops: [], next: 0 }
    const other = limit.loops[limit.next++ % limit.loops.length] as string
    const loops = known ? new Set([limit.loop, other]) : all
    limit.rate = Number.NaN
    for (const loop of loops) {
      const rate = (await this.#worker.ask({ cmd: 'peak', name: loop }))['rate']
      if (typeof rate !== 'number') continue // JSON's null: not on this machine
      if (!known) limit.loops.push(loop)
      if (limit.rate >= rate) continue
      limit.rate = rate
      limit.loop = loop
    }
    if (limit.loops.length > 0) this.#limits.set(kind, limit)
    return limit
  }

  close(): void {
    this.#worker.close()
  }
}
