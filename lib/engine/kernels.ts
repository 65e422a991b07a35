/** Unpacks the kernels of a CUDA device. Place in the whole: before a stream of the device opens; see cuda/runtime/archive.h. */
import { brotliDecompressSync } from 'node:zlib'
import { loadNative } from '../native/load.js'

/**
 * Gives the device the archive of kernels that it needs, or the next one where its driver does not take the first (some 30 ms each, at
 * the first use of a device in a process).
 */
export function loadKernels(ordinal: number): void {
  const native = loadNative()
  for (;;) {
    const wanted = native.cudaKernelsWanted(ordinal)
    if (wanted === undefined) return
    native.cudaGiveKernels(ordinal, wanted.archive, brotliDecompressSync(wanted.packed))
  }
}
