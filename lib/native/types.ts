/**
 * The addon's functions as TypeScript calls them. Place in the whole: the contract between lib/engine and native/addon; arguments
 * are checked before the call, so native code may trust them.
 */
export interface Native {
  readonly opsHash: string
  /** Opens a stream that reads its commands from `words`. mode: 0 auto, 1 inline, 2 async. */
  openStream(device: string, mode: number, words: Float64Array): number
  /** 1 when the commands are left to the stream's executor. */
  submit(stream: number, words: number, costNs: number, commands: number, bytes: number, newTurn: number): number
  /** This thread encodes nothing more in this turn of the event loop, after a submit that gave 1 or a promise that was settled. */
  turnOver(stream: number): void
  /** Waits until everything submitted has run; the rows of native/engine/profile.h. */
  takeProfile(stream: number): Float64Array
  /** What those rows call the calling thread. */
  thisThread(): number
  /** Copies the bytes into a new storage and returns its pointer, to be given to one bind command. */
  upload(array: ArrayBufferView): number
  /** Pixels (n, channels), 1 to 4 of them, as planes (channels, n) at `offset` of `target`. */
  toPlanes(source: Uint8Array, channels: number, target: Uint8Array, offset: number): void
  /** Maps a file; [storage pointer, bytes]. */
  mapFile(path: string): [number, number]
  /** Returns undefined when done at once (throwing its error), else a promise. */
  read(stream: number, id: number, dtype: number, target: ArrayBufferView, cheap: number): Promise<void> | undefined
  readSync(stream: number, id: number, dtype: number, target: ArrayBufferView): void
  sync(stream: number): Promise<void> | undefined
  syncSync(stream: number): void
  fence(stream: number): Promise<void> | undefined
  /** Publishes a contiguous tensor under a key once it is computed. */
  share(stream: number, id: number, key: string): Promise<void> | undefined
  /** Names and opcodes of a library's operators, alternating; throws. */
  loadOperators(path: string): (string | number)[]
  /** [storage pointer to be given to one bind command, dtype, byte offset, dims...], or undefined. */
  openShared(key: string): number[] | undefined
  withdrawShared(key: string): number
  track(object: object, key: number): void
  poll(keys: Uint32Array): number
  adjustExternalMemory(bytes: number): number
  info(): NativeInfo
  memory(): MemoryStats
  setMemoryLimit(bytes: number): void
  emptyCache(): number
  resetPeak(): void
  threads(): number
  setThreads(n: number): void
  /** Rows of 13 numbers: native/addon/tuning.cpp. */
  setTunedProducts(words: Float64Array): void
  /** Tasks that are listed; -1 where none were ever set in this process. */
  tunedProducts(): number
  /** False where another watcher is there. */
  watchProducts(): boolean
  unwatchProducts(): void
  takeWatchedProducts(): number[]
  measurePeak(name: string, threads: number): number
  probeCuda(): { devices: number; reason: string }
  /** These throw what opening the device throws. */
  cudaDevice(ordinal: number): CudaDevice
  cudaMemory(ordinal: number): MemoryStats
  cudaSetMemoryLimit(ordinal: number, bytes: number): void
  cudaEmptyCache(ordinal: number): number
  cudaResetPeak(ordinal: number): void
  /** Of the process: whether products of f32 may be computed in tf32; 1 or 0. */
  cudaSetTf32(on: number): void
  cudaTf32(): boolean
  /** Vendor library `i`, which it opens; undefined: there are no more. */
  cudaLibrary(i: number): { name: string; version: string; missing: string } | undefined
  /** Of the process: 0 what was measured to be faster by a library, 1 nothing, 2 all that one takes. */
  cudaSetVendorUse(use: number): void
  cudaVendorUse(): number
  /** Rows of numbers: native/addon/vendor.cpp. */
  cudaSetVendorChoices(ordinal: number, words: Float64Array): void
  /** Tasks that are listed; -1 where none were ever set in this process. */
  cudaVendorChoices(ordinal: number): number
  /** False where another watcher is there. */
  cudaWatchVendor(): boolean
  cudaUnwatchVendor(): void
  cudaTakeVendor(): number[]
  /** The archive that the device's kernels are to come from, packed by Brotli; undefined: nothing is missing. */
  cudaKernelsWanted(ordinal: number): { archive: number; packed: ArrayBuffer } | undefined
  cudaGiveKernels(ordinal: number, archive: number, unpacked: Uint8Array): void
  /** Test builds only. */
  injectAllocationFailure?(n: number, minBytes: number): void
  /** Opcodes of the operators that CUDA has a form of. */
  cudaOperators?(): number[]
  cudaReads?(): number
  /** Cores of the pool that are lent to JavaScript's threads. */
  lentCores?(): number
  /** In test builds: writes coverage counts, looks for leaks; true when there are any. */
  report?(): boolean
}

export interface NativeInfo {
  isa: string
  isaReason: string
  isaSupported: string
  kernels: string
  threads: number
  affinity: string
  compiler: string
  reference: number
}

/** What a CUDA device is. */
export interface CudaDevice {
  /** As the driver says it. */
  name: string
  /** Compute capability major.minor. */
  major: number
  minor: number
  multiprocessors: number
  /** Bytes of the device's memory, of its L2 cache, and of shared memory that a block may have. */
  memory: number
  l2: number
  sharedPerBlock: number
  /** The newest CUDA version that the driver takes: 13000 for 13.0. */
  driver: number
  /** Hertz, the highest that it is made for; bits of the memory's bus, which moves twice its bits in a cycle of `memoryClock`. */
  clock: number
  memoryClock: number
  memoryBus: number
}

/** Bytes of an allocator: the host's, or a device's. */
export interface MemoryStats {
  /** In tensors and running kernels. */
  live: number
  /** Kept for reuse. */
  cached: number
  /** Highest `live` since the start or `resetPeak`. */
  peak: number
  /** Held from the system. */
  reserved: number
  limit: number
  /** Blocks handed out since the start. */
  allocations: number
  /** Blocks in use. */
  blocks: number
}
