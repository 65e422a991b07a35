// What `npm install` runs. Place in the whole: makes sure that the native module can be opened, or says in one sentence why
// it cannot; downloads nothing and needs neither Python nor node-gyp.
//
// In an installed package: a prebuilt module that loads is enough, and only without one is a build tried. In a checkout the
// sources may be newer than any module lying there, so the build is always brought up to date.
//
// Exit status: 0 also where a tool is missing (what needs no native code still works); 1 when the build fails.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildNative, missingSentence, missingTools } from './build-native.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const inCheckout = existsSync(join(root, 'tsconfig.json')) // not among the package's files

function loads() {
  try {
    createRequire(import.meta.url)('node-gyp-build')(root)
    return true
  } catch {
    return false
  }
}

if (inCheckout || !loads()) {
  const missing = missingTools()
  if (missing.length === 0) process.exitCode = await buildNative()
  else if (!inCheckout || !loads())
    console.error(missingSentence(missing, inCheckout ? 'npm install' : 'npm rebuild sinter'))
}
