/**
 * Connectionist temporal classification on CUDA (cuda/kernels/loss/ctc.cu) against the CPU's in f64: more states than threads, more than
 * shared memory has room for, labels that repeat, samples without frames, targets or a way to them. Place in the whole: the operator
 * tests have the semantics; here is what they have no shapes for.
 */
import { describe, expect, test } from 'vitest'
import { OP } from '#lib/generated/ops.js'
import * as ops from '#lib/index.js'
import { engine, type Tensor } from '#lib/index.js'
import { makeMany } from '#lib/ops/emit.js'
import { numbers, ROUNDOFF } from '../helpers/compare.js'

const present = engine.info().devices.includes('cuda:0')
if (!present) console.log('no CUDA device here, real or simulated: CTC on CUDA is not tested')
type Float = keyof typeof ROUNDOFF

interface Case {
  frames: number
  classes: number
  blank?: number
  targets: readonly (readonly number[])[]
  inputLengths?: readonly number[]
  zeroInfinity?: boolean
  joined?: boolean // targets one after the other
}

/** losses, alpha and the gradient of logProbs, as the kernels give them. */
function run(at: string, dtype: Float, c: Case): Tensor[] {
  const { frames, classes, blank = 0, targets, zeroInfinity = false, joined = false } = c
  const n = targets.length
  const generator = new ops.Generator(13)
  const x = ops.logSoftmax(ops.randn([frames, n, classes], { generator }), 2).to(dtype)
  const g = ops.randn([n], { generator }).to(dtype)
  // What lies behind a target's end is no label, and is not looked at.
  const longest = Math.max(0, ...targets.map((t) => t.length))
  const padded = targets.flatMap((t) => [...t, ...new Array<number>(longest - t.length).fill(-7)])
  const flat = joined ? targets.flat() : padded
  const integers = (values: readonly number[], shape: number[]): Tensor =>
    ops.tensor([...values], { dtype: 'i64', shape, device: at })
  const wide = at === 'cpu' ? 'f64' : dtype
  const problem = [
    x.to(wide).to(at),
    integers(flat, joined ? [flat.length] : [n, longest]),
    integers(c.inputLengths ?? new Array(n).fill(frames), [n]),
    integers(
      targets.map((t) => t.length),
      [n],
    ),
  ]
  const room = frames * (2 * flat.length + n)
  const attributes = [blank, zeroInfinity ? 1 : 0]
  const results = [
    { dtype: wide, shape: [n] },
    { dtype: 'f64' as const, shape: [room] },
  ]
  const [losses, alpha] = makeMany('ctcLoss', OP.ctcLoss, results, problem, attributes, 1) as [Tensor, Tensor]
  const [gx] = makeMany(
    'ctcLoss',
    OP.ctcLossBackward,
    [{ dtype: wide, shape: [frames, n, classes] }],
    [g.to(wide).to(at), ...problem, alpha],
    attributes,
    1,
  ) as [Tensor]
  return [losses, gx, alpha]
}

function check(dtype: Float, c: Case, alpha = false): void {
  ops.scope(() => {
    const [found, exact] = [run('cuda:0', dtype, c), run('cpu', dtype, c)]
    for (let i = 0; i < (alpha ? 3 : 2); i++) {
      const [a, e] = [numbers(found[i] as Tensor), numbers(exact[i] as Tensor)]
      const wrong = e.findIndex((v, k) => {
        const w = a[k] as number
        const tolerance = ROUNDOFF[i === 2 ? 'f64' : dtype] * (2 * Math.abs(v) + 2) + 1e-12
        return !(Object.is(w, v) || w === v || Math.abs(w - v) <= tolerance)
      })
      expect(wrong, `${dtype} ${JSON.stringify(c).slice(0, 99)}, result ${i}: ${a[wrong]}, not ${e[wrong]}`).toBe(-1)
    }
  })
}

const labels = (n: number, classes: number): number[] =>
  Array.from({ length: n }, (_, i) => 1 + ((i * i) % (classes - 1)))

describe.skipIf(!present)('CTC on CUDA', () => {
  for (const dtype of Object.keys(ROUNDOFF) as Float[])
    test(`${dtype}: samples of all kinds`, () => {
      const targets = [[1, 2, 2, 3], [], [4], [3, 3, 3], [1, 4, 1, 4, 1]]
      for (const joined of [false, true])
        for (const zeroInfinity of [false, true]) {
          check(dtype, { frames: 11, classes: 5, targets, joined, zeroInfinity })
          // The last three: no frames for a target, none for none, and too few.
          const inputLengths = [11, 7, 0, 3, 4]
          check(dtype, { frames: 11, classes: 5, targets, inputLengths, joined, zeroInfinity })
          check(dtype, {
            frames: 6,
            classes: 7,
            targets: [[], [0, 6, 0]],
            inputLengths: [0, 6],
            blank: 3,
            joined,
            zeroInfinity,
          })
        }
    })
  test('more states than threads', () => {
    check('f32', { frames: 150, classes: 9, targets: [labels(140, 9), labels(3, 9)] })
  })
  test('more states than shared memory has room for, and more classes than threads', () => {
    check('f64', { frames: 4, classes: 300, targets: [labels(1700, 300)] }, true)
    check('f64', { frames: 5, classes: 601, targets: [labels(4, 601)] }, true)
  })
  test('nothing', () => {
    check('f32', { frames: 3, classes: 4, targets: [] })
    check('f32', { frames: 0, classes: 4, targets: [[], []] })
  })
  test('lengths and labels that do not fit are errors', () => {
    for (const [c, message] of [
      [{ inputLengths: [4, 6] }, 'ctcLoss: input length 6 of 5 frames'],
      [{ inputLengths: [-1, 4] }, 'ctcLoss: input length -1 of 5 frames'],
      [{ targets: [[1], [2, 4]] }, 'ctcLoss: index 4 is out of range for 4 classes'],
    ] as const)
      ops.scope(() => {
        const results = run('cuda:0', 'f32', { frames: 5, classes: 4, targets: [[1], [2, 3]], ...c })
        expect(() => numbers(results[0] as Tensor)).toThrow(message)
      })
  })
})
