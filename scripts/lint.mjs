// `npm run lint` and, with --write, `npm run format`: biome for TypeScript, scripts and JSON, clang-format for C++. Place in
// the whole: style is decided by biome.json and .clang-format alone. CLANG_FORMAT names another binary than
// clang-format-19; where there is none the C++ half is skipped with a line, except in CI, where that is a failure.

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const write = process.argv.includes('--write')

const run = (command, args) => spawnSync(command, args, { cwd: root, stdio: 'inherit' })

function lintTypeScript() {
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome')
  return run(process.execPath, [biome, 'check', ...(write ? ['--write'] : ['--error-on-warnings']), '.']).status === 0
}

function lintCpp() {
  const clangFormat = process.env.CLANG_FORMAT || 'clang-format-19'
  const files = ['native', 'cuda']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)))
    .filter((name) => /\.(cpp|h|inc|cu|cuh)$/.test(name))
  const result = run(clangFormat, [...(write ? ['-i'] : ['--dry-run', '--Werror']), ...files])
  if (result.error?.code !== 'ENOENT') return result.status === 0
  console.error(`${clangFormat} was not found: C++ formatting was not ${write ? 'applied' : 'checked'}`)
  return !process.env.CI
}

const results = [lintTypeScript(), lintCpp()]
process.exitCode = results.every(Boolean) ? 0 : 1
