import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { adafactorStep, adam8bitStep, adamStep, DTypeError, ShapeError, scope, sgdStep, zeros } from '#lib/index.js'
import { Random } from '../helpers/random.js'
import { device } from '../opspec/plan.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './optimize.spec.js'

testOps(specs)

const SGD = { lr: 1, momentum: 0.5, dampening: 0, weightDecay: 0, nesterov: false, step: 1, maximize: false }
const ADAM = { lr: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0, step: 1, decoupled: true }
const ADAFACTOR = { lr: 1, beta2Decay: -0.8, eps1: 1e-3, eps2: 1e-3, d: 1, weightDecay: 0, step: 1 }

test('a variance that roundings would bring below zero is zero', async () => {
  const of = (x: number) => ops.tensor(Float32Array.of(x), { device })
  const param = of(1)
  // The mean of squares is 1, the square of the mean 2.25.
  ops.rmspropStep([{ param, grad: of(0.25), squares: of(1), mean: of(1.5) }], {
    lr: 1,
    alpha: 1,
    eps: 0.5,
    weightDecay: 0,
    momentum: 0,
    centered: true,
  })
  expect(await param.data()).toEqual(Float32Array.of(0.5))
})

test('a group of tensors of several shapes or dtypes is refused before anything is written', () => {
  scope(() => {
    const [x, long, half, wide] = [zeros([3]), zeros([4]), zeros([3], { dtype: 'f16' }), zeros([3], { dtype: 'f64' })]
    expect(() => sgdStep([{ param: x, grad: long }], SGD)).toThrow(ShapeError)
    expect(() => sgdStep([{ param: x, grad: x, buffer: half }], SGD)).toThrow(DTypeError)
    expect(() => sgdStep([{ param: wide, grad: half }], SGD)).toThrow(DTypeError)
    expect(() => sgdStep([{ param: half, grad: x }], SGD)).toThrow(DTypeError)
    expect(() => sgdStep([{ param: x, grad: half, low: x }], SGD)).toThrow(DTypeError)
    expect(() => adamStep([{ param: x, grad: x, m: x, v: long }], ADAM)).toThrow(ShapeError)
    expect(() => adamStep([{ param: x, grad: x.to('bool'), m: x, v: x }], ADAM)).toThrow(DTypeError)
    const codes = zeros([3], { dtype: 'u8' })
    const scale = zeros([1])
    const coded = { m: codes, v: codes, mScale: scale, vScale: scale }
    expect(() => adam8bitStep([{ param: wide, grad: wide, ...coded }], ADAM)).toThrow(/it takes f32, bf16 and f16/)
    expect(() => adam8bitStep([{ param: x, grad: x, ...coded, vScale: x }], ADAM)).toThrow(ShapeError)
    expect(() => adafactorStep([{ param: x, grad: x }], ADAFACTOR)).toThrow(/has a variance for its state/)
    const matrix = zeros([2, 3])
    const group = { param: matrix, grad: matrix }
    expect(() => adafactorStep([{ ...group, variance: matrix }], ADAFACTOR)).toThrow(/has rows and columns/)
    expect(() => adafactorStep([{ ...group, rows: zeros([2, 1]), columns: zeros([3]) }], ADAFACTOR)).toThrow(ShapeError)
  })
})

describe.each(['bf16', 'f16'] as const)('gradients in %s for a parameter in f32', (dtype) => {
  // Of a length that ends amid a vector and amid a block of codes.
  const n = 1000
  const random = new Random('mixed')
  const draw = (low: number, high: number) =>
    ops.tensor(Float32Array.from(random.array(n, (r) => r.uniform(low, high))))
  const states: Record<string, (p: ops.Updated) => () => ops.Tensor[]> = {
    sgdStep: (p) => {
      const buffer = zeros([n])
      return () => {
        sgdStep([{ ...p, buffer }], SGD)
        return [buffer]
      }
    },
    adafactorStep: (p) => {
      const variance = zeros([n])
      return () => {
        adafactorStep([{ ...p, variance }], ADAFACTOR)
        return [variance]
      }
    },
    lambStep: (p) => {
      const [m, v] = [zeros([n]), zeros([n])]
      return () => {
        ops.lambStep([{ ...p, m, v }], ADAM)
        return [m, v]
      }
    },
    adam8bitStep: (p) => {
      const [m, v] = [zeros([n], { dtype: 'u8' }), zeros([n], { dtype: 'u8' })]
      const [mScale, vScale] = [zeros([4]), zeros([4])]
      return () => {
        adam8bitStep([{ ...p, m, v, mScale, vScale }], ADAM)
        return [m, v, mScale, vScale]
      }
    },
  }
  test.each(Object.keys(states))('%s: as with the gradient in f32, and the parameter rounded beside', async (name) => {
    const grad = draw(-2, 2).to(dtype)
    const start = draw(-2, 2)
    const [mixed, plain, low] = [start.clone(), start.clone(), zeros([n], { dtype })]
    const of = states[name] as (typeof states)[string]
    const found = of({ param: mixed, grad, low })()
    const expected = of({ param: plain, grad: grad.to('f32') })()
    expect(await mixed.data()).toEqual(await plain.data())
    expect(await low.data()).toEqual(await plain.to(dtype).data())
    for (const [i, t] of found.entries()) expect(await t.data()).toEqual(await (expected[i] as ops.Tensor).data())
  })
})

