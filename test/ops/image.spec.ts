/** Images warped, recoloured and filtered: lib/image. */
import * as image from '#lib/image/index.js'
import type { Tensor } from '#lib/index.js'
import { blank, composed, refused } from '../opspec/composed.js'
import type { Sampler } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpSpec, type Sample } from '../opspec/spec.js'

// ---- maps

const WARPS: readonly image.WarpOptions[] = [
  {},
  { alignCorners: true },
  { padding: 'border', size: [3, 9] },
  { padding: 'reflection', size: [5, 4] },
  { padding: 'reflection', alignCorners: true },
  { interpolation: 'nearest' },
  { interpolation: 'nearest', padding: 'border' },
  { interpolation: 'bicubic' },
  { interpolation: 'bicubic', padding: 'border', alignCorners: true },
  { interpolation: 'bicubic', padding: 'reflection', size: [6, 3] },
]

/** Near a rotation and a shift; of rows 3 near a perspective. */
function matrices(s: Sampler, n: number, rows: number): Input {
  const values = Float64Array.from({ length: n * rows * 3 }, (_, i) => {
    const [r, k] = [Math.floor(i / 3) % rows, i % 3]
    if (r === 2) return k === 2 ? 1 : s.random.uniform(-0.1, 0.1)
    return (r === k ? 0.8 : 0) + s.random.uniform(-0.35, 0.35)
  })
  return { shape: [n, rows, 3], values }
}

function* warps(s: Sampler, rows: number): Iterable<Sample<image.WarpOptions>> {
  // Half precision cannot tell on which side of a pixel's edge a place lies once its matrix changes.
  const coarse = s.dtype === 'bf16' || s.dtype === 'f16'
  for (const args of WARPS) {
    if (coarse && args.interpolation === 'nearest') continue
    yield { inputs: [s.values([2, 2, 4, 5]), { ...matrices(s, 2, rows), constant: true }], args }
  }
  // Four places, 0.3 pixels from all edges and centres: moving a matrix moves many pixels at once, and some would cross one.
  const few = [0.46, 0.03, -0.03, -0.04, 0.5, 0.2, 0.02, -0.03, 1].slice(0, 3 * rows)
  for (const interpolation of ['bilinear', 'bicubic'] as const)
    yield { inputs: [s.values([1, 2, 4, 5]), s.given(few, [rows, 3])], args: { interpolation, size: [2, 2], fill: 1 } }
  yield {
    inputs: [s.values([3, 1, 1]), { ...matrices(s, 1, rows), shape: [rows, 3], constant: true }],
    args: { size: [2, 3] },
  }
  yield { inputs: [s.values([2, 3, 3, 4]), { ...matrices(s, 1, rows), constant: true }], args: { fill: [0.5, -1, 2] } }
  yield {
    inputs: [s.values([1, 2, 3, 4]), { ...matrices(s, 1, rows), constant: true }],
    args: { fill: 0.25, interpolation: 'bicubic' },
  }
  yield { inputs: [s.values([0, 1, 3, 4]), matrices(s, 0, rows)], args: {} }
  yield { inputs: [s.values([2, 3, 41, 67]), matrices(s, 2, rows)], args: { size: [71, 83] }, large: true }
}

