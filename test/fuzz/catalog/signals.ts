/** Images and signals: lib/image, lib/audio. */
import * as audio from '#lib/audio/index.js'
import * as image from '#lib/image/index.js'
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { call, type Entry, entry, FLOATS, type Judge, WIDE } from '../draw.js'
import { type Both, type Draw, operand } from '../tensors.js'

/** Now and then one channel too many. */
const pictures = (r: Draw, dtypes: readonly DType[], channels: number, domain = { low: 0, high: 1 }): Both => {
  const lead = r.pick([[], [2], [1, 3], [0]])
  const c = channels + (r.chance(60) ? 1 : 0)
  const dtype = r.pick(dtypes)
  return operand(r, [...lead, c, r.int(1, 9), r.int(1, 9)], dtype, dtype === 'u8' ? { low: 0, high: 31 } : domain)
}

/** Functions of pictures alone, each with arguments drawn for it. */
const onPictures = (
  name: string,
  dtypes: readonly DType[],
  draw: (r: Draw) => (x: Tensor) => Tensor,
  judge: Judge = {},
  channels = 3,
): Entry =>
  entry(
    name,
    (r) => {
      const f = draw(r)
      return call([pictures(r, dtypes, channels)], f)
    },
    { finite: true, roundings: 200, power: 1, ...judge },
  )

const BYTES: readonly DType[] = ['u8']
// Kinks: a rounding decides which side a gradient is of.
const KINKED: Judge = { gradient: false, roundings: 4000 }