test('one step takes parameters of different dtypes, and gradients of different ones for parameters in f32', async () => {
  const of = ([param, grad]: readonly ['f32' | 'f64' | 'bf16', 'f32' | 'f64' | 'f16' | 'bf16'], n: number) => ({
    param: ops.ones([n], { dtype: param }),
    grad: ops.full([n], 0.5, { dtype: grad }),
    m: zeros([n], { dtype: param }),
    v: zeros([n], { dtype: param }),
  })
  const pairs = [
    ['f32', 'f16'],
    ['f32', 'f32'],
    ['bf16', 'bf16'],
    ['f64', 'f64'],
    ['f32', 'f16'],
    ['f32', 'bf16'],
  ] as const
  for (const step of [ops.lambStep, adamStep]) {
    const [together, apart] = [pairs.map(of), pairs.map(of)]
    step(together, ADAM)
    for (const group of apart) step([group], ADAM)
    for (const [i, { param }] of together.entries()) {
      expect(await param.data()).toEqual(await (apart[i] as (typeof apart)[number]).param.data())
      if (param.numel > 0) expect(await param.data()).not.toEqual(await ops.ones([i], { dtype: param.dtype }).data())
    }
  }
})

/** The values of codes: seven decades, each divided evenly into twice as many as the one below (Dettmers et al. 2022). */
function codeValues(signed: boolean): number[] {
  const values = [0, 1]
  for (let decade = 0; decade < 7; decade++) {
    const parts = 2 ** (signed ? decade : decade + 1)
    for (let j = 0; j < parts; j++) {
      const x = 10 ** (decade - 6) * (0.1 + (0.9 * (j + 0.5)) / parts)
      values.push(x, ...(signed ? [-x] : []))
    }
  }
  return values.sort((a, b) => a - b)
}

test('adam8bitStep takes the nearest code of every moment', async () => {
  // The first step makes the moments gradient multiples, here of every size down to 10^-8 of the block's largest.
  const n = 256 * 5 + 77
  const values = Float32Array.from(new Random('codes').array(n, (r) => r.uniform(-1, 1) * 10 ** r.uniform(-8, 0)))
  const [param, grad] = [zeros([n]), ops.tensor(values)]
  const [m, v] = [zeros([n], { dtype: 'u8' }), zeros([n], { dtype: 'u8' })]
  const [mScale, vScale] = [zeros([6]), zeros([6])]
  adam8bitStep([{ param, grad, m, v, mScale, vScale }], { ...ADAM, beta1: 0.5, beta2: 0.5 })
  for (const [codes, scales, signed, moment] of [
    [m, mScale, true, (g: number) => g / 2],
    [v, vScale, false, (g: number) => (g * g) / 2],
  ] as const) {
    const map = codeValues(signed)
    expect(map.length).toBe(256)
    const scale = (await scales.data()) as Float32Array
    for (const [i, code] of ((await codes.data()) as Uint8Array).entries()) {
      const x = moment(values[i] as number) / (scale[i >> 8] as number)
      const nearest = Math.min(...map.map((y) => Math.abs(y - x)))
      // A few roundings in f32 of the quotient, and of the part's number.
      expect(Math.abs((map[code] as number) - x)).toBeLessThanOrEqual(nearest + 2 ** -20 * Math.abs(x))
    }
    for (let block = 0; block < 6; block++) {
      const of = [...values.slice(block * 256, block * 256 + 256)].map((g) => Math.abs(moment(g)))
      expect(scale[block]).toBeCloseTo(Math.max(...of), 6)
    }
  }
})

test('adam8bitStep lets a NaN through, to the parameter and to the block’s scale', async () => {
  const param = zeros([300])
  const values = new Float32Array(300).fill(1)
  values[7] = Number.NaN
  const [m, v] = [zeros([300], { dtype: 'u8' }), zeros([300], { dtype: 'u8' })]
  const [mScale, vScale] = [zeros([2]), zeros([2])]
  adam8bitStep([{ param, grad: ops.tensor(values), m, v, mScale, vScale }], ADAM)
  expect(((await param.data()) as Float32Array)[7]).toBeNaN()
  const scale = (await mScale.data()) as Float32Array
  expect(scale[0]).toBeNaN()
  expect(scale[1]).toBeCloseTo(0.1, 6)
})