function warped(warp: typeof image.warpAffine, rows: 2 | 3): OpSpec<image.WarpOptions> {
  const { name } = warp
  return {
    name,
    ops: ['warp', 'warpTransposed', 'gridSample', 'gridSampleBackward'],
    dtypes: FLOATS,
    refuses: ['i32', 'i64', 'i8', 'bool', 'c64'],
    samples: (s) => warps(s, rows),
    call: ([x, matrix], options) => warp(x as Tensor, matrix as Tensor, options),
    // A place is off by a few roundings of the image's width, of which the largest is 83 pixels.
    accuracy: { roundings: 3 * 83, magnitude: 'norm' },
    gradient: { kinks: "pixels' centres and edges, which random places miss", roundings: 300 },
    errors: {
      matrix: refused(
        (d) => warp(blank(d, 2, 1, 3, 4), blank(d, 3, rows, 3)),
        'SHAPE',
        `${name}: a matrix (3, ${rows}, 3) for 2 images; it is (${rows}, 3) or (2, ${rows}, 3)`,
      ),
      rank: refused(
        (d) => warp(blank(d, 3, 4), blank(d, rows, 3)),
        'SHAPE',
        `${name}: takes images (..., c, h, w), got (3, 4)`,
      ),
      pixels: refused(
        (d) => warp(blank(d, 1, 0, 4), blank(d, rows, 3)),
        'SHAPE',
        `${name}: (1, 0, 4) has no pixels to read`,
      ),
      size: refused(
        (d) => warp(blank(d, 1, 3, 4), blank(d, rows, 3), { size: [0, 4] }),
        'SHAPE',
        `${name}: size (0, 4); a height and a width of at least 1 are needed`,
      ),
      padding: refused(
        (d) => warp(blank(d, 1, 3, 4), blank(d, rows, 3), { padding: 'border', fill: 1 }),
        'VALUE',
        `${name}: fill is the colour in place of zeros; padding 'border' needs none`,
      ),
      fill: refused(
        (d) => warp(blank(d, 3, 3, 4), blank(d, rows, 3), { fill: [1, 2] }),
        'SHAPE',
        `${name}: a fill of (2) for 1 images of 3 channels; it is a number, (c) or (n, c)`,
      ),
    },
  }
}

// ---- colours

type Steps = readonly image.ColorStep[]

/** Colours off their bounds, and no two channels equal. */
const colours = (s: Sampler, shape: readonly number[]): Input => {
  const { values } = s.distinct(shape)
  return { shape, values: s.floating ? values.map((v) => (v + 3) / 6.2 + 0.01) : values }
}

const CHAINS: readonly Steps[] = [
  [['brightness', 0.75]],
  [['contrast', 1.25]],
  [['saturation', 0.5]],
  [['hue', 0.1875]],
  [
    ['saturation', 1.5],
    ['contrast', [0.5, 1.25]],
    ['brightness', [0.75, 1.5]],
    ['hue', -0.25],
    ['contrast', 0.75],
  ],
]

const EVERY: Steps = [
  ['saturation', 1.5],
  ['contrast', 0.5],
  ['brightness', 0.75],
  ['hue', -0.25],
]

const recolor: OpSpec<Steps> = {
  name: 'recolor',
  ops: ['recolor'],
  dtypes: ['f32', 'f64', 'bf16', 'f16'],
  refuses: ['i32', 'i64', 'i8', 'bool', 'c64'],
  *samples(s) {
    for (const args of CHAINS) yield { inputs: [colours(s, [2, 3, 5, 7])], args }
    yield { inputs: [colours(s, [2, 1, 3, 1])], args: CHAINS[4] as Steps }
    yield { inputs: [colours(s, [0, 3, 5, 7])], args: CHAINS[0] as Steps }
    yield { inputs: [colours(s, [3, 0, 7])], args: CHAINS[3] as Steps }
    yield { inputs: [colours(s, [2, 3, 97, 101])], args: CHAINS[4] as Steps, large: true }
  },
  call: ([x], steps) => image.recolor(x as Tensor, steps),
  // A hue divides by the range of a colour: small ones magnify.
  accuracy: { roundings: 400, magnitude: 'norm' },
  gradient: { kinks: 'bounds and equal channels; random colours miss them', roundings: 20_000 },
  errors: {
    factor: refused(
      (d) => image.recolor(blank(d, 3, 2, 2), [['contrast', -1]]),
      'VALUE',
      'recolor: the factor of contrast is -1; it is at least 0',
    ),
    hue: refused(
      (d) => image.adjustHue(blank(d, 3, 2, 2), 0.6),
      'VALUE',
      'adjustHue: the factor of hue is 0.6; it is between -0.5 and 0.5',
    ),
    channels: refused(
      (d) => image.recolor(blank(d, 2, 2, 2), []),
      'SHAPE',
      'recolor: takes images of 1 or 3 channels, got (2, 2, 2)',
    ),
    count: refused(
      (d) => image.recolor(blank(d, 4, 3, 2, 2), [['hue', [0.1, 0.2]]]),
      'SHAPE',
      'recolor: the factor of hue is (2) for 4 images; it is a number, or one for each image',
    ),
  },
}

