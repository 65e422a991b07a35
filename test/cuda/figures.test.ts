/**
 * What kernels cost, against the figures that are committed (cuda/kernels/figures.json, made by `npm run cuda:figures`): executed
 * instructions, sectors, conflicts of banks. Place in the whole: defects of speed that no number shows, where no card is.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
// @ts-expect-error a script without types
import { FILE, measure, nvccRelease } from '../../scripts/cuda-figures.mjs'
import { simulated } from '../helpers/simulator.js'

type Figures = Record<string, number | null>

/** What may come of another order of registers, say; a change of the kernel is more. */
const TOLERANCE = 0.03

const recorded = JSON.parse(readFileSync(FILE, 'utf8')) as { nvcc: string; kernels: Record<string, Figures> }
const nvcc: string | undefined = nvccRelease()
const skipped = !simulated
  ? 'SINTER_CUDA_DRIVER is not the simulator'
  : nvcc !== recorded.nvcc
    ? `the kernels were compiled by nvcc ${nvcc ?? 'of no known release'}, the figures are of ${recorded.nvcc}`
    : undefined
if (skipped) console.log(`figures of kernels are not compared: ${skipped}`)

/** What is out of tolerance, in words. */
function differences(found: Record<string, Figures>): string[] {
  const names = new Set([...Object.keys(found), ...Object.keys(recorded.kernels)])
  return [...names].flatMap((name) => {
    const [now, then] = [found[name], recorded.kernels[name]]
    if (!now || !then) return [`${name}: ${now ? 'is launched, and was not' : 'was launched, and is not any more'}`]
    return Object.keys(then).flatMap((figure) => {
      const [a, b] = [now[figure] ?? 0, then[figure] ?? 0]
      return Math.abs(a - b) <= TOLERANCE * b ? [] : [`${name}: ${figure} ${a}, recorded ${b}`]
    })
  })
}

test.skipIf(skipped !== undefined)(
  'representative launches cost what they did (else, where that is meant: npm run cuda:figures)',
  () => expect(differences(measure())).toEqual([]),
  120_000,
)

test('a figure that moves by more than the tolerance is told, and so is another kernel', () => {
  const [name, figures] = Object.entries(recorded.kernels)[0]!
  const changed = { ...recorded.kernels, [name]: { ...figures, warpInstructions: figures['warpInstructions']! * 1.04 } }
  expect(differences(changed)).toHaveLength(1)
  expect(differences(recorded.kernels)).toEqual([])
  const { [name]: _, ...fewer } = recorded.kernels
  expect(differences({ ...fewer, other: figures })).toHaveLength(2)
})
