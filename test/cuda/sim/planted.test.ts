// Bugs that cuda/sim must find, and the same kernels without them, of which it may say nothing (planted.cu, by planted.cpp).

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const program =
  process.env.SINTER_SIM_PLANTED ?? fileURLToPath(new URL('../../../build/cuda/sim_planted', import.meta.url))
const ptx = fileURLToPath(new URL('planted.ptx', import.meta.url))
const built = existsSync(program)
if (!built) console.log(`skipped: ${program} is not built (node scripts/build.mjs --test)`)

// What must be said, with the place.
const bugs: Record<string, RegExp> = {
  missing_barrier: /planted\.cu:19 .*race: a load by .*shared address.* and a store .*planted\.cu:17/,
  overwritten_early: /planted\.cu:33 .*race: a store by .*shared address.* and a load .*planted\.cu:31/,
  missing_syncwarp: /planted\.cu:47 .*race: a load by .*shared address.* and a store .*planted\.cu:45/,
  divergent_shuffle: /shfl\.sync.*a value from lane 20, which does not take part, by .*thread \(4, 0, 0\)/,
  barrier_deadlock: /fault: .*no thread can go on:\n.*warp 0.*planted\.cu:68 \(bar\.sync\)/,
  out_of_bounds:
    /fault: planted\.cu:84 .*thread \(0, 0, 0\): 4 bytes at 0x\w+, 0 bytes past the end of out \(4096 bytes\)/,
  shared_out_of_bounds:
    /fault: planted\.cu:92 .*thread \(127, 0, 0\): 4 bytes at shared address 0x600; the block has 512/,
  misaligned: /fault: planted\.cu:104 .*is no multiple of 8/,
  uninitialised_shared: /planted\.cu:117 .*a load of 4 bytes that nothing was stored to, at shared address/,
  uninitialised_global: /planted\.cu:123 .*a load of 4 bytes that nothing was stored to, \d+ bytes into out/,
  race_between_blocks: /planted\.cu:12[89] .*race: a store by .* 0 bytes into out, and a store by .*planted\.cu:12[89]/,
  global_race: /planted\.cu:142 .*race: a load by .*into out, and a store .*planted\.cu:140/,
  stale_load: /ld\.global\.nc\.u32.*bytes that this launch stores to, \d+ bytes into out/,
  use_after_free: /fault: planted\.cu:160 .*in in \(4096 bytes\), which was freed/,
  endless:
    /fault: planted\.cu:187 .*: block \([01], 0, 0\), warp 3: still running after 10\d{5} instructions .*no block has ended/,
  last_block: /planted\.cu:(175 .*race: a load|170 .*race: a store) by block/,
}

describe.skipIf(!built)('planted bugs', () => {
  const run = (kernel: string, seed: number) => execFileSync(program, [ptx, kernel, String(seed)], { encoding: 'utf8' })

  for (const [name, said] of Object.entries(bugs)) {
    test(`${name} is found`, () => {
      expect(run(`bug_${name}`, 0)).toMatch(said)
    })
    test(`${name}: nothing is said where there is none, in four orders`, () => {
      for (const seed of [0, 1, 2, 3]) expect(run(`fine_${name}`, seed)).toBe('')
    })
  }
})
