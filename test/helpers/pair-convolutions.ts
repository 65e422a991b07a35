/**
 * Convolutions of bf16 by pairs of channels (native/cpu/conv/implicit_gemm_bf16.cpp), held against this machine's own path in f32, forward
 * and in both gradients. See pair-products.ts, which has the same for products.
 */
import { describe, expect, test } from 'vitest'
import * as s from '#lib/index.js'
import {
  conv1d,
  conv2d,
  conv3d,
  convTranspose2d,
  engine,
  type LinearActivation,
  scope,
  type Tensor,
} from '#lib/index.js'
import { expectSameBits, numbers } from './compare.js'
import { expectNear } from './pair-products.js'

const draw = (...shape: number[]): Tensor => s.randn(shape, { dtype: 'f32' }).to('bf16')
const wide = <T extends Tensor | null>(t: T): T => (t?.to('f32') ?? null) as T

/** [what it takes, x, weight, options] */
const CASES = [
  ['many pixels, an odd channel', [2, 7, 40, 41], [13, 7, 3, 3], { padding: 1 }],
  ['images side by side', [5, 16, 5, 7], [21, 16, 3, 2], { padding: 1 }],
  ['several slices', [3, 130, 7, 6], [70, 130, 3, 3], { padding: 1 }],
  ['many outputs for few pixels', [1, 40, 4, 4], [650, 40, 3, 3], { padding: 1 }],
  ['two apart', [2, 6, 19, 37], [14, 6, 3, 3], { stride: 2, padding: 1 }],
  ['three apart, less than the kernel', [1, 5, 23, 70], [9, 5, 2, 2], { stride: 3 }],
  ['stem', [2, 3, 33, 65], [16, 3, 7, 7], { stride: 2, padding: 3 }],
  ['dilated', [1, 4, 20, 22], [6, 4, 3, 3], { padding: 2, dilation: 2 }],
  ['groups', [2, 12, 9, 11], [16, 6, 3, 3], { padding: 1, groups: 2 }],
  ['pointwise', [3, 33, 9, 11], [17, 33, 1, 1], {}],
  ['pointwise, more than a slice', [2, 600, 5, 5], [20, 600, 1, 1], {}],
  ['pointwise, two apart', [2, 20, 9, 40], [8, 20, 1, 1], { stride: 2 }],
  ['a kernel of more taps than a slice', [1, 3, 40, 40], [6, 3, 19, 19], { padding: 9 }],
  ['more padding than image', [1, 2, 2, 2], [5, 2, 2, 2], { padding: 1 }],
  ['one channel', [1, 1, 9, 300], [8, 1, 3, 3], { padding: 1 }],
] as const
const ACTIVATIONS: readonly LinearActivation[] = ['none', 'relu', 'gelu', 'geluTanh', 'silu']

