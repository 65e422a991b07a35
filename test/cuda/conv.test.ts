/**
 * Convolutions on CUDA (cuda/kernels/conv) against the CPU's in f64: results and gradients of every tile and kernel, with ragged sizes,
 * groups, strides, dilations and epilogues. Place in the whole: the operator tests have the semantics; here is what they have no shapes for.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { engine, type Shape, type Tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'

const present = engine.info().devices.includes('cuda:0')
if (!present) console.log('no CUDA device here, real or simulated: convolutions on CUDA are not tested')

const ROUNDOFF = { f64: 2 ** -53, f32: 2 ** -24, bf16: 2 ** -8, f16: 2 ** -11 } as const
type Float = keyof typeof ROUNDOFF
const FLOATS = Object.keys(ROUNDOFF) as Float[]

/** y on CUDA against the same in f64, whose terms have the sum `size`. */
function close(what: string, y: Tensor, exact: Tensor, size: Tensor, terms: number): void {
  const dtype = y.dtype as Float
  const [found, wanted, sizes] = [numbers(y), numbers(exact), numbers(size)]
  expect(y.shape).toEqual(exact.shape)
  const before = (dtype === 'f64' ? ROUNDOFF.f64 : ROUNDOFF.f32) * (8 + 4 * Math.sqrt(terms))
  let worst = 0
  for (let i = 0; i < found.length; i++) {
    const [a, e] = [found[i] as number, wanted[i] as number]
    const tolerance = ROUNDOFF[dtype] * Math.abs(e) * 1.01 + before * (sizes[i] as number)
    if (!(Math.abs(a - e) <= tolerance) && worst++ < 5)
      expect.soft(a, `${what}: element ${i} of ${found.length}, tolerance ${tolerance}`).toBe(e)
  }
  expect(worst, `${what}: elements that are wrong`).toBe(0)
}

interface Options {
  stride?: number | readonly number[]
  padding?: number | readonly number[]
  dilation?: number | readonly number[]
  groups?: number
  outputPadding?: number | readonly number[]
}
type Case = readonly [string, Shape, Shape, Options]
type Run = (x: Tensor, w: Tensor, bias: Tensor | null, options: object) => Tensor

const FORWARD: Readonly<Record<number, Run>> = {
  3: ops.conv1d as Run,
  4: ops.conv2d as Run,
  5: ops.conv3d as Run,
}
const TRANSPOSED: Readonly<Record<number, Run>> = {
  3: ops.convTranspose1d as Run,
  4: ops.convTranspose2d as Run,
  5: ops.convTranspose3d as Run,
}

/** Result and gradients. */
function check(dtype: Float, run: Run, [name, xShape, wShape, options]: Case, outputs: number): void {
  ops.scope(() => {
    const draw = (shape: Shape): Tensor => ops.randn(shape).to(dtype) as Tensor
    const leaves = [draw(xShape), draw(wShape), draw([outputs])]
    const all = (place: (t: Tensor) => Tensor, g: Tensor | null): Tensor[] => {
      const [x, w, b] = leaves.map(place) as [Tensor, Tensor, Tensor]
      for (const t of [x, w, b]) t.requiresGrad_()
      const y = run(x, w, b, options)
      return [y, ...ops.grad(y, [x, w, b], { gradOutputs: place(g ?? y.detach()) })]
    }
    const shape = run(leaves[0] as Tensor, leaves[1] as Tensor, null, options).shape
    const g = draw(shape)
    const found = all((t) => t.to('cuda'), g)
    const exact = all((t) => t.to('f64'), g)
    const sizes = all((t) => ops.abs(t.to('f64')), g)
    const positions =
      Math.max(
        shape.reduce((n, d) => n * d, 1),
        1,
      ) / Math.max(outputs, 1)
    const taps = wShape.slice(2).reduce((n, d) => n * d, 1)
    const deepest = Math.max(wShape[0] as number, wShape[1] as number) * taps
    for (const [i, y] of found.entries())
      close(
        `${dtype} ${name}, ${['y', 'gx', 'gw', 'gb'][i]}`,
        y,
        exact[i] as Tensor,
        sizes[i] as Tensor,
        i < 2 ? deepest : Math.max(positions, (xShape[0] as number) * 64),
      )
  })
}

