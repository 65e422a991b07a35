/**
 * Finds and opens the native module. Place in the whole: the one door from TypeScript to native/addon. Opening is lazy, at
 * the first call that needs native code, so that `sinter` can be imported, and all that is plain TypeScript used, on a
 * machine without a build.
 *
 * node-gyp-build chooses between build/Release and prebuilds/<platform>-<arch>; `bindings` opens a named variant of a
 * developer's build (SINTER_BUILD=test, debug, asan, tsan, coverage: the folder build/<variant>).
 */

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SinterError } from '../errors.js'
import { OPS_HASH } from '../generated/ops.js'
import { isStalePrebuild } from './stale.js'
import type { Native } from './types.js'

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '')

let native: Native | undefined

/**
 * The native module, opened once a thread.
 * @throws SinterError `SINTER_NO_NATIVE`: no module could be opened (the message lists the paths tried);
 *   `SINTER_OPS_MISMATCH`: it was built from another operator table; `SINTER_STALE_PREBUILD`: a checkout whose native
 *   sources changed since its prebuilt module was made.
 */
export function loadNative(): Native {
  native ??= open()
  return native
}

/** True in a checkout of the repository, false in an installed package (which carries no tsconfig.json at its root). */
const inCheckout = (): boolean => existsSync(join(root, 'tsconfig.json'))

const rebuildAdvice = (): string =>
  inCheckout() ? 'run `npm run build`' : 'run `npm rebuild sinter --foreground-scripts`'

const LIMIT = /^\d+(\.\d+)?[KMGT]?$/i

function open(): Native {
  const limit = process.env['SINTER_MEMORY_LIMIT']
  if (limit && !LIMIT.test(limit)) {
    throw new SinterError(
      'SINTER_VALUE',
      `SINTER_MEMORY_LIMIT=${limit} is no number of bytes; a number, or one followed by K, M, G or T, is`,
    )
  }
  const variant = process.env.SINTER_BUILD
  const path = variant ? resolveVariant(variant) : resolveDefault()
  let opened: Native
  try {
    opened = require(path) as Native
  } catch (cause) {
    throw noNative([`${path}: ${(cause as Error).message}`], variant, cause)
  }
  if (opened.opsHash !== OPS_HASH) {
    throw new SinterError(
      'SINTER_OPS_MISMATCH',
      `${path} was built from another operator table (native/ops.def ${opened.opsHash}) than this library ` +
        `(${OPS_HASH}); ${rebuildAdvice()}`,
    )
  }
  return opened
}

function resolveVariant(variant: string): string {
  const tried = ['module_root', 'build', variant, 'bindings']
  try {
    return require('bindings')({ bindings: 'sinter', module_root: root, path: true, try: [tried] }) as string
  } catch (cause) {
    const tries = (cause as { tries?: string[] }).tries ?? [join(root, 'build', variant, 'sinter.node')]
    const paths = tries.map((path) => `${path}: not there`)
    throw noNative(paths, variant, cause)
  }
}

function resolveDefault(): string {
  let path: string
  try {
    path = require('node-gyp-build').path(root) as string
  } catch (cause) {
    const prebuild = join(root, 'prebuilds', `${process.platform}-${process.arch}`, '*.node')
    const paths = [join(root, 'build', 'Release', 'sinter.node'), prebuild].map((tried) => `${tried}: not there`)
    throw noNative(paths, undefined, cause)
  }
  const inPrebuilds = relative(join(root, 'prebuilds'), path).split(sep)[0] !== '..'
  if (inPrebuilds && inCheckout() && isStalePrebuild(root)) {
    throw new SinterError(
      'SINTER_STALE_PREBUILD',
      `${path} was made from other native sources than those of this checkout; ${rebuildAdvice()}, ` +
        'or remake it with `npm run prebuilds`',
    )
  }
  return path
}

function noNative(tried: string[], variant: string | undefined, cause: unknown): SinterError {
  const advice =
    variant === undefined || variant === ''
      ? `It needs a C++20 compiler, CMake and make or ninja (Debian and Ubuntu: apt-get install g++ cmake make); then ${rebuildAdvice()}.`
      : `SINTER_BUILD=${variant} asks for the variant build/${variant}; ` +
        (variant === 'test'
          ? 'build it with `node scripts/build.mjs --test`.'
          : `build it with \`cmake --preset ${variant} && cmake --build --preset ${variant}\`, or unset SINTER_BUILD.`)
  const list = tried.map((line) => `  ${line}`).join('\n')
  return new SinterError('SINTER_NO_NATIVE', `sinter's native module could not be opened. Tried:\n${list}\n${advice}`, {
    cause,
  })
}