/** Functions of one image, by the rows that they run. */
const plain = composed({
  *samples(s) {
    yield { inputs: [colours(s, [2, 3, 4, 5])], args: undefined }
    yield { inputs: [colours(s, [3, 3, 1])], args: undefined }
  },
  accuracy: { roundings: 60, magnitude: 'norm', composed: true },
  gradient: { kinks: 'bounds, ties and steps; random colours miss them', roundings: 5000 },
})

const BYTE = { low: 0, high: 25.6 }
const BYTES: Partial<OpSpec<undefined>> = {
  dtypes: ['u8'],
  accuracy: { roundings: 0 },
  gradient: null,
  *samples(s) {
    yield { inputs: [s.values([2, 3, 17, 33], BYTE)], args: undefined }
    yield { inputs: [s.values([3, 1, 1], BYTE)], args: undefined }
    yield { inputs: [s.values([3, 3, 150, 151], BYTE)], args: undefined, large: true }
  },
}
const turned = (x: Tensor, options: image.RotateOptions = {}): Tensor =>
  image.rotate(x, 33, { interpolation: 'bilinear', ...options })

export const specs: readonly OpSpec[] = [
  warped(image.warpAffine, 2),
  warped(image.warpPerspective, 3),
  recolor,
  plain('rgbToGrayscale', ['recolor'], (x) => image.rgbToGrayscale(x, { channels: 3 })),
  plain('rgbToHsv', ['recolor'], image.rgbToHsv, { refuses: ['u8', 'i32'] }),
  plain('hsvToRgb', ['recolor'], image.hsvToRgb, { refuses: ['u8', 'i32'] }),
  plain('rotate', ['warp', 'warpTransposed'], (x) => turned(x, { expand: true, fill: 0.5 })),
  plain('affine', ['warp', 'warpTransposed'], (x) =>
    image.affine(x, { angle: 20, translate: [0.4, -0.3], scale: 1.3, shear: [10, -7], interpolation: 'bilinear' }),
  ),
  plain('perspective', ['warp', 'warpTransposed'], (x) =>
    image.perspective(x, [0.9, 0.1, 0.2, -0.1, 0.8, 0.3, 0.05, -0.03], { interpolation: 'bicubic' }),
  ),
  plain('resizedCrop', ['resample'], (x) =>
    image.resizedCrop(x, { top: -1, left: 0, height: 3, width: 4 }, [2, 6], { interpolation: 'bicubic' }),
  ),
  plain('resize', ['resample'], (x) => image.resize(x, [2, 6])),
  plain('horizontalFlip', ['copy'], image.horizontalFlip),
  plain('verticalFlip', ['copy'], image.verticalFlip),
  plain('adjustGamma', ['pow'], (x) => image.adjustGamma(x, 0.75, { gain: 1.25 })),
  plain('posterize', ['floor'], (x) => image.posterize(x, 3)),
  plain('solarize', ['where'], (x) => image.solarize(x, 0.40625)),
  plain('invert', ['sub'], image.invert),
  plain('autocontrast', ['amin', 'amax'], image.autocontrast),
  plain('adjustSharpness', ['conv'], (x) => image.adjustSharpness(x, 0.5)),
  plain('gaussianBlur', ['conv'], (x) => image.gaussianBlur(x, [3, 1], 0.75)),
  plain('lookup', ['lookup'], (x) => image.adjustGamma(x, 0.7), BYTES),
  plain('equalize', ['equalizing', 'lookup'], image.equalize, BYTES),
  plain('warp of bytes', ['warp'], (x) => turned(x, { fill: 99, expand: true }), BYTES),
  plain('recolor of bytes', ['recolor'], (x) => image.recolor(x, EVERY), BYTES),
]