export const signals: readonly Entry[] = [
  // Bilinear and bicubic: the nearest pixel jumps where a position is rounded.
  entry(
    'image.warpAffine, image.warpPerspective',
    (r) => {
      const [rows, n, dtype] = [r.pick([2, 3]), r.int(1, 3), r.pick(WIDE)]
      const padding = r.pick(['zeros', 'border', 'reflection'] as const)
      const options = {
        interpolation: r.pick(['bilinear', 'bicubic'] as const),
        padding,
        fill: padding === 'zeros' && r.chance(2) ? r.uniform(-1, 1) : null,
        alignCorners: r.chance(2),
        size: [r.int(1, 70), r.int(1, 70)] as const,
      }
      const inputs = [
        operand(r, [n, r.int(1, 4), r.int(1, 9), r.int(1, 70)], dtype),
        operand(r, r.chance(3) ? [2, 3] : [n + (r.chance(60) ? 1 : 0), 2, 3], dtype, { low: -0.9, high: 0.9 }),
        // (p, q, 1): its last row is near (0, 0, 1).
        operand(r, [n, 1, 3], dtype, { low: -0.0625, high: 0.0625 }),
      ]
      return call(inputs, (x, matrix, last) => {
        if (rows === 2 || matrix.rank === 2) return image.warpAffine(x, matrix, options)
        const one = ops.tensor([0, 0, 1], { dtype, device: x.device })
        return image.warpPerspective(x, ops.concat([matrix, last.add(one)], 1), options)
      })
    },
    { roundings: 2000, power: 2, finite: true, gradient: false },
  ),
  onPictures(
    'image.rotate, image.affine, image.perspective',
    WIDE,
    (r) => {
      const [angle, scale] = [r.uniform(-180, 180), r.uniform(0.5, 2)]
      const [kind, fill, expand] = [r.int(0, 3), r.uniform(0, 1), r.chance(2)]
      const smooth = { interpolation: 'bilinear', fill } as const
      const perspective = [0.9, 0.1, 0.2, -0.1, 0.8, 0.3, 0.01, -0.03].map((v) => v * scale)
      return (x) => {
        if (kind === 0) return image.rotate(x, angle, { ...smooth, expand })
        if (kind === 1) return image.affine(x, { angle, scale, translate: [scale, 1], shear: [10, -scale], ...smooth })
        return image.perspective(x, perspective, smooth)
      }
    },
    { roundings: 2000, gradient: false },
  ),
  onPictures('image.horizontalFlip, image.verticalFlip', [...FLOATS, ...BYTES], (r) =>
    r.pick([(x) => image.horizontalFlip(x), (x) => image.verticalFlip(x)]),
  ),
  onPictures('image.resizedCrop, image.resize', WIDE, (r) => {
    const [top, left] = r.ints(2, -2, 3) as [number, number]
    const [height, width, oh, ow] = r.ints(4, 1, 9) as [number, number, number, number]
    const antialias = r.chance(2)
    if (r.chance(2)) return (x) => image.resize(x, [oh, ow], { antialias })
    return (x) => image.resizedCrop(x, { top, left, height, width }, [oh, ow], { antialias })
  }),
  onPictures(
    'image.recolor, image.adjustBrightness, image.adjustContrast, image.adjustSaturation, image.adjustHue',
    FLOATS,
    (r) => {
      const names = ['brightness', 'contrast', 'saturation', 'hue'] as const
      const steps = Array.from({ length: r.int(0, 5) }, (): image.ColorStep => {
        const name = r.pick(names)
        return [name, name === 'hue' ? r.uniform(-0.5, 0.5) : r.uniform(0, 2)]
      })
      const factor = r.uniform(0, 0.5)
      const single = r.pick([image.adjustBrightness, image.adjustContrast, image.adjustSaturation, image.adjustHue])
      return r.chance(2) ? (x) => image.recolor(x, steps) : (x) => single(x, factor)
    },
    KINKED,
  ),
  onPictures('image.rgbToGrayscale', FLOATS, (r) => {
    const channels = r.pick([1, 3] as const)
    return (x) => image.rgbToGrayscale(x, { channels })
  }),
  onPictures('image.rgbToHsv, image.hsvToRgb', WIDE, () => (x) => image.hsvToRgb(image.rgbToHsv(x)), KINKED),
  onPictures(
    'image.adjustGamma',
    WIDE,
    (r) => {
      const [gamma, gain] = [r.uniform(0.25, 3), r.uniform(0.5, 2)]
      return (x) => image.adjustGamma(x, gamma, { gain })
    },
    KINKED,
  ),
  onPictures('image.posterize, image.solarize, image.invert', BYTES, (r) => {
    const [bits, threshold] = [r.int(0, 9), r.int(0, 256)]
    return r.pick([(x) => image.posterize(x, bits), (x) => image.solarize(x, threshold), image.invert])
  }),
  onPictures('image.autocontrast', WIDE, () => image.autocontrast, KINKED),
  onPictures('image.equalize', BYTES, () => image.equalize),
  onPictures(
    'image.adjustSharpness, image.gaussianBlur',
    WIDE,
    (r) => {
      const [factor, sigma, size] = [r.uniform(0, 2), r.uniform(0.25, 3), r.pick([1, 3, 5])]
      return r.chance(2) ? (x) => image.adjustSharpness(x, factor) : (x) => image.gaussianBlur(x, size, sigma)
    },
    { gradient: false },
  ),
  entry(
    'audio.spectrogram, audio.amplitudeToDb',
    (r) => {
      const options = {
        nFft: r.int(4, 33),
        hopLength: r.int(1, 12),
        power: r.pick([1, 2, 1.5]),
        normalized: r.pick([false, 'window', 'frameLength'] as const),
        padMode: r.pick(['reflect', 'constant', 'replicate', 'circular'] as const),
        pad: r.int(0, 4),
      }
      const decibels = r.chance(3)
      return call([operand(r, r.pick([[40], [2, 71], [1, 2, 200]]), r.pick(WIDE))], (x) => {
        const y = audio.spectrogram(x, options)
        return decibels ? audio.amplitudeToDb(y, { amin: 0.5, topDb: 20 }) : y
      })
    },
    { roundings: 200, power: 3, finite: true, gradient: false },
  ),
  entry(
    'audio.melScale',
    (r) => {
      const [k, m] = r.ints(2, 1, 20) as [number, number]
      const dtype = r.pick(WIDE)
      const bank = operand(r, [k + (r.chance(60) ? 1 : 0), m], dtype, { low: 0.125, high: 1 })
      return call([operand(r, [...r.pick([[], [2]]), k, r.int(0, 40)], dtype), bank], audio.melScale)
    },
    { roundings: 40, power: 2, finite: true },
  ),
  entry(
    'audio.melSpectrogram, audio.mfcc',
    (r) => {
      const options = { nFft: 64, nMels: r.int(2, 12), sampleRate: 8000, norm: r.pick(['slaney', null] as const) }
      const cepstra = r.chance(2)
      return call([operand(r, [2, 200], r.pick(WIDE))], (x) =>
        cepstra ? audio.mfcc(x, { ...options, nMfcc: 2 }) : audio.melSpectrogram(x, options),
      )
    },
    { roundings: 4000, power: 3, finite: true, gradient: false },
  ),
  entry(
    'audio.preemphasis, audio.deemphasis, audio.gain',
    (r) => {
      const which = r.pick([0, 1, 2])
      const amount = r.pick([0, 0.5, -0.25])
      return call([operand(r, r.pick([[1], [40], [2, 71], [0, 5]]), r.pick(WIDE))], (x) =>
        which === 0
          ? audio.preemphasis(x, amount)
          : which === 1
            ? audio.deemphasis(x, amount)
            : audio.gain(x, 10 * amount),
      )
    },
    { roundings: 200, finite: true, gradient: false },
  ),
  entry(
    'audio.resample',
    (r) => {
      const [from, to] = r.pick([
        [2, 1],
        [1, 3],
        [4, 5],
        [3, 2],
      ] as const)
      const options = { lowpassFilterWidth: r.int(1, 7), rolloff: r.pick([0.5, 0.99]) }
      return call([operand(r, r.pick([[1], [40], [2, 71], [1, 2, 33]]), r.pick(WIDE))], (x) =>
        audio.resample(x, from, to, options),
      )
    },
    { roundings: 200, finite: true, gradient: false },
  ),
  entry(
    'audio.peakNormalize, audio.rmsNormalize, audio.cmvn',
    (r) => {
      const which = r.pick([0, 1, 2])
      const shape =
        which === 2
          ? r.pick([
              [2, 3, 40],
              [1, 1, 7],
            ])
          : r.pick([[40], [2, 71], [1, 2, 33]])
      return call([operand(r, shape, r.pick(WIDE), { low: 0.125, high: 1 })], (x) =>
        which === 0
          ? audio.peakNormalize(x, { level: 0.5 })
          : which === 1
            ? audio.rmsNormalize(x)
            : audio.cmvn(x, { normVars: false }),
      )
    },
    { roundings: 400, finite: true, gradient: false },
  ),
  entry(
    'audio.addNoise',
    (r) => {
      const shape = r.pick([[40], [2, 71], [1, 2, 33]])
      const dtype = r.pick(WIDE)
      const range = { low: 0.125, high: 1 }
      return call([operand(r, shape, dtype, range), operand(r, shape, dtype, range)], (x, noise) =>
        audio.addNoise(x, noise, 10),
      )
    },
    { roundings: 400, finite: true, gradient: false },
  ),
]
