// `npm start`: builds what is needed, then trains the digits network and the character-level GPT, one after the other.
// Place in the whole: nothing but the two command lines that a user would type.

import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

function train(example) {
  const child = spawn(process.execPath, ['dist/cli/main.js', 'train', `dist/examples/${example}`], {
    cwd: root,
    stdio: 'inherit',
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

// Ctrl-C reaches the training process too, which saves a checkpoint and ends; its status then stops the sequence.
process.on('SIGINT', () => {})

process.exitCode = await build()
for (const example of ['digits.js', 'char_gpt.js']) {
  if (process.exitCode === 0) process.exitCode = await train(example)
}
