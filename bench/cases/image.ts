/** Batches of images augmented: torchvision's functions, which the peer computes as torchvision does, of PyTorch's operators. */
import { rand, randint, type Tensor } from 'sinter'
import { adjustHue, equalize, gaussianBlur, recolor, rotate } from 'sinter/image'
import { type Case, forwardOnly, product, withBackward } from '../case.js'

const SHAPE = [16, 3, 224, 224] as const
const SIZE = SHAPE.join('x')
const pixels = (dtype: 'f32' | 'u8'): Tensor =>
  dtype === 'u8' ? (randint(0, 256, SHAPE, { dtype: 'u8' }) as Tensor) : (rand(SHAPE) as Tensor)

const on = (name: string, dtype: 'f32' | 'u8', call: (x: Tensor) => unknown): Case => ({
  name: `image.${name}.${dtype}.${SIZE}`,
  dtype,
  bytes: 2 * product(SHAPE) * (dtype === 'u8' ? 1 : 4),
  prepare() {
    const x = pixels(dtype)
    return forwardOnly(() => call(x))
  },
})

const turned = (x: Tensor): Tensor => rotate(x, 15, { interpolation: 'bilinear' })
const jittered = (x: Tensor): Tensor =>
  recolor(x, [
    ['brightness', 0.8],
    ['contrast', 1.3],
    ['saturation', 0.6],
    ['hue', 0.1],
  ])

const rotateBoth: Case = {
  name: `image.rotate.fwdbwd.${SIZE}`,
  dtype: 'f32',
  bytes: 16 * product(SHAPE),
  prepare() {
    const x = pixels('f32')
    return withBackward(() => turned(x), [x])
  },
}

export const image: readonly Case[] = [
  on('rotate', 'f32', turned),
  on('rotate', 'u8', turned),
  rotateBoth,
  on('jitter', 'f32', jittered),
  on('jitter', 'u8', jittered),
  on('hue', 'f32', (x) => adjustHue(x, 0.1)),
  on('blur', 'f32', (x) => gaussianBlur(x, 5, 1.5)),
  on('equalize', 'u8', equalize),
]
