/**
 * What kernels ask of memory in a program of its own, counted by the simulator. Place in the whole: the tests of profiles here say which
 * launches, and how few sectors, cycles of shared memory and ldmatrix there are to be.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { simulated } from '../helpers/simulator.js'

export interface Counts {
  mma: number
  ldmatrix: number
  sectors: number
  idealSectors: number
  wavefronts: number
  idealWavefronts: number
}

if (!simulated) console.log('SINTER_CUDA_DRIVER is not the simulator: nothing counts what kernels ask of memory')

/** Counts of every kernel that the program launched, on a card of compute capability 8.0 unless settings say otherwise; it finds the library's path in process.argv[1]. */
export function countsOf(program: string, settings: Record<string, string> = {}): Record<string, Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'sinter-profile-'))
  try {
    const file = join(folder, 'profile.json')
    const library = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
    execFileSync(process.execPath, ['--input-type=module', '-e', program, library], {
      env: { ...process.env, SINTER_SIM_CAPABILITY: '8.0', SINTER_SIM_PROFILE: file, ...settings },
    })
    return (JSON.parse(readFileSync(file, 'utf8')) as { kernels: Record<string, Counts> }).kernels
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** At most 1.1 times the sectors and 1.05 times the cycles of shared memory that the accesses need. */
export function expectFrugal(name: string, counts: Counts): void {
  expect(counts.sectors / counts.idealSectors, `${name}: sectors`).toBeLessThanOrEqual(1.1)
  if (counts.idealWavefronts > 0)
    expect(counts.wavefronts / counts.idealWavefronts, `${name}: cycles of shared memory`).toBeLessThanOrEqual(1.05)
}
