// Pipelines of asynchronous copies over cuda/sim: those that are right give the same under every seed, whether copies land at
// once or as late as waits allow; with one mistake each (planted/async.cu), some seed shows it, as wrong numbers or as a fault.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const program =
  process.env.SINTER_SIM_GOLDEN ?? fileURLToPath(new URL('../../../build/cuda/sim_golden', import.meta.url))
const built = existsSync(program)
if (!built) console.log(`skipped: ${program} is not built (node scripts/build.mjs --test)`)

const stages = 7
const threads = 64
const seeds = [0, 1, 2, 3, 4, 5]

describe.skipIf(!built)('asynchronous copies over cuda/sim', () => {
  const words = Uint32Array.from({ length: stages * threads * 4 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 0)
  const wanted = new Uint32Array(stages * threads)
  for (let k = 0; k < stages; k++)
    for (let t = 0; t < threads; t++)
      for (let j = 0; j < 4; j++) wanted[k * threads + t]! += words[(k * threads + threads - 1 - t) * 4 + j]!

  let folder = ''
  const path = (name: string) => join(folder, name)
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sinter-async-'))
    writeFileSync(path('ptx'), gunzipSync(readFileSync(new URL('planted/async.ptx.gz', import.meta.url))))
    writeFileSync(path('in'), words)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** For each seed "right", "wrong", or the fault. */
  function outcomes(kernel: string, block = threads, ...more: string[]): string[] {
    const lines = seeds.map(
      (seed) => `${kernel} 0 ${words.length} ${wanted.length} 0 ${stages} 1 1 1 ${block} 1 1 0 1 1 1 1 ${seed}`,
    )
    const input = `${lines.join('\n')}\n`
    const status = execFileSync(program, [path('ptx'), path('in'), path('out'), ...more], { input, encoding: 'utf8' })
    const bytes = readFileSync(path('out'))
    return status
      .trim()
      .split('\n')
      .map((line, i) => {
        if (line !== 'ok') return line
        const got = bytes.subarray(i * wanted.byteLength, (i + 1) * wanted.byteLength)
        return Buffer.compare(got, new Uint8Array(wanted.buffer)) ? 'wrong' : 'right'
      })
  }

  for (const kernel of ['copies', 'ring', 'stores'])
    test(`${kernel} is right under every seed`, () => {
      expect(outcomes(kernel)).toEqual(seeds.map(() => 'right'))
    })

  test('shared memory that a wgmma reads is not written before its wait', () => {
    expect(outcomes('products', 128).filter((outcome) => /async/.test(outcome))).toEqual([])
    const found = outcomes('products_no_wait', 128)
    const said = /async\.cu:\d+ .*overwritten while a wgmma read it/
    expect(
      found.some((outcome) => said.test(outcome)),
      found.join('\n'),
    ).toBe(true)
  })

  for (const [kernel, said] of [
    ['products_no_commit', /async\.cu:\d+ .*does not wait for a wgmma that no commit_group has come after/],
    ['products_never_waited', /async\.cu:\d+ .*a warp ends with a wgmma that it has not waited for/],
  ] as const)
    test(`${kernel} is a fault under every seed`, () => {
      for (const outcome of outcomes(kernel, 128)) expect(outcome).toMatch(said)
    })

  // What the checker says of those that end, whether the numbers are right by chance or not.
  for (const [kernel, said] of [
    ['copies_weak_wait', /async\.cu:\d+ .*a load of 16 bytes that a copy goes to which was not waited for/],
    ['copies_no_barrier', /async\.cu:\d+ .*(race: a (load|store)|a load of 16 bytes)/],
    ['stores_no_read_wait', /async\.cu:\d+ .*race: a (load|store).* an asynchronous operation of block/],
  ] as const)
    test(`${kernel} is reported by the checker under every seed`, () => {
      expect(outcomes(kernel, threads, '', 'check')).toEqual(seeds.map(() => expect.stringMatching(said)))
    })

  test('the checker says nothing of what is right', () => {
    for (const kernel of ['copies', 'ring', 'stores'])
      expect(outcomes(kernel, threads, '', 'check'), kernel).toEqual(seeds.map(() => 'right'))
    expect(outcomes('products', 128, '', 'check').filter((outcome) => /async/.test(outcome))).toEqual([])
  })

  // What a mistake must be seen as under some seed.
  for (const [kernel, sign] of [
    ['copies_weak_wait', /^wrong$/],
    ['copies_no_barrier', /^wrong$/],
    ['ring_wrong_parity', /async\.cu:\d+ .*the phase of parity 0 that does not come/],
    ['ring_no_expect_tx', /async\.cu:\d+ .*(that does not come|arrivals more than)/],
    ['ring_no_wait', /async\.cu:\d+ .*(that does not come|arrivals more than)|^wrong$/],
    ['ring_no_empty_wait', /^wrong$/],
    ['stores_no_read_wait', /^wrong$/],
  ] as const)
    test(`${kernel} is found out`, () => {
      const found = outcomes(kernel)
      expect(found.length).toBe(seeds.length)
      expect(
        found.some((outcome) => sign.test(outcome)),
        found.join('\n'),
      ).toBe(true)
    })
})
