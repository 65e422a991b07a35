/**
 * Convolutions on CUDA (cuda/kernels/conv) against the CPU's in f64: results and gradients of every tile and kernel, with ragged sizes,
 * groups, strides, dilations and epilogues. Place in the whole: the operator tests have the semantics; here is what they have no shapes for.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { engine, type Shape, type Tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'
import { CASES, check, FORWARD, type Run, TRANSPOSED, TRANSPOSED_CASES } from './convs.js'
import { close, FLOATS, type Float, ROUNDOFF } from './products.js'

const present = engine.info().devices.includes('cuda:0')
if (!present) console.log('no CUDA device here, real or simulated: convolutions on CUDA are not tested')

/** dtype, image, weight, whether the weights' gradient is what is looked at. */
const LARGE: readonly (readonly [Float, Shape, Shape, boolean])[] = [
  ['bf16', [1, 12, 101, 107], [250, 12, 3, 3], false],
  ['f16', [2, 60, 32, 32], [509, 60, 3, 3], true],
  ['f32', [1, 7, 117, 118], [253, 7, 1, 1], false],
]

describe.skipIf(!present)('convolutions on CUDA', () => {
  for (const dtype of FLOATS) {
    test(`${dtype}: results and gradients`, () => {
      for (const c of CASES) check(dtype, FORWARD[c[1].length] as Run, c, c[2][0] as number)
    })
    test(`${dtype}: transposed`, () => {
      for (const c of TRANSPOSED_CASES)
        check(dtype, TRANSPOSED[c[1].length] as Run, c, (c[2][1] as number) * (c[3].groups ?? 1))
    })

    test(`${dtype}: bias, residual and activation, channels first and last`, () => {
      for (const [c, o, h, w, k] of [
        [16, 24, 6, 8, 3],
        [13, 7, 5, 7, 2],
        [8, 70, 9, 9, 1],
        [264, 12, 4, 4, 3],
      ] as const)
        for (const activation of ['relu', 'gelu', 'geluTanh', 'silu'] as const)
          ops.scope(() => {
            const draw = (shape: Shape): Tensor => ops.randn(shape).to(dtype) as Tensor
            const [x, weight, bias] = [draw([2, c, h, w]), draw([o, c, k, k]), draw([o])]
            const residual = draw([2, o, h - k + 3, w - k + 3])
            const run = (place: (t: Tensor) => Tensor, last = false): Tensor => {
              const image = last ? place(x.permute([0, 2, 3, 1]).contiguous()).permute([0, 3, 1, 2]) : place(x)
              const rest = { padding: 1, activation, residual: place(residual) }
              return ops.conv2d(image, place(weight), place(bias), rest)
            }
            const wide = (t: Tensor): Tensor => t.to('f64')
            const exact = run(wide)
            const size = ops.add(
              ops.conv2d(ops.abs(wide(x)), ops.abs(wide(weight)), ops.abs(wide(bias)), { padding: 1 }),
              ops.add(ops.abs(wide(residual)), 1),
            )
            for (const last of [false, true])
              close(
                `${dtype} ${activation}${last ? ', last' : ''}`,
                run((t) => t.to('cuda'), last).contiguous(),
                exact,
                size,
                c * k * k,
              )
          })
    })
  }

  test('depthwise: bias, residual and activation', () => {
    for (const dtype of FLOATS)
      for (const [w, stride] of [
        [16, 1],
        [13, 1],
        [11, 2],
      ] as const)
        ops.scope(() => {
          const draw = (shape: Shape): Tensor => ops.randn(shape).to(dtype) as Tensor
          const [x, weight, bias] = [draw([2, 3, 7, w]), draw([6, 1, 3, 3]), draw([6])]
          const options = { padding: 1, stride, groups: 3 }
          const residual = draw(ops.conv2d(x, weight, bias, options).shape)
          const run = (place: (t: Tensor) => Tensor): Tensor =>
            ops.conv2d(place(x), place(weight), place(bias), {
              ...options,
              activation: 'gelu',
              residual: place(residual),
            })
          const wide = (t: Tensor): Tensor => t.to('f64')
          const size = ops.add(ops.conv2d(ops.abs(wide(x)), ops.abs(wide(weight)), null, options), 8)
          close(
            `${dtype}, rows of ${w}`,
            run((t) => t.to('cuda')),
            run(wide),
            size,
            9,
          )
        })
  })

  // Sizes at which the model of costs takes the larger tiles: test/cuda/conv-profile.test.ts has what is taken.
  test('large tiles', () => {
    const within = (y: Tensor, exact: Tensor, size: Tensor, terms: number): void => {
      const roundoff = ROUNDOFF[y.dtype as Float]
      const bound = ops.add(
        ops.mul(ops.abs(exact), roundoff * 1.01),
        ops.mul(size, ROUNDOFF.f32 * (8 + 4 * Math.sqrt(terms))),
      )
      const excess = ops.sub(ops.abs(ops.sub(y.to('cpu').to('f64'), exact)), bound)
      expect(numbers(ops.max(excess))[0]).toBeLessThanOrEqual(0)
    }
    for (const [dtype, xShape, wShape, gradient] of LARGE)
      ops.scope(() => {
        const [x, w] = [xShape, wShape].map((shape) => ops.randn(shape).to(dtype)) as [Tensor, Tensor]
        const all = (place: (t: Tensor) => Tensor): Tensor => {
          const [xp, wp] = [place(x), place(w)] as [Tensor, Tensor]
          const options = { padding: (wShape[2] as number) >> 1 }
          if (!gradient) return ops.conv2d(xp, wp, null, options)
          wp.requiresGrad_()
          const y = ops.conv2d(xp, wp, null, options)
          return ops.grad(y, [wp], { gradOutputs: place(ones(y.shape)) })[0] as Tensor
        }
        const ones = (shape: Shape): Tensor => ops.ones(shape).to(dtype) as Tensor
        within(
          all((t) => t.to('cuda')),
          all((t) => t.to('f64')),
          all((t) => ops.abs(t.to('f64'))),
          gradient ? 2 * (xShape[2] as number) ** 2 : (xShape[1] as number) * 9,
        )
      })
  })

  test('a NaN outside of the window does no harm, one inside reaches what sees it', () => {
    for (const dtype of ['f32', 'bf16'] as const)
      ops.scope(() => {
        const x = ops.zeros([1, 8, 6, 6]).to(dtype) as Tensor
        const y = ops.conv2d(
          ops.concat([x, ops.full([1, 8, 6, 6], Number.NaN).to(dtype) as Tensor], 0).to('cuda'),
          ops.ones([5, 8, 3, 3]).to(dtype).to('cuda') as Tensor,
          null,
          { padding: 1 },
        )
        for (const [i, v] of numbers(y).entries()) expect(v).toBe(i < 5 * 36 ? 0 : Number.NaN)
      })
  })

  test('the same bits in every run', () => {
    ops.scope(() => {
      const shapes: readonly Shape[] = [
        [4, 16, 24, 24],
        [24, 16, 3, 3],
        [4, 24, 24, 24],
      ]
      const [x, w, g] = shapes.map((shape) => (ops.randn(shape).to('bf16') as Tensor).to('cuda')) as [
        Tensor,
        Tensor,
        Tensor,
      ]
      const [first, second] = [0, 1].map(() => {
        const leaf = w.clone().requiresGrad_()
        const y = ops.conv2d(x, leaf, null, { padding: 1 })
        return numbers(ops.grad(y, [leaf], { gradOutputs: g })[0] as Tensor)
      })
      expect(first).toEqual(second)
    })
  })
})
