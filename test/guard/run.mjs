// One family of products under SINTER_DEBUG=guard: `run.mjs FAMILY STEP`. Place in the whole: a child process of gemm.test.ts. Every
// STEP-th of the family's calls is made; each is announced on standard error first, so that the last line names the one that crashed.
// Prints the number of checked results; a wrong one ends the process with status 1.
import { writeSync } from 'node:fs'
import { engine, scope } from '#lib/index.js'
import { tolerance } from './edges.mjs'

const [family, step] = [process.argv[2], Number(process.argv[3])]
let calls = 0
let checked = 0

/** Whether this call's turn has come; announces it. */
function turn(label) {
  if (calls++ % step !== 0) return false
  writeSync(2, `${label}\n`)
  return true
}

/** Holds a result against the exact one. */
/** `slack`: what elements may be off by beside their own rounding. */
function compare(label, result, exact, slack = 0) {
  const values = result.dtype === 'f32' || result.dtype === 'f64' ? result.dataSync() : result.to('f32').dataSync()
  if (values.length !== exact.length) fail(`${label}: ${values.length} elements instead of ${exact.length}`)
  for (let i = 0; i < exact.length; i++) {
    if (!(Math.abs(values[i] - exact[i]) <= tolerance(result.dtype, exact[i]) + slack))
      fail(`${label}: element ${i} of ${result.shape} is ${values[i]} instead of ${exact[i]}`)
  }
  checked++
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}

engine.setThreads(2)
const { default: run } = await import(`./families/${family}.mjs`)
run({ turn, compare, scope })
console.log(checked)
