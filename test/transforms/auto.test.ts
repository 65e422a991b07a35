/** Automatic augmentation: spaces, policies and operations as torchvision's (test/golden/transforms.json), and what is drawn of them. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { transformContext } from '#lib/data/index.js'
import { type Tensor, tensor, ValueError } from '#lib/index.js'
import { policyOf } from '#lib/transforms/auto.js'
import { type OperationName, operated } from '#lib/transforms/autoOperations.js'
import { type SpaceName, spaceOf } from '#lib/transforms/autoSpaces.js'
import * as T from '#lib/transforms/index.js'
import { numbers } from '../helpers/compare.js'
import { pick, scripted } from '../helpers/scripted.js'

const golden = JSON.parse(readFileSync(new URL('../golden/transforms.json', import.meta.url), 'utf8')) as {
  spaces: Record<Exclude<SpaceName, 'augMixFew'>, Record<string, [number[] | null, boolean]>>
  policies: Record<T.AutoAugmentPolicy, [string, number, number | null][][]>
  operations: [OperationName, number, number[]][]
}
const SHAPE = [2, 3, 7, 8]
const real = Float64Array.from({ length: 2 * 3 * 7 * 8 }, (_, i) => ((i * 7919) % 1009) / 1009)
const bytes = (): Tensor =>
  tensor(
    Uint8Array.from(real, (v) => Math.floor(v * 256)),
    { shape: SHAPE },
  ) as Tensor
const NEAREST = { interpolation: 'nearest' } as const

describe('as torchvision', () => {
  test.each(Object.keys(golden.spaces) as (keyof typeof golden.spaces)[])('the space of %s', (name) => {
    const bins = name === 'autoAugment' || name === 'augMix' ? 10 : 31
    const space = spaceOf(name, bins, [20, 31])
    const found = Object.fromEntries(space.map((e) => [e.name, [e.magnitudes, e.signed]]))
    expect(found).toEqual(golden.spaces[name])
  })

  test('the policies', () => {
    for (const [name, pairs] of Object.entries(golden.policies)) {
      const expected = pairs.map((pair) => pair.map(([name, p, magnitude]) => ({ name, p, magnitude: magnitude ?? 0 })))
      expect(policyOf(name as T.AutoAugmentPolicy)).toEqual(expected)
    }
  })

  test.each(golden.operations.map((o, i) => [`${o[0]} ${o[1]}`, i] as const))('%s', (_, i) => {
    const [name, magnitude, values] = golden.operations[i] as (typeof golden.operations)[number]
    const y = operated(
      'test',
      bytes(),
      [0, 1].map(() => ({ name, magnitude })),
      NEAREST,
    )
    expect([...numbers(y)]).toEqual(values)
  })

  test('images of one batch with different operations', () => {
    const x = bytes()
    for (const [i, [name, magnitude, values]] of golden.operations.entries()) {
      const [other, otherMagnitude, others] = golden.operations[
        (i * 7 + 3) % golden.operations.length
      ] as (typeof golden.operations)[number]
      const operations = [
        { name, magnitude },
        { name: other, magnitude: otherMagnitude },
      ]
      const half = values.length / 2
      expect([...numbers(operated('test', x, operations, NEAREST))]).toEqual([
        ...values.slice(0, half),
        ...others.slice(half),
      ])
    }
  })
})

test('randAugment applies what is drawn: operations in turn, a sign for those that have one', () => {
  const x = bytes()
  // Of 14 operations number 5 is Rotate, by 30 * 9 / 30 degrees, and number 10 Posterize, of 8 - 4 * 9 / 30 bits.
  const y = T.randAugment()(x, scripted(2, [pick(5, 14), 0.2, pick(10, 14)]))
  const expected = [
    { name: 'Rotate', magnitude: -9 },
    { name: 'Posterize', magnitude: 7 },
  ] as const
  const steps = expected.reduce((z, o) => operated('test', z, [o, o], NEAREST), x)
  expect(numbers(y)).toEqual(numbers(steps))
})

test('autoAugment applies the steps of a pair by their probabilities', () => {
  const x = bytes()
  // Pair 0 of ImageNet's: Posterize with 0.4, Rotate with 0.6, of magnitude 30 * 9 / 9.
  const rotated = T.autoAugment()(x, scripted(2, [pick(0, 25), 0.45, 0.55, 0.7]))
  const rotate = { name: 'Rotate', magnitude: 30 } as const
  expect(numbers(rotated)).toEqual(numbers(operated('test', x, [rotate, rotate], NEAREST)))
  const neither = T.autoAugment()(x, scripted(2, [pick(0, 25), 0.45, 0.65]))
  expect(numbers(neither)).toEqual(numbers(x))
})

test('trivialAugmentWide draws every operation and magnitude alike', () => {
  // A picture of one colour at 200 of 255 tells operations apart: here, how often it stays, and how often it is darker or brighter.
  const n = 4000
  const x = tensor(new Uint8Array(n).fill(200), { shape: [n, 1, 1, 1] }) as Tensor
  const y = numbers(T.trivialAugmentWide()(x, transformContext({ indices: Array.from({ length: n }, (_, i) => i) })))
  const share = (f: (v: number) => boolean): number => y.filter(f).length / n
  // Brighter: one half of Brightness, but for a magnitude of 0 or as good as.
  expect(Math.abs(share((v) => v > 200) - 0.5 / 14)).toBeLessThan(4 * Math.sqrt(0.04 / n))
  expect(share((v) => v === 200)).toBeGreaterThan(0.5)
})

test('boxes and masks move with the images that move', () => {
  const n = 40
  const image = tensor(new Uint8Array(n * 16 * 16).fill(100), { shape: [n, 1, 16, 16] }) as Tensor
  const boxes = tensor(Float32Array.from(Array.from({ length: n }, () => [4, 5, 10, 12]).flat()), { shape: [n, 1, 4] })
  const masks = tensor(new Uint8Array(n * 256).fill(1), { shape: [n, 16, 16] })
  const context = transformContext({ indices: Array.from({ length: n }, (_, i) => i) })
  const y = T.randAugment({ numOps: 1, magnitude: 20 })(
    { image, boxes, masks } as { image: Tensor; boxes: Tensor; masks: Tensor },
    context,
  )
  for (let row = 0; row < n; row++) {
    const stays = [...numbers(y.boxes.select(0, row) as Tensor)].join() === '4,5,10,12'
    const whole = numbers(y.masks.select(0, row) as Tensor).every((v) => v === 1)
    expect(stays).toBe(whole)
  }
})

test('augMix mixes with shares that add up to 1', () => {
  // Of an even image of 0.5 no operation of the least magnitude makes another, but equalizing, which rounds to 127 of 255.
  const even = tensor(new Float64Array(64).fill(0.5), { shape: [16, 1, 2, 2] }) as Tensor
  const indices = Array.from({ length: 16 }, (_, i) => i)
  const kept = numbers(T.augMix({ severity: 1, chainDepth: 1 })(even, transformContext({ indices })))
  for (const v of kept) expect(Math.abs(v - 0.5)).toBeLessThan(0.5 - 127 / 255 + 1e-12)
  const x = bytes()
  const y = T.augMix({ severity: 10, chainDepth: 2 })(x, transformContext({ indices: [0, 1] }))
  expect(y.dtype).toBe('u8')
  expect(numbers(y)).not.toEqual(numbers(x))
})

test('errors say what is wrong', () => {
  expect(() => T.randAugment({ magnitude: 31 })).toThrow(/magnitude 31 of 31/)
  expect(() => T.randAugment({ numops: 2 } as never)).toThrow(/did you mean "numOps"/)
  expect(() => T.autoAugment({ policy: 'coco' as never })).toThrow(/one of imagenet, cifar10, svhn/)
  expect(() => T.trivialAugmentWide({ numMagnitudeBins: 1 })).toThrow(ValueError)
  expect(() => T.augMix({ severity: 11 })).toThrow(/at most 10/)
  const four = tensor(new Uint8Array(64), { shape: [1, 4, 4, 4] }) as Tensor
  const context = transformContext({ indices: [0] })
  for (const transform of [T.randAugment(), T.augMix(), T.colorJitter({ hue: 0.1 }), T.randomGrayscale({ p: 0 })])
    expect(() => transform(four, context)).toThrow(/1 or 3 channels/)
})
