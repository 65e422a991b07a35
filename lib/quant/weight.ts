/** Weights of linear layers as bytes, packed for the kernels. Place in the whole: made once by quantizeWeight, used often. */
import { noGrad } from '../autograd/mode.js'
import { collecting, type TensorOwner } from '../engine/lifetime.js'
import { DisposedError, DTypeError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { div, sub } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { full } from '../ops/creation.js'
import { makeMany } from '../ops/emit.js'
import { amax, amin } from '../ops/reduce.js'
import { where } from '../ops/select.js'
import { expand, reshape } from '../ops/views.js'
import { isFloating } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { dequantize, integers, quantizePerChannel } from './quantize.js'

/** Panels of all instruction sets are whole within 32 columns of 16 bytes; two bytes for each of at most 4 panels follow. */
const [COLUMNS, DEPTH, TRAILER] = [32, 16, 8]

/**
 * A weight (outFeatures, inFeatures) of i8, with one scale or one for each output, and zero points where it has them. The bytes
 * are kept packed in a form of the processor's own, with their sums: `values` and `dequantize` give them back. Freed like a
 * tensor: by `dispose`, by the scope it was made in, or when it is collected.
 */
export class Int8Weight implements TensorOwner {
  readonly outFeatures: number
  readonly inFeatures: number
  /** f32 (outFeatures), or (1). */
  readonly scales: Tensor<'f32'>
  /** i32 (outFeatures), or null: all 0. */
  readonly zeroPoints: Tensor<'i32'> | null
  /** What OP.packInt8 makes. */
  readonly _packed: Tensor<'i8'>
  readonly _sums: Tensor<'i32'>

  private constructor(shape: readonly [number, number], tensors: readonly (Tensor | null)[]) {
    ;[this.outFeatures, this.inFeatures] = shape
    const [scales, zeroPoints, packed, sums] = tensors
    this.scales = scales as Tensor<'f32'>
    this.zeroPoints = zeroPoints as Tensor<'i32'> | null
    this._packed = packed as Tensor<'i8'>
    this._sums = sums as Tensor<'i32'>
  }

  /**
   * From bytes that are quantized already: values i8 (out, in), scales f32 (out) or (1), zero points integers of the same shape
   * (absent: 0). The tensors are copied.
   *
   * @throws ShapeError, DTypeError where they are something else
   */
  static from(values: Tensor, scales: Tensor, zeroPoints: Tensor | null = null): Int8Weight {
    const op = 'Int8Weight.from'
    if (values.dtype !== 'i8') throw new DTypeError(`${op}: the values are ${values.dtype}, expected i8`)
    if (scales.dtype !== 'f32') throw new DTypeError(`${op}: the scales are ${scales.dtype}, expected f32`)
    if (values.rank !== 2) throw new ShapeError(`${op}: the values are ${show(values.shape)}, expected (out, in)`)
    const [out, inner] = values.shape as [number, number]
    for (const [what, t] of [
      ['scales', scales],
      ['zero points', zeroPoints],
    ] as const) {
      if (t && (t.rank !== 1 || (t.shape[0] !== out && t.shape[0] !== 1)))
        throw new ShapeError(`${op}: ${what} ${show(t.shape)} for ${out} outputs; expected (${out}) or (1)`)
    }
    return noGrad(() => {
      const columns = Math.ceil(out / COLUMNS) * COLUMNS
      const bytes = columns * Math.ceil(inner / DEPTH) * DEPTH + (columns / COLUMNS) * TRAILER
      const [packed, sums] = makeMany(
        op,
        OP.packInt8,
        [
          { dtype: 'i8', shape: [bytes] },
          { dtype: 'i32', shape: [columns] },
        ],
        [values],
        [],
        out * inner,
      )
      const zeros = zeroPoints && expand(integers(op, 'the zero points', zeroPoints), [out]).clone()
      return new Int8Weight([out, inner], [scales.clone(), zeros, packed as Tensor, sums as Tensor])
    })
  }

  /** The bytes, i8 (outFeatures, inFeatures), unpacked anew. */
  values(): Tensor<'i8'> {
    return unpack(this._packed, this.outFeatures, this.inFeatures)
  }

  /** The numbers that the bytes stand for, (outFeatures, inFeatures): (value - zero point) * scale. */
  dequantize<D extends 'f32' | 'bf16' | 'f16' = 'f32'>(dtype: D = 'f32' as D): Tensor<D> {
    if (this.isDisposed) throw new DisposedError('Int8Weight.dequantize: the weight was disposed of')
    return numbersOf(this.values(), this.scales, this.zeroPoints, dtype)
  }

  /** Bytes of the packed values, their sums, scales and zero points. */
  get nbytes(): number {
    return this.ownedTensors().reduce((n, t) => n + t.nbytes, 0)
  }

  get isDisposed(): boolean {
    return this._packed.isDisposed
  }

  /** Its tensors, for scopes and modules. */
  ownedTensors(): Tensor[] {
    return [this._packed, this._sums, this.scales, ...(this.zeroPoints ? [this.zeroPoints] : [])]
  }

  /** Frees it now; using it afterwards throws DisposedError. */
  dispose(): void {
    for (const t of this.ownedTensors()) t.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

function unpack(packed: Tensor, out: number, inner: number): Tensor<'i8'> {
  const results = [{ dtype: 'i8' as const, shape: [out, inner] }]
  return makeMany('Int8Weight.values', OP.unpackInt8, results, [packed], [], out * inner)[0] as Tensor<'i8'>
}

function numbersOf<D extends 'f32' | 'bf16' | 'f16'>(
  values: Tensor,
  scales: Tensor,
  zeroPoint: Tensor | null,
  dtype: D,
): Tensor<D> {
  const made: Tensor[] = [values]
  try {
    const each = collecting(made, () => expand(scales, [values.shape[0] as number]))
    return dequantize(values, each, { zeroPoint, dtype }) as Tensor<D>
  } finally {
    for (const t of made) t.dispose()
  }
}

export interface QuantizeWeightOptions {
  /** One scale for each output (default), or one for all. */
  scheme?: 'perChannel' | 'perTensor'
  /** false: with zero points, so that the bytes cover the weights' range from least to largest. Default true: 0 is byte 0. */
  symmetric?: boolean
  /**
   * Seven bits: bytes within -64 .. 63. On x86 without VNNI products of bytes are then about twice as fast, as their sums of two
   * fit 16 bits whatever the activations (onnxruntime's reduce_range). Default false.
   */
  reduceRange?: boolean
}

/**
 * Quantizes a linear layer's weight, f32, f64, bf16 or f16 (out, in), and packs it.
 *
 * Symmetric: scale = max|w| / 127 (63 for seven bits), bytes round(w / scale), as onnxruntime's symmetric weights. With zero points:
 * scale = (max(w, 0) - min(w, 0)) / 255 (127), zero point = round(-128 - min(w, 0) / scale) (-64), as torch's affine observers.
 * A channel of zeros has scale 1. A channel that holds a NaN or an infinity gives NaN.
 *
 * @throws ShapeError, DTypeError where w is something else
 */
export function quantizeWeight(
  w: Tensor,
  { scheme = 'perChannel', symmetric = true, reduceRange = false }: QuantizeWeightOptions = {},
): Int8Weight {
  const op = 'quantizeWeight'
  if (w.rank !== 2) throw new ShapeError(`${op}: the weight is ${show(w.shape)}, expected (out, in)`)
  if (!isFloating(w.dtype)) throw new DTypeError(`${op}: takes f32, f64, bf16 or f16, not ${w.dtype}`)
  const [out] = w.shape as [number, number]
  const made: Tensor[] = []
  let parts: (Tensor | null)[] = []
  noGrad(() =>
    collecting(made, () => {
      const x = cast(w, 'f32')
      const rows = scheme === 'perTensor' ? reshape(x, [1, x.numel]) : x
      const channels = rows.shape[0] as number
      // 0 is in every range, also in that of no elements at all.
      const none = full([channels, 1], 0, { device: w.device })
      const low = rows.numel === 0 ? reshape(none, [channels]) : amin(rows, 1).minimum(0)
      const high = rows.numel === 0 ? reshape(none, [channels]) : amax(rows, 1).maximum(0)
      const steps = symmetric ? (reduceRange ? 63 : 127) : reduceRange ? 127 : 255
      const range = symmetric ? low.neg().maximum(high) : sub(high, low)
      const raw = div(range, steps)
      // Such a scale has no reciprocal: the channel is all zeros, or as good as.
      const scales = where(raw.lt(2 ** -126), 1, raw) as Tensor
      const least = reduceRange ? -64 : -128
      const zeros = symmetric
        ? null
        : cast(
            sub(least, div(low, scales))
              .round()
              .clamp(least, least + steps),
            'i32',
          )
      const each = (t: Tensor): Tensor => expand(t, [out])
      parts = [quantizePerChannel(x, each(scales), zeros && each(zeros)), scales, zeros]
    }),
  )
  const [values, scales, zeros] = parts
  try {
    return Int8Weight.from(values as Tensor, scales as Tensor, zeros)
  } finally {
    for (const t of made) t.dispose()
  }
}

/** For gradient rules: what the packed bytes stand for, from the tensors that a rule saved. */
export function dequantizePacked(
  [packed, scales, zeroPoints]: readonly (Tensor | undefined)[],
  out: number,
  inner: number,
  dtype: 'f32' | 'bf16',
): Tensor {
  return numbersOf(unpack(packed as Tensor, out, inner), scales as Tensor, zeroPoints ?? null, dtype)
}
