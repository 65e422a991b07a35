/** CUDA devices as users see and steer them. Place in the whole: the public face of cuda/runtime, beside `engine`. */
import { ValueError } from '../errors.js'
import { loadNative } from '../native/load.js'
import type { CudaDevice, MemoryStats } from '../native/types.js'
import { device, ordinalOf } from './device.js'
import { openStreams } from './stream.js'

/** 'ieee': f32 as it is. 'tf32': operands rounded to 10 binary digits after the first, sums in f32, on tensor cores. */
export type MatmulPrecision = 'ieee' | 'tf32'

/**
 * 'auto': the products, convolutions and attention that `tuneCuda` (`sinter tune --device cuda`) measured to be faster there are computed
 * by cuBLASLt and cuDNN; all others, and all where it did not measure, by kernels of our own. 'off': kernels of our own. 'always': by the
 * libraries, whatever they take.
 */
export type VendorLibraries = 'auto' | 'off' | 'always'

/** One of NVIDIA's libraries, which are used where they are and never needed. */
export interface VendorLibrary {
  name: string
  /** Empty where the library is not here. */
  version: string
  /** Why it is not here; empty where it is. */
  missing: string
}

const VENDOR_USES: readonly VendorLibraries[] = ['auto', 'off', 'always']

export interface Cuda {
  /** Whether this build has CUDA kernels, and this machine a driver and a device for them. */
  isAvailable(): boolean
  /** One sentence: what was found, or why CUDA is not available and what to do. */
  readonly reason: string
  /** Devices that 'cuda:0', 'cuda:1', ... name; 0 where CUDA is not available. */
  deviceCount(): number
  /** What a device is. Opens it. @throws DeviceError where it is not there */
  properties(name?: string): CudaDevice
  /** Bytes of a device's allocator, which every thread of the process shares. @throws DeviceError where it is not there */
  memory(name?: string): MemoryStats
  /** Bounds a device's tensors and kernels, in bytes; 0: its memory. Exceeding it poisons results, nothing crashes. */
  setMemoryLimit(bytes: number, name?: string): void
  /** Gives a device's unused memory back to the driver, for which it waits; returns the bytes. */
  emptyCache(name?: string): number
  /** Starts `memory().peak` again. */
  resetPeak(name?: string): void
  /**
   * How products of f32 matrices with more than 8 rows and columns are computed: matmul, linear, recurrent layers and their gradients,
   * of every thread of the process; convolutions and linear algebra stay as they are. 'ieee' by default; 'tf32' is what
   * `torch.set_float32_matmul_precision('high')` allows, some 8 times as fast with errors of 2^-11 of each factor. It holds for what a
   * device starts from then on: `await cuda.synchronize()` first where that matters.
   *
   * @throws ValueError for another word
   */
  matmulPrecision: MatmulPrecision
  /**
   * Whether matmul, linear, recurrent layers and their gradients may use cuBLASLt, convolutions and attention cuDNN, of every thread of
   * the process; 'auto' by default. Sums are added in another order there than by our kernels, in the same precision, and the same in
   * every run. What the libraries do not take, our kernels compute. It holds for what a device starts from then on, as `matmulPrecision`.
   *
   * @throws ValueError for another word
   */
  vendorLibraries: VendorLibraries
  /** Opens NVIDIA's libraries: cuBLASLt, cuSOLVER for factorisations, and cuDNN. Some 0.1 to 1 s each the first time. */
  libraries(): VendorLibrary[]
  /** Resolves when the device has done what this thread gave it; rejects with the first error that no read has reported. */
  synchronize(name?: string): Promise<void>
}

const ordinal = (name: string): number => ordinalOf(device(name)) as number

/** Hands over what the device was promised, so that figures of its memory include it. */
function flush(name: string): void {
  const full = device(name)
  for (const stream of openStreams()) if (stream.device === full) stream.flush()
}

export const cuda: Cuda = {
  isAvailable: () => loadNative().probeCuda().devices > 0,
  get reason() {
    return loadNative().probeCuda().reason
  },
  deviceCount: () => loadNative().probeCuda().devices,
  properties: (name = 'cuda') => loadNative().cudaDevice(ordinal(name)),
  memory(name = 'cuda') {
    flush(name)
    return loadNative().cudaMemory(ordinal(name))
  },
  setMemoryLimit(bytes, name = 'cuda') {
    if (!Number.isSafeInteger(bytes) || bytes < 0)
      throw new ValueError(`cuda.setMemoryLimit: ${bytes} is not a number of bytes`)
    loadNative().cudaSetMemoryLimit(ordinal(name), bytes)
  },
  emptyCache(name = 'cuda') {
    flush(name)
    return loadNative().cudaEmptyCache(ordinal(name))
  },
  resetPeak: (name = 'cuda') => loadNative().cudaResetPeak(ordinal(name)),
  get matmulPrecision() {
    return loadNative().cudaTf32() ? 'tf32' : 'ieee'
  },
  set matmulPrecision(precision) {
    if (precision !== 'ieee' && precision !== 'tf32')
      throw new ValueError(`cuda.matmulPrecision: '${precision as string}' is not one of ieee, tf32`)
    loadNative().cudaSetTf32(precision === 'tf32' ? 1 : 0)
  },
  get vendorLibraries() {
    return VENDOR_USES[loadNative().cudaVendorUse()] as VendorLibraries
  },
  set vendorLibraries(use) {
    const index = VENDOR_USES.indexOf(use)
    if (index < 0)
      throw new ValueError(`cuda.vendorLibraries: '${use as string}' is not one of ${VENDOR_USES.join(', ')}`)
    loadNative().cudaSetVendorUse(index)
  },
  libraries() {
    const native = loadNative()
    const found: VendorLibrary[] = []
    for (let library = native.cudaLibrary(0); library; library = native.cudaLibrary(found.length)) found.push(library)
    return found
  },
  async synchronize(name = 'cuda') {
    const full = device(name)
    for (const stream of openStreams()) if (stream.device === full) await stream.sync()
  },
}
