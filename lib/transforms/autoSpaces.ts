/**
 * Which magnitudes the operations of automatic augmentation may have. Definitions: torchvision's, computed in f32 as there, so that a
 * threshold is the same to the bit. Place in the whole: tables for auto.ts.
 */
import type { OperationName } from './autoOperations.js'
import type { Size } from './change.js'
import { roundEven } from './options.js'

export interface Entry {
  readonly name: OperationName
  /** By the number of the magnitude; null where there is none. */
  readonly magnitudes: readonly number[] | null
  /** Half of the time the magnitude is negative. */
  readonly signed: boolean
}
export type Space = readonly Entry[]

/** How far the operations of a space go. */
interface Reach {
  shear: number
  /** Pixels along an axis of d pixels. */
  translate: (d: number) => number
  rotate: number
  /** Of brightness, colour, contrast and sharpness; null: without these. */
  factor: number | null
  /** Bits at the magnitude 0, and how many fewer at the largest. */
  bits: readonly [number, number]
  extra: readonly OperationName[]
}

export type SpaceName = 'randAugment' | 'autoAugment' | 'trivialAugmentWide' | 'augMix' | 'augMixFew'
const REACHES: Readonly<Record<SpaceName, Reach>> = {
  randAugment: {
    shear: 0.3,
    translate: (d) => (150 / 331) * d,
    rotate: 30,
    factor: 0.9,
    bits: [8, 4],
    extra: ['Identity'],
  },
  autoAugment: {
    shear: 0.3,
    translate: (d) => (150 / 331) * d,
    rotate: 30,
    factor: 0.9,
    bits: [8, 4],
    extra: ['Invert'],
  },
  trivialAugmentWide: {
    shear: 0.99,
    translate: () => 32,
    rotate: 135,
    factor: 0.99,
    bits: [8, 6],
    extra: ['Identity'],
  },
  augMix: { shear: 0.3, translate: (d) => d / 3, rotate: 30, factor: 0.9, bits: [4, 4], extra: [] },
  augMixFew: { shear: 0.3, translate: (d) => d / 3, rotate: 30, factor: null, bits: [4, 4], extra: [] },
}

export function spaceOf(space: SpaceName, bins: number, [h, w]: Size): Space {
  const reach = REACHES[space]
  const signed = (name: OperationName, most: number): Entry => ({
    name,
    magnitudes: linspace(0, most, bins),
    signed: true,
  })
  const plain = (name: OperationName, magnitudes: readonly number[] | null = null): Entry => ({
    name,
    magnitudes,
    signed: false,
  })
  const [bits, fewer] = reach.bits
  const pace = f32((bins - 1) / fewer)
  const factors = ['Brightness', 'Color', 'Contrast', 'Sharpness'] as const
  return [
    ...reach.extra.map((name) => plain(name)),
    signed('ShearX', reach.shear),
    signed('ShearY', reach.shear),
    signed('TranslateX', reach.translate(w)),
    signed('TranslateY', reach.translate(h)),
    signed('Rotate', reach.rotate),
    ...(reach.factor === null ? [] : factors.map((name) => signed(name, reach.factor as number))),
    plain(
      'Posterize',
      Array.from({ length: bins }, (_, i) => roundEven(f32(bits - f32(i / pace)))),
    ),
    plain('Solarize', linspace(1, 0, bins)),
    plain('AutoContrast'),
    plain('Equalize'),
  ]
}

const f32 = Math.fround

/** torch.linspace: from both ends to the middle, each number rounded once. */
function linspace(start: number, end: number, steps: number): number[] {
  const [from, to] = [f32(start), f32(end)]
  const step = f32(f32(to - from) / f32(steps - 1))
  return Array.from({ length: steps }, (_, i) =>
    f32(i < Math.floor(steps / 2) ? from + step * i : to - step * (steps - i - 1)),
  )
}
