/** Shared objects of operators, compiled from C while a test runs. Place in the whole: for tests of what is loaded from outside. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

/** Compiles to a folder that lives as long as the test file. */
export function nativeLibraries(): {
  /** A C file; returns the shared object's path. */
  compile(name: string, source: string): string
  /** C text. */
  inline(name: string, text: string): string
} {
  const folder = mkdtempSync(join(tmpdir(), 'sinter-custom-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const compile = (name: string, source: string): string => {
    const target = join(folder, `${name}.so`)
    const include = fileURLToPath(new URL('../../native/include', import.meta.url))
    // The compiler is not what a sanitizer's run is to look into.
    const { LD_PRELOAD: _, ...env } = process.env
    execFileSync(process.env['CC'] ?? 'cc', ['-O2', '-shared', '-fPIC', `-I${include}`, '-o', target, source], { env })
    return target
  }
  return {
    compile,
    inline(name, text) {
      const file = join(folder, `${name}.c`)
      writeFileSync(file, text)
      return compile(name, file)
    },
  }
}
