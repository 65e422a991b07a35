/** Who computes what: kernels of our own, or a library of NVIDIA's. Place in the whole: what tests of cuda/vendor share. */
import { execFileSync } from 'node:child_process'
import { expect } from 'vitest'
import { takeWatched } from '#lib/engine/library-tuning.js'
import * as ops from '#lib/index.js'
import { cuda, engine } from '#lib/index.js'
import { loadNative } from '#lib/native/load.js'

/** Who computed what `work` gave to a device: the library's algorithm, or -1. */
export function computedBy(work: () => void): number[] {
  const native = loadNative()
  expect(native.cudaWatchVendor()).toBe(true)
  try {
    ops.scope(work)
    engine.syncSync()
    return takeWatched().map(({ by }) => by)
  } finally {
    native.cudaUnwatchVendor()
  }
}

/** The same where libraries compute all that they take. */
export function always(work: () => void): number[] {
  cuda.vendorLibraries = 'always'
  try {
    return computedBy(work)
  } finally {
    cuda.vendorLibraries = 'auto'
  }
}

/** A program's standard output and standard error, in a process of its own. */
export function run(program: string, env: Record<string, string>): string {
  const source = `import * as s from '#lib/index.js'\nimport { loadNative } from '#lib/native/load.js'
    import { takeWatched } from '#lib/engine/library-tuning.js'\n${program}`
  const script = 'exec "$0" --input-type=module -e "$1" 2>&1'
  return execFileSync('sh', ['-c', script, process.execPath, source], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
}
