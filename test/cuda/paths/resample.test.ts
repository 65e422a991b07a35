/**
 * gridSample and its gradients on CUDA (cuda/kernels/resample/grid_sample.cu) against the CPU's in f64: every mode and padding in two
 * and three dimensions, every dtype, axes of one element, places that are nowhere, and more taps of an element than a thread adds up.
 * Place in the whole: the operator tests have the semantics; here each dtype's kernels take every branch of a tap.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { scope, type Tensor } from '#lib/index.js'
import { numbers } from '../../helpers/compare.js'
import { FLOATS, type Float, ROUNDOFF } from '../products.js'
import { device, drawn } from '../same.js'

const MODES = ['bilinear', 'nearest', 'bicubic'] as const
const PADDINGS = ['zeros', 'border', 'reflection'] as const

/** What a place in elements is off, in roundings of f32 or f64 of 1: it is below 16. A weight changes about as much. */
const PLACE = 16

/** Elements that are `terms` places and a rounding of their own dtype from the exact ones. */
function close(what: string, found: Tensor, exact: Tensor, dtype: Float, terms: number): void {
  const [a, e] = [numbers(found), numbers(exact)]
  expect({ what, shape: found.shape, dtype: found.dtype }).toEqual({ what, shape: exact.shape, dtype })
  const unit = terms * PLACE * ROUNDOFF[dtype === 'f64' ? 'f64' : 'f32']
  for (let i = 0; i < e.length; i++) {
    const [x, y] = [a[i] as number, e[i] as number]
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue
    if (!(Math.abs(x - y) <= unit + ROUNDOFF[dtype] * Math.abs(y)))
      expect.fail(`${what}: element ${i} is ${x}, expected ${y}; it may be ${unit} off`)
  }
}

interface Case {
  size: readonly number[]
  out: readonly number[]
  channels?: number
  paddingMode: (typeof PADDINGS)[number]
  mode: (typeof MODES)[number]
  alignCorners: boolean
  lost?: boolean // some places are nowhere
}

/**
 * Places that all dtypes hold exactly, from -4 to 4: an image beyond its edges and back again. None lies within 1 / 128 of an element's
 * centre or edge, where neighbours change and slopes jump: roundings do not decide.
 */
function places(c: Case): Tensor {
  const axes = c.size.length
  const sizes = [...c.size].reverse()
  let i = 0
  const near = (at: number): boolean => Math.abs(2 * at - Math.round(2 * at)) < 1 / 64
  return drawn(`grid ${JSON.stringify(c)}`, [2, ...c.out, axes], 'f64', 'cpu', (r) => {
    const size = sizes[i % axes] as number
    const position = Math.floor(i++ / axes)
    if (c.lost && position % 7 === 3)
      return [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][i % 3] as number
    for (;;) {
      const g = r.int(-255, 256) / 64
      const [edges, centres] = [((g + 1) * size - 1) / 2, ((g + 1) * (size - 1)) / 2]
      if (!near(edges) && (size === 1 || !near(centres))) return g
    }
  })
}

function check(c: Case): void {
  const { channels = 3, mode, paddingMode, alignCorners } = c
  const grid = places(c)
  for (const dtype of FLOATS)
    scope(() => {
      const what = `${dtype} ${JSON.stringify(c)}`
      const image = drawn('image', [2, channels, ...c.size], dtype, 'cpu', (r) => r.uniform(-1, 1))
      const g = drawn('gradient', [2, channels, ...c.out], dtype, 'cpu', (r) => r.uniform(-1, 1))
      const run = (place: (t: Tensor) => Tensor): Tensor[] => {
        const [x, at] = [image, grid].map((t) => place(t).detach().requiresGrad_(true)) as [Tensor, Tensor]
        const y = ops.gridSample(x, at, { mode, paddingMode, alignCorners })
        y.backward({ gradient: place(g) })
        return [y, x.grad as Tensor, at.grad as Tensor]
      }
      const exact = run((t) => t.to('f64'))
      const found = run((t) => t.to(dtype).to(device as string))
      // An element's gradient is of the positions that read it, few of all but where the image is tiny; a place's of all channels, and
      // it is in spans of the image, of up to four elements.
      const positions = 2 * c.out.reduce((a, b) => a * b, 1)
      const elements = c.size.reduce((a, b) => a * b, 1)
      const terms = [1, Math.max(8, (4 * positions) / elements), 4 * channels]
      for (const [k, e] of exact.entries())
        close(
          `${what}: ${['result', 'gradient', 'gradient of places'][k]}`,
          found[k] as Tensor,
          e,
          dtype,
          terms[k] as number,
        )
    })
}

const ALIGNED = [false, true] as const

describe.skipIf(device === undefined)('grids on CUDA', () => {
  for (const mode of MODES)
    for (const paddingMode of PADDINGS)
      test(`${mode}, ${paddingMode}`, () => {
        for (const alignCorners of ALIGNED) {
          check({ size: [5, 7], out: [6, 5], mode, paddingMode, alignCorners })
          // One element: what reflects between the centres of the corners has no span.
          check({ size: [1, 4], out: [3, 7], mode, paddingMode, alignCorners })
          check({ size: [4, 3], out: [4, 9], mode, paddingMode, alignCorners, lost: true })
          if (mode === 'bicubic') continue
          check({ size: [3, 4, 5], out: [2, 3, 5], mode, paddingMode, alignCorners })
          check({ size: [3, 1, 2], out: [3, 2, 4], mode, paddingMode, alignCorners, lost: true })
        }
      })

  test('elements that more positions read than one thread adds up', () => {
    // 300 positions of each sample read one of 2 elements or both: runs that are cut every kGridRun taps.
    for (const mode of MODES)
      check({ size: [2, 1], out: [20, 15], channels: 5, mode, paddingMode: 'border', alignCorners: false })
  })
})
