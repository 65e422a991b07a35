// Brings what was changed up to date: the native module, the generated operator table, dist/ (lib, examples, bench).
// Place in the whole: behind `npm run build`, and before start, test and bench; does next to nothing when all is fresh.
//
//   node scripts/build.mjs [--lib] [--test]     --lib: TypeScript only; --test: the test module too

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildNative, missingSentence, missingTools } from './build-native.mjs'
import { generateOps } from './gen-ops.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Compiles lib, examples and bench; resolves to tsc's exit status. */
async function buildLib() {
  generateOps()
  let tsc
  try {
    tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  } catch {
    // `npm install --omit=dev` in a checkout: nothing can be compiled, and what is there may serve.
    console.error(
      'sinter: dist was not built because typescript, a devDependency, is not installed; run `npm install`.',
    )
    return existsSync(join(root, 'dist/index.js')) ? 0 : 1
  }
  const projects = ['lib', 'examples', 'bench'].filter((folder) => existsSync(join(root, folder, 'tsconfig.json')))
  const child = spawn(process.execPath, [tsc, '--build', ...projects], { cwd: root, stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** Builds all that is asked for, both halves at once; resolves to the exit status. */
export async function build({ lib = true, native = true, test = false } = {}) {
  const missing = native ? missingTools() : []
  // Without a compiler a prebuilt module may still serve; if there is none, the loader says so at the first native call.
  if (missing.length > 0) console.error(missingSentence(missing, 'npm run build'))
  const [libStatus, nativeStatus] = await Promise.all([
    lib ? buildLib() : 0,
    native && missing.length === 0 ? buildNative({ test }) : 0,
  ])
  return libStatus || nativeStatus
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await build({ native: !process.argv.includes('--lib'), test: process.argv.includes('--test') })
}
