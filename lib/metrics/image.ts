// How alike two images are. Place in the whole: figures of compression, denoising and super-resolution; computed on the device, so that only a number
// is read. Shapes: (n, c, h, w) or (c, h, w).
import { noGrad } from '../autograd/mode.js'
import { known } from '../check.js'
import { scope } from '../engine/lifetime.js'
import { ShapeError, ValueError } from '../errors.js'
import { filled } from '../filled.js'
import { add, div, mul, sub } from '../ops/binary.js'
import { conv2d } from '../ops/conv.js'
import { cast } from '../ops/convert.js'
import { tensor } from '../ops/creation.js'
import { mean } from '../ops/reduce.js'
import { reshape } from '../ops/views.js'
import { numelOf, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { SummingMetric } from './metric.js'

/** (n, c, h, w) of f32. */
function pair(metric: string, a: Tensor, b: Tensor): [Tensor, Tensor] {
  if (!sameShape(a.shape, b.shape) || a.rank < 3)
    throw new ShapeError(`${metric}: takes images (n, c, h, w) of one shape, got ${show(a.shape)} and ${show(b.shape)}`)
  const shape = [numelOf(a.shape.slice(0, -3)), ...a.shape.slice(-3)]
  return [reshape(cast(a, 'f32'), shape), reshape(cast(b, 'f32'), shape)]
}

export interface ImageMetricOptions {
  /** The range of values: 255 of bytes, 1 of images from 0 to 1. */
  readonly dataRange: number
}

/** One number an image, averaged. */
abstract class MeanOfImages extends SummingMetric {
  protected readonly range: number

  constructor(options: ImageMetricOptions) {
    known(new.target.name, options, ['dataRange'])
    const { dataRange } = options
    super(2)
    if (!(dataRange > 0))
      throw new ValueError(
        `${new.target.name}: dataRange is ${dataRange}, expected more than 0: 255 of bytes, 1 of images from 0 to 1`,
      )
    this.range = dataRange
  }

  /** @param targets (n, c, h, w) or (c, h, w); @param images of the same shape */
  update(targets: Tensor, images: Tensor): void {
    const values = noGrad(() => scope(() => this.each(...pair(this.constructor.name, targets, images))))
    this.take([values], ({ data }) => {
      for (let i = 0; i < data.length; i++) this.sums[0] = (this.sums[0] as number) + this.of(data[i] as number)
      this.sums[1] = (this.sums[1] as number) + data.length
    })
    values.dispose()
  }

  /** (n): a number for each image. */
  protected abstract each(a_NCHW: Tensor, b_NCHW: Tensor): Tensor
  protected of(value: number): number {
    return value
  }

  protected override result(): number {
    if (this.sums[1] === 0) throw new ValueError(`${this.constructor.name}: no images: there is nothing to average`)
    return (this.sums[0] as number) / (this.sums[1] as number)
  }
}

/** Peak signal-to-noise ratio in decibels, 10 log10(range^2 / mean squared error), of each image and averaged; infinite for equal images. */
export class PSNR extends MeanOfImages {
  protected override each(a: Tensor, b: Tensor): Tensor {
    const d = sub(a, b)
    return mean(mul(d, d), [1, 2, 3])
  }

  protected override of(squares: number): number {
    return 10 * Math.log10(this.range ** 2 / squares)
  }
}

const WINDOW = 11
const SIGMA = 1.5

/**
 * Structural similarity (Wang, Bovik, Sheikh and Simoncelli 2004): windows of 11 x 11 weighted by a Gaussian of deviation 1.5, constants 0.01 and
 * 0.03 of the range, averaged over the places where a window fits, channels and images.
 */
export class SSIM extends MeanOfImages {
  protected override each(a: Tensor, b: Tensor): Tensor {
    const [n, c, h, w] = a.shape as readonly number[] as [number, number, number, number]
    if (h < WINDOW || w < WINDOW)
      throw new ShapeError(`SSIM: images of ${h} x ${w} are smaller than its window, ${WINDOW} x ${WINDOW}`)
    const weights = filled(new Float32Array(WINDOW), (i) => Math.exp(-((i - (WINDOW - 1) / 2) ** 2) / (2 * SIGMA ** 2)))
    const total = weights.reduce((sum, v) => sum + v, 0)
    const line = tensor(
      weights.map((v) => v / total),
      { device: a.device },
    )
    const blur = (x: Tensor): Tensor =>
      conv2d(conv2d(reshape(x, [n * c, 1, h, w]), reshape(line, [1, 1, WINDOW, 1])), reshape(line, [1, 1, 1, WINDOW]))
    const [ma, mb] = [blur(a), blur(b)]
    const [aa, bb, ab] = [mul(ma, ma), mul(mb, mb), mul(ma, mb)]
    const [va, vb, cov] = [sub(blur(mul(a, a)), aa), sub(blur(mul(b, b)), bb), sub(blur(mul(a, b)), ab)]
    const [c1, c2] = [(0.01 * this.range) ** 2, (0.03 * this.range) ** 2]
    const above = mul(add(mul(ab, 2), c1), add(mul(cov, 2), c2))
    const below = mul(add(add(aa, bb), c1), add(add(va, vb), c2))
    return mean(reshape(div(above, below), [n, -1]), 1)
  }
}