const CASES: readonly Case[] = [
  ['tiles that are full', [2, 32, 8, 16], [64, 32, 3, 3], { padding: 1 }],
  ['ragged everywhere', [2, 13, 9, 11], [67, 13, 3, 3], { padding: 1 }],
  ['channels beyond a step', [1, 41, 5, 7], [9, 41, 2, 3], {}],
  ['a stem', [2, 3, 17, 19], [20, 3, 7, 7], { stride: 2, padding: 3 }],
  ['pointwise', [3, 40, 4, 8], [24, 40, 1, 1], {}],
  ['pointwise, odd planes', [2, 7, 3, 5], [11, 7, 1, 1], {}],
  ['pointwise, strided', [2, 16, 7, 8], [8, 16, 1, 1], { stride: 2 }],
  ['one place', [5, 24, 1, 1], [16, 24, 3, 3], { padding: 1 }],
  ['strides unlike', [2, 8, 11, 13], [8, 8, 3, 4], { stride: [2, 3], padding: [1, 2] }],
  ['strides with dilations in common', [2, 8, 13, 12], [8, 8, 3, 2], { stride: [4, 2], dilation: [2, 3], padding: 2 }],
  ['strides beyond the kernel', [1, 8, 9, 14], [8, 8, 2, 1], { stride: [3, 5] }],
  ['more padding than image', [1, 8, 2, 3], [8, 8, 2, 2], { padding: 3 }],
  ['groups', [2, 48, 6, 7], [60, 16, 3, 3], { groups: 3, padding: 1 }],
  ['groups of padded channels', [2, 36, 6, 8], [22, 18, 3, 3], { groups: 2, padding: 1 }],
  ['thin groups', [2, 12, 7, 9], [8, 3, 3, 3], { groups: 4, padding: 1 }],
  ['depthwise', [2, 5, 9, 16], [5, 1, 3, 3], { groups: 5, padding: 1 }],
  ['depthwise, odd rows', [3, 3, 7, 13], [3, 1, 3, 3], { groups: 3, padding: [1, 2] }],
  ['depthwise, 5 x 5', [2, 4, 11, 12], [4, 1, 5, 5], { groups: 4, padding: 2 }],
  ['depthwise, 7 x 7', [1, 4, 10, 18], [4, 1, 7, 7], { groups: 4, padding: 3 }],
  ['depthwise, 2 x 9', [1, 4, 10, 18], [4, 1, 2, 9], { groups: 4, padding: [0, 4] }],
  ['depthwise, strided', [2, 5, 11, 13], [5, 1, 5, 3], { groups: 5, padding: [2, 1], stride: 2 }],
  ['depthwise, rows strided', [2, 3, 11, 12], [3, 1, 3, 3], { groups: 3, padding: 1, stride: [3, 1] }],
  ['depthwise, three outputs a channel', [2, 5, 9, 12], [15, 1, 3, 3], { groups: 5, padding: 1 }],
  ['depthwise, dilated', [1, 3, 12, 17], [3, 1, 3, 3], { groups: 3, padding: 2, dilation: 2 }],
  [
    'depthwise, rows dilated, more padding than kernel',
    [1, 3, 9, 12],
    [3, 1, 3, 3],
    { groups: 3, padding: [3, 4], dilation: [2, 1] },
  ],
  ['depthwise, a volume', [1, 3, 4, 5, 6], [3, 1, 3, 3, 3], { groups: 3, padding: 1 }],
  ['few pixels, a long k', [1, 260, 5, 4], [24, 260, 3, 3], { padding: 1, stride: 2 }],
  ['few pixels, a long k, packed', [1, 128, 4, 4], [12, 128, 3, 3], { padding: 1 }],
  ['more taps than bits', [1, 2, 20, 24], [3, 2, 16, 16], { padding: 4 }],
  [
    'a stride of more classes than there is room for',
    [1, 2, 3, 80],
    [3, 2, 2, 5],
    { stride: [1, 37], padding: [1, 2] },
  ],
  ['no images', [0, 3, 5, 5], [4, 3, 3, 3], { padding: 1 }],
  ['1d', [2, 17, 61], [33, 17, 5], { padding: 2, stride: 2 }],
  ['1d, depthwise', [2, 6, 45], [6, 1, 4], { groups: 6, padding: 3 }],
  ['3d', [2, 9, 4, 5, 6], [17, 9, 3, 2, 3], { padding: 1 }],
  ['3d, strided', [1, 8, 5, 7, 6], [16, 8, 3, 3, 2], { stride: [2, 1, 3], padding: [1, 0, 1], dilation: [1, 2, 1] }],
]
const TRANSPOSED_CASES: readonly Case[] = [
  ['upsampled', [2, 16, 5, 6], [16, 12, 2, 2], { stride: 2 }],
  ['checkered', [2, 9, 5, 4], [9, 7, 3, 3], { stride: 2, padding: 1, outputPadding: 1 }],
  ['groups', [2, 16, 4, 5], [16, 9, 3, 2], { stride: [1, 2], groups: 2 }],
  ['places that no tap meets', [1, 8, 4, 3], [8, 3, 2, 1], { stride: 4, outputPadding: 2 }],
  ['1d', [2, 16, 9], [16, 20, 10], { stride: 5, padding: 2 }],
  ['3d', [1, 8, 3, 4, 3], [8, 5, 2, 3, 2], { stride: [2, 1, 2], outputPadding: [1, 0, 1] }],
]

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
