/** The stand-in CUDA driver, held to what a real one does and to showing what programs forget: runs build/cuda/sim_driver_test. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const folder = join(import.meta.dirname, '../../../../build/cuda')
const program = join(folder, 'sim_driver_test')
const there = existsSync(program)
if (!there) console.log(`skipped: ${program} is not there; \`node scripts/build.mjs --test\` makes it on Linux`)

describe.skipIf(!there)('cuda/sim', () => {
  it('is a driver in all that its own tests ask', () => {
    const run = spawnSync(program, [join(folder, 'libcudasim.so'), import.meta.dirname], { encoding: 'utf8' })
    const lines = run.stdout.trim().split('\n')
    expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([])
    expect(run.status).toBe(0)
    expect(lines.length).toBeGreaterThan(60)
  })
})
