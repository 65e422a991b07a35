/** The engine as users steer it. Place in the whole: the public face of memory, threads, synchronisation and information. */
import { ValueError } from '../errors.js'
import { loadNative } from '../native/load.js'
import type { MemoryStats } from '../native/types.js'
import { type LeakSite, leakReport } from './leaks.js'
import { collect } from './net.js'
import { describeTuning } from './product-tuning.js'
import { openStreams, type StreamMode, streamOf } from './stream.js'
import { VERSION } from './version.js'

export { VERSION }

export interface EngineMemory extends MemoryStats {
  /** Tensors that have not been released, in this thread. */
  tensors: number
}

export interface EngineInfo {
  version: string
  node: string
  platform: string
  /** Instruction set of the CPU kernels, and why. */
  isa: string
  isaReason: string
  /** Sets that this machine and build can run. */
  isaSupported: readonly string[]
  /** Vector width and register tiles of the chosen kernels. */
  kernels: string
  threads: number
  affinity: string
  stream: StreamMode
  devices: readonly string[]
  /** Why CUDA is or is not available. */
  cuda: string
  compiler: string
  /** Whether measured plans of products are in use (see `tune`). */
  tuning: string
}

export interface Engine {
  /** Memory of the host allocator (process-wide), and live tensors of this thread. */
  memory(): EngineMemory
  /** Bounds the memory of tensors and kernels, in bytes; 0: the machine's. Exceeding it poisons results, nothing crashes. */
  setMemoryLimit(bytes: number): void
  /** Gives unused memory back to the system; returns the bytes. */
  emptyCache(): number
  /** Starts `memory().peak` again. */
  resetPeak(): void
  /** Frees tensors that were dropped without dispose and have been collected. */
  collect(): void
  /** In debug mode (SINTER_DEBUG=1 or leaks): live tensors of this thread by the place where they were made. */
  leakReport(): LeakSite[]
  /** Resolves when all work submitted so far is done; rejects with the first error that no read has reported. */
  sync(): Promise<void>
  syncSync(): void
  /** Threads that a kernel may use, the submitting or executing one included. */
  readonly threads: number
  setThreads(n: number): void
  info(): EngineInfo
}

export const engine: Engine = {
  memory() {
    const tensors = openStreams().reduce((n, s) => n + s.live, 0)
    for (const s of openStreams()) s.flush()
    return { ...loadNative().memory(), tensors }
  },
  setMemoryLimit(bytes) {
    if (!Number.isSafeInteger(bytes) || bytes < 0)
      throw new ValueError(`setMemoryLimit: ${bytes} is not a number of bytes`)
    loadNative().setMemoryLimit(bytes)
  },
  emptyCache: () => loadNative().emptyCache(),
  resetPeak: () => loadNative().resetPeak(),
  collect,
  leakReport,
  async sync() {
    for (const s of openStreams()) await s.sync()
  },
  syncSync() {
    for (const s of openStreams()) s.syncSync()
  },
  get threads() {
    return loadNative().threads()
  },
  setThreads(n) {
    if (!Number.isInteger(n) || n < 1 || n > 256) throw new ValueError(`setThreads: ${n} is not 1 to 256`)
    loadNative().setThreads(n)
  },
  info() {
    const native = loadNative()
    const { reference, isaSupported, ...rest } = native.info()
    const { devices, reason } = native.probeCuda()
    return {
      version: VERSION,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      ...rest,
      isaSupported: isaSupported.split(', '),
      stream: streamOf('cpu').mode,
      tuning: describeTuning(),
      devices: ['cpu', ...(reference ? ['reference'] : []), ...Array.from({ length: devices }, (_, i) => `cuda:${i}`)],
      cuda: reason,
    }
  },
}
