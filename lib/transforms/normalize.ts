/** Dtypes and scales of values. Definitions: torchvision.transforms.v2.ToDtype and Normalize, which also takes bytes here. */

import { known } from '../check.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { filled } from '../filled.js'
import { add, div, mul } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { tensor } from '../ops/creation.js'
import { clamp } from '../ops/unary.js'
import { type DType, isFloating } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { type FixedTransform, onImages } from './batch.js'

/** Images of another dtype, u8 or floating-point; with `scale` 0 to 255 of bytes become 0 to 1 and back. Default: values stay. */
export function toDtype(dtype: DType, { scale = false, ...rest }: { scale?: boolean } = {}): FixedTransform {
  const name = 'toDtype'
  known(name, rest, ['scale'])
  if (dtype !== 'u8' && !isFloating(dtype))
    throw new DTypeError(`${name}: ${String(dtype)}; images are of u8 or floating-point numbers`)
  return (batch) =>
    onImages(name, batch, (x) => {
      if (x.dtype === dtype) return x
      if (!scale || (x.dtype !== 'u8' && dtype !== 'u8')) return cast(x, dtype)
      if (x.dtype === 'u8') return div(cast(x, dtype), 255)
      // 256 equal shares, but for the outermost.
      return cast(clamp(mul(cast(x, x.dtype === 'f64' ? 'f64' : 'f32'), 255.999), 0, 255), 'u8')
    })
}

export interface NormalizeOptions {
  /** What is subtracted, one for each channel or for all; of values from 0 to 1 for bytes, which are divided by 255 first. */
  mean: number | readonly number[]
  /** What the difference is divided by. */
  std: number | readonly number[]
}

/** (x - mean) / std of each channel. Bytes are taken as their 255ths, and become f32. */
export function normalize(options: NormalizeOptions): FixedTransform {
  const name = 'normalize'
  known(name, options, ['mean', 'std'])
  const list = (what: 'mean' | 'std', fits: (v: number) => boolean, rule: string): number[] => {
    const value = options[what]
    const all = typeof value === 'number' ? [value] : [...(value ?? [])]
    if (all.length === 0 || !all.every((v) => Number.isFinite(v) && fits(v)))
      throw new ValueError(`${name}: ${what} is [${all.join(', ')}]; it is ${rule}, for all channels or for each`)
    return all
  }
  const mean = list('mean', () => true, 'a finite number')
  const std = list('std', (v) => v > 0, 'a number above 0')
  return (batch) =>
    onImages(name, batch, (x) => {
      const c = x.shape[1] as number
      for (const [what, values] of [
        ['mean', mean],
        ['std', std],
      ] as const)
        if (values.length !== 1 && values.length !== c)
          throw new ShapeError(`${name}: ${what} of ${values.length} channels for images of ${c}`)
      const dtype = x.dtype === 'u8' ? 'f32' : x.dtype
      const unit = x.dtype === 'u8' ? 255 : 1
      const of = (list: readonly number[], k: number): number => (list.length === 1 ? list[0] : list[k]) as number
      const each = (f: (k: number) => number): Tensor =>
        tensor(
          filled(new Float64Array(c), (k) => f(k)),
          { shape: [1, c, 1, 1], dtype, device: x.device },
        ) as Tensor
      // One product and one sum: x / (unit std) - mean / std.
      const scaled = mul(
        cast(x, dtype),
        each((k) => 1 / (unit * of(std, k))),
      )
      return add(
        scaled,
        each((k) => -of(mean, k) / of(std, k)),
      )
    })
}
