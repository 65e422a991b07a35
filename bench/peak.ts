/**
 * The machine's limits, measured in the same run as the rows. Place in the whole: main.ts asks for a limit before and after
 * each row; the loops are native/cpu/peak.
 */
import { type Binding, type Conversation, startOurs } from './sides.js'

const F32 = ['fma_f32_avx512', 'fma_f32_avx2', 'fma_f32_baseline', 'fma_f32_neon']
/** What bounds arithmetic in a dtype; the fastest that the machine can run counts. */
const ARITHMETIC: Record<string, readonly string[]> = {
  f32: F32,
  f64: ['fma_f64_avx512', 'fma_f64_avx2', 'fma_f64_baseline', 'fma_f64_neon'],
  bf16: ['dot_bf16_avx512', ...F32],
  f16: F32,
  i8: ['dot_i8_avx512_vnni', ...F32],
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

/** A process that measures limits under the same binding as the sides. */
export class Meter {
  readonly #worker: Conversation
  /** By kind of limit: the loop that was fastest the first time, which alone is measured from then on. */
  readonly #best = new Map<string, string>()

  constructor(binding: Binding) {
    this.#worker = startOurs(binding)
  }

  /** GFLOP/s of multiply-adds in the dtype. */
  arithmetic(dtype: string): Promise<number> {
    return this.#measure(dtype, ARITHMETIC[dtype] ?? F32)
  }

  /** GB/s to and from memory. */
  bandwidth(): Promise<number> {
    return this.#measure('bandwidth', BANDWIDTH)
  }

  async #measure(kind: string, names: readonly string[]): Promise<number> {
    const known = this.#best.get(kind)
    let best = Number.NaN
    for (const name of known ? [known] : names) {
      const rate = (await this.#worker.ask({ cmd: 'peak', name }))['rate']
      if (typeof rate !== 'number' || best >= rate) continue // JSON's null: not on this machine
      best = rate
      this.#best.set(kind, name)
    }
    return best
  }

  close(): void {
    this.#worker.close()
  }
}