export function pairConvolutions(isa: string): void {
  describe.skipIf(process.arch !== 'x64')('convolutions by pairs', () => {
    test.each(CASES)('%s', (what, xShape, wShape, options) => {
      scope(() => {
        expect(engine.info().isa).toBe(isa)
        const [x, w, bias] = [draw(...xShape), draw(...wShape), draw(wShape[0])]
        const terms = wShape[1] * wShape[2] * wShape[3]
        const size = conv2d(wide(s.abs(x)), wide(s.abs(w)), wide(s.abs(bias)), options)
        const residual = draw(...size.shape)
        for (const activation of ACTIVATIONS)
          for (const then of [
            { activation, residual: null },
            { activation, residual },
          ])
            expectNear(
              `${what}, ${activation}`,
              conv2d(x, w, bias, { ...options, ...then }),
              conv2d(wide(x), wide(w), wide(bias), { ...options, activation, residual: wide(then.residual) }),
              then.residual ? size.add(wide(s.abs(residual))) : size,
              terms,
              2,
            )
        const gradients = (...operands: [Tensor, Tensor, Tensor, Tensor]): Tensor[] => {
          const [x, w, bias, g] = operands.map((t) => t.detach()) as [Tensor, Tensor, Tensor, Tensor]
          const leaves = [x, w, bias].map((t) => t.requiresGrad_()) as [Tensor, Tensor, Tensor]
          return s.grad(conv2d(...leaves, options), leaves, { gradOutputs: g }) as Tensor[]
        }
        const [found, expected, sizes] = [
          gradients(x, w, bias, residual),
          gradients(wide(x), wide(w), wide(bias), wide(residual)),
          gradients(wide(s.abs(x)), wide(s.abs(w)), wide(bias), wide(s.abs(residual))),
        ]
        const positions = residual.numel / wShape[0]
        for (const [i, terms] of [wShape[0] * wShape[2] * wShape[3], positions, positions].entries())
          expectNear(`${what}, gradient ${i}`, found[i] as Tensor, expected[i] as Tensor, sizes[i] as Tensor, terms)
      })
    })

    test('over one and three dimensions, and transposed', () => {
      scope(() => {
        const forms = [
          [conv1d, [2, 9, 50], [12, 9, 5], { padding: 2, stride: 2 }],
          [conv3d, [2, 3, 5, 6, 7], [8, 3, 3, 3, 3], { padding: 1 }],
          [conv3d, [1, 5, 7, 5, 9], [6, 5, 2, 3, 1], { padding: [1, 0, 0], stride: [2, 1, 2] }],
          [conv3d, [2, 6, 2, 3, 4], [7, 6, 1, 1, 1], {}],
          [convTranspose2d, [2, 10, 6, 9], [10, 8, 3, 3], { stride: 2, padding: 1, outputPadding: 1 }],
        ] as const
        for (const [i, [conv, xShape, wShape, options]] of forms.entries()) {
          const run = conv as unknown as (x: Tensor, w: Tensor, b: Tensor | null, options: object) => Tensor
          const [x, w] = [draw(...xShape), draw(...wShape)]
          const both = (x: Tensor, w: Tensor, sign: (t: Tensor) => Tensor): Tensor[] => {
            const leaves = [x.detach().requiresGrad_(), w.detach().requiresGrad_()] as [Tensor, Tensor]
            const y = run(...leaves, null, options)
            const g = sign(s.cos(s.arange(0, y.numel, 1, { dtype: 'f32' })).reshape(y.shape))
              .to('bf16')
              .to(y.dtype)
            return [y.detach(), ...(s.grad(y, leaves, { gradOutputs: g }) as Tensor[])]
          }
          const found = both(x, w, (t) => t)
          const expected = both(wide(x), wide(w), (t) => t)
          const sizes = both(wide(s.abs(x)), wide(s.abs(w)), s.abs)
          const terms = w.numel + x.numel
          for (const j of [0, 1, 2])
            expectNear(`${i}, ${j}`, found[j] as Tensor, expected[j] as Tensor, sizes[j] as Tensor, terms)
        }
      })
    })

    test('NaN and infinity reach what they meet, and nothing else', () => {
      scope(() => {
        const x = s.ones([1, 5, 6, 7])
        const values = numbers(x)
        values[6] = Number.NaN // channel 0, row 0, the last column
        values[5 * 42 - 1] = Number.POSITIVE_INFINITY // the last channel's last pixel
        const image = s.tensor([...values], { shape: [1, 5, 6, 7], dtype: 'bf16' })
        const y = numbers(conv2d(image, s.ones([6, 5, 3, 3], { dtype: 'bf16' })))
        y.forEach((v, i) => {
          const [row, column] = [Math.floor((i % 20) / 5), i % 5]
          expect(v).toBe(
            row === 0 && column === 4 ? Number.NaN : row === 3 && column === 4 ? Number.POSITIVE_INFINITY : 45,
          )
        })
      })
    })

    test('a weight does not see what lies behind its last position', () => {
      scope(() => {
        // 3 positions in a row, an odd number; the last column is seen by the kernel's last column alone.
        const x = s.ones([1, 8, 4, 5])
        const last = s.full([1, 8, 4, 1], Number.POSITIVE_INFINITY)
        const image = s.concat([x.narrow(3, 0, 4), last], 3).to('bf16')
        const w = s.ones([6, 8, 3, 3], { dtype: 'bf16' }).requiresGrad_()
        const y = conv2d(image, w)
        const [gw] = s.grad(y, [w], { gradOutputs: s.ones([...y.shape], { dtype: 'bf16' }) }) as [Tensor]
        numbers(gw).forEach((v, i) => {
          expect(v).toBe(i % 3 === 2 ? Number.POSITIVE_INFINITY : 6)
        })
      })
    })

    test('the same bits with one thread and with several', () => {
      const threads = engine.threads
      scope(() => {
        for (const [what, xShape, wShape, options] of CASES) {
          const [x, w, bias] = [draw(...xShape), draw(...wShape), draw(wShape[0])]
          engine.setThreads(1)
          const one = conv2d(x, w, bias, options)
          numbers(one)
          engine.setThreads(2)
          expectSameBits(what, conv2d(x, w, bias, options), one)
        }
      })
      engine.setThreads(threads)
    })
  })
}
