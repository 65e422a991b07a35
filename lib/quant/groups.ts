/**
 * Weights of 4 or 8 bits for products with unquantized activations. Place in the whole: native/cpu/quant/groups.h has the packed
 * form and the kernels.
 */
import { noGrad } from '../autograd/mode.js'
import { needsGrad, record, save } from '../autograd/node.js'
import { scope, type TensorOwner } from '../engine/lifetime.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { clone } from '../ops/convert.js'
import { make, makeMany } from '../ops/emit.js'
import { activate, activationCode, type LinearActivation } from '../ops/fusedActivation.js'
import { pad } from '../ops/pad.js'
import { sum } from '../ops/reduce.js'
import { narrow, permute, reshape } from '../ops/views.js'
import { numelOf, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

export type GroupBits = 4 | 8
export type GroupSize = 32 | 64 | 128

export interface GroupQuantizeOptions {
  /** Default 4. */
  bits?: GroupBits
  /** Neighbouring inputs that share a scale. Default 128, as most GPTQ and AWQ checkpoints have it; GGUF's Q4_0 and Q8_0 have 32. */
  groupSize?: GroupSize
  /** Default 'f16', in which a scale under some 1e-7 is lost; bf16 has f32's range and fewer digits. */
  scaleDtype?: 'f16' | 'bf16'
  /** Codes count from a zero point of each group's own. Default false. */
  zeroPoints?: boolean
}

export interface GroupCodesOptions {
  bits: GroupBits
  groupSize: GroupSize
}

const OUTPUTS_A_PANEL = 32
/** Multiply-adds a nanosecond that one command is estimated at. */
const MADS_PER_NS = 40
const up = (n: number, step: number): number => Math.ceil(n / step)

/**
 * A weight (outFeatures, inFeatures) as codes of 4 or 8 bits and a scale (and perhaps a zero point) for each output and group of
 * inputs: weight = (code - zero point) scale. Made by `quantizeGroups`, or from another program's codes by `from`; used by
 * `weightOnlyLinear`. It owns its tensors: scopes that return it keep them, `dispose` frees them. It cannot be trained.
 */
export class GroupQuantizedWeight implements TensorOwner {
  readonly outFeatures: number
  readonly inFeatures: number
  readonly bits: GroupBits
  readonly groupSize: GroupSize
  /** Packed codes, i32 (outFeatures / 32, inFeatures bits / 32, 32), rounded up; the same on every machine. */
  readonly data: Tensor
  /** Scales, f16 or bf16 (outFeatures / 32, groups, 32). */
  readonly packedScales: Tensor
  /** Zero points, u8 (outFeatures / 32, groups, 32); null for symmetric codes. */
  readonly packedZeroPoints: Tensor | null

  private constructor(out: number, inner: number, options: GroupCodesOptions, parts: readonly (Tensor | null)[]) {
    this.outFeatures = out
    this.inFeatures = inner
    this.bits = options.bits
    this.groupSize = options.groupSize
    this.data = parts[0] as Tensor
    this.packedScales = parts[1] as Tensor
    this.packedZeroPoints = parts[2] as Tensor | null
  }

  /**
   * From codes that exist: i8 (out, in), symmetric, -8 to 7 or -128 to 127; or u8 (out, in), 0 to 15 or 0 to 255, with zero points
   * u8 (out, groups), which is how GPTQ and AWQ have them once unpacked and transposed. Scales are f16 or bf16 (out, groups), with
   * groups = ceil(in / groupSize). The given tensors are copied. A code out of range poisons what is computed from the weight.
   *
   * @throws ShapeError, DTypeError where they do not fit
   */
  static from(
    codes: Tensor,
    scales: Tensor,
    zeroPoints: Tensor | null | undefined,
    options: GroupCodesOptions,
  ): GroupQuantizedWeight {
    checkOptions('GroupQuantizedWeight.from', options)
    checkWeight('GroupQuantizedWeight.from', codes)
    const [out, inner] = codes.shape as [number, number]
    checkParts(codes, scales, zeroPoints ?? null, [out, up(inner, options.groupSize)])
    const parts = noGrad(() =>
      scope(() => {
        const shape = [up(out, OUTPUTS_A_PANEL), up(inner, 32 / options.bits), OUTPUTS_A_PANEL]
        const data = make('packGroups', OP.packGroups, 'i32', shape, codes, null, [options.bits], codes.numel)
        return [data, panelsOf(scales), zeroPoints ? panelsOf(zeroPoints) : null]
      }),
    )
    return new GroupQuantizedWeight(out, inner, options, parts)
  }

  /** Groups of inputs; the last may be shorter. */
  get groups(): number {
    return up(this.inFeatures, this.groupSize)
  }

  /** Bytes held. */
  get nbytes(): number {
    return this.ownedTensors().reduce((n, t) => n + t.nbytes, 0)
  }

  get isDisposed(): boolean {
    return this.data.isDisposed
  }

  /** The weight: (outFeatures, inFeatures), each element rounded once. */
  dequantize(dtype: 'f32' | 'bf16' | 'f16' = 'f32'): Tensor {
    const { bits, groupSize, data, packedScales, packedZeroPoints } = this
    const shape = [this.outFeatures, this.inFeatures]
    const operands = [data, packedScales, packedZeroPoints]
    const attributes = [bits, groupSize]
    const results = [{ dtype, shape }]
    return makeMany('dequantizeGroups', OP.dequantizeGroups, results, operands, attributes, numelOf(shape))[0] as Tensor
  }

  /** The codes as `from` takes them: (outFeatures, inFeatures), u8 where there are zero points, else i8. */
  codes(): Tensor {
    const shape = [this.outFeatures, this.inFeatures]
    const dtype = this.packedZeroPoints ? 'u8' : 'i8'
    return make('unpackGroups', OP.unpackGroups, dtype, shape, this.data, null, [this.bits], numelOf(shape))
  }

  /** (outFeatures, groups). */
  scales(): Tensor {
    return fromPanels(this.packedScales, this.outFeatures)
  }

  /** u8 (outFeatures, groups), or null. */
  zeroPoints(): Tensor | null {
    return this.packedZeroPoints && fromPanels(this.packedZeroPoints, this.outFeatures)
  }

  ownedTensors(): Tensor[] {
    const { data, packedScales, packedZeroPoints } = this
    return packedZeroPoints ? [data, packedScales, packedZeroPoints] : [data, packedScales]
  }

  /** Frees the codes; products whose backward pass is still to come keep them until then. */
  dispose(): void {
    for (const t of this.ownedTensors()) t.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

/** (out, groups) to (panels, groups, 32). */
function panelsOf(t: Tensor): Tensor {
  const [out, groups] = t.shape as [number, number]
  const panels = up(out, OUTPUTS_A_PANEL)
  const whole = pad(t, [0, 0, 0, panels * OUTPUTS_A_PANEL - out])
  return clone(permute(reshape(whole, [panels, OUTPUTS_A_PANEL, groups]), [0, 2, 1]))
}

function fromPanels(t: Tensor, out: number): Tensor {
  const [panels, groups] = t.shape as [number, number]
  return noGrad(() =>
    scope(() => {
      const rows = reshape(permute(t, [0, 2, 1]), [panels * OUTPUTS_A_PANEL, groups])
      return clone(narrow(rows, 0, 0, out))
    }),
  )
}

function checkOptions(name: string, { bits, groupSize }: GroupCodesOptions): void {
  if (bits !== 4 && bits !== 8) throw new ValueError(`${name}: bits is ${bits}, not 4 or 8`)
  if (![32, 64, 128].includes(groupSize)) throw new ValueError(`${name}: groupSize is ${groupSize}, not 32, 64 or 128`)
}

function checkWeight(name: string, w: Tensor): void {
  if (w.rank !== 2 || w.numel === 0)
    throw new ShapeError(`${name}: the weight is ${show(w.shape)}, not (out, in) with at least one of each`)
}

function checkParts(codes: Tensor, scales: Tensor, zeroPoints: Tensor | null, shape: readonly number[]): void {
  const name = 'GroupQuantizedWeight.from'
  if (codes.dtype !== 'i8' && codes.dtype !== 'u8')
    throw new DTypeError(`${name}: codes are ${codes.dtype}; take i8, or u8 with zero points`)
  if ((codes.dtype === 'u8') !== (zeroPoints !== null))
    throw new DTypeError(
      `${name}: ${codes.dtype} codes ${zeroPoints ? 'with' : 'without'} zero points; i8 codes are symmetric, u8 codes count from zero points`,
    )
  if (scales.dtype !== 'f16' && scales.dtype !== 'bf16')
    throw new DTypeError(`${name}: scales are ${scales.dtype}, not f16 or bf16; convert them with .to('f16')`)
  if (zeroPoints && zeroPoints.dtype !== 'u8')
    throw new DTypeError(`${name}: zero points are ${zeroPoints.dtype}, not u8; convert them with .to('u8')`)
  for (const [what, t] of [['scales', scales] as const, ['zero points', zeroPoints] as const])
    if (t && !sameShape(t.shape, shape))
      throw new ShapeError(`${name}: ${what} are ${show(t.shape)}; the codes ${show(codes.shape)} take ${show(shape)}`)
}

/**
 * Quantizes a weight (out, in) of f32, bf16 or f16: each output's row is cut into groups of `groupSize` inputs, the last one shorter
 * where they do not divide `in`. code = round(weight / scale), half to even, with the scale as it is stored.
 *
 * Symmetric (the default) as GGUF has it: 4 bits as Q4_0, where the element of largest magnitude gets the code -8 (so a scale may be
 * negative); 8 bits as Q8_0, where scale is the largest magnitude / 127. With `zeroPoints` as GPTQ: the range from the smallest to
 * the largest element, stretched to contain 0, is cut into 2^bits - 1 steps, and the zero point is the code of 0. In all of them 0
 * stays 0. A group that holds NaN or an infinity is NaN. The weight is left alone and gets no gradient.
 *
 * @throws ShapeError, DTypeError, ValueError for what is not taken
 */
export function quantizeGroups(w: Tensor, options: GroupQuantizeOptions = {}): GroupQuantizedWeight {
  const { bits = 4, groupSize = 128, scaleDtype = 'f16', zeroPoints = false } = options
  checkOptions('quantizeGroups', { bits, groupSize })
  if (scaleDtype !== 'f16' && scaleDtype !== 'bf16')
    throw new ValueError(`quantizeGroups: scaleDtype is '${scaleDtype}', not 'f16' or 'bf16'`)
  checkWeight('quantizeGroups', w)
  if (w.dtype !== 'f32' && w.dtype !== 'bf16' && w.dtype !== 'f16')
    throw new DTypeError(`quantizeGroups: ${w.dtype} weights; take f32, bf16 or f16`)
  const [out, inner] = w.shape as [number, number]
  const scaleShape = [out, up(inner, groupSize)]
  return noGrad(() =>
    scope(() => {
      const results = [
        { dtype: zeroPoints ? ('u8' as const) : ('i8' as const), shape: w.shape },
        { dtype: scaleDtype, shape: scaleShape },
        ...(zeroPoints ? [{ dtype: 'u8' as const, shape: scaleShape }] : []),
      ]
      const made = makeMany('quantizeGroups', OP.quantizeGroups, results, [w], [bits, groupSize], w.numel * 3)
      const [codes, scales, zeros] = made as [Tensor, Tensor, Tensor | undefined]
      return GroupQuantizedWeight.from(codes, scales, zeros, { bits, groupSize })
    }),
  )
}

export interface WeightOnlyLinearOptions {
  /** Applied to the result as it is written. Default 'none'. */
  activation?: LinearActivation | null
}

/**
 * x W^T + bias with a quantized weight: x (..., in) f32 or bf16, bias (out) of the same dtype -> (..., out). Equals
 * `linear(x, weight.dequantize(), bias)` in f32, rounded once, but for the order of additions: the activations are not quantized.
 * Up to 8 rows are bound by reading the codes, an eighth or a quarter of f32's bytes; more rows run at about the speed of f32.
 * Gradients reach x and the bias, any number of times; the weight is frozen.
 *
 * @throws ShapeError, DTypeError where the operands do not fit; ValueError for an unknown activation
 */
export function weightOnlyLinear(
  x: Tensor,
  weight: GroupQuantizedWeight,
  bias?: Tensor | null,
  options: WeightOnlyLinearOptions = {},
): Tensor {
  const activation = activationCode('weightOnlyLinear', options.activation)
  const { outFeatures: out, inFeatures: inner } = weight
  if (x.dtype !== 'f32' && x.dtype !== 'bf16')
    throw new DTypeError(`weightOnlyLinear: input is ${x.dtype}; take f32 or bf16`)
  if (x.rank === 0 || x.shape[x.rank - 1] !== inner)
    throw new ShapeError(
      `weightOnlyLinear: input ${show(x.shape)} does not end in the weight's ${inner}: weight ${show([out, inner])}`,
    )
  if (bias && (bias.rank !== 1 || bias.shape[0] !== out))
    throw new ShapeError(`weightOnlyLinear: bias ${show(bias.shape)} for ${out} outputs`)
  if (bias && bias.dtype !== x.dtype)
    throw new DTypeError(`weightOnlyLinear: input is ${x.dtype}, bias ${bias.dtype}; convert one with .to()`)
  // The activations' derivatives need what goes into them.
  if (activation && needsGrad(x, bias)) return activate(weightOnlyLinear(x, weight, bias), activation)
  const rows = x.rank === 2 ? x : reshape(x, [numelOf(x.shape.slice(0, -1)), inner])
  const y = forward(rows, weight, weight.ownedTensors(), bias ?? null, activation)
  return x.rank === 2 ? y : reshape(y, [...x.shape.slice(0, -1), out])
}

/** What a gradient rule needs of the weight beside its tensors. */
type Sizes = Pick<GroupQuantizedWeight, 'outFeatures' | 'inFeatures' | 'bits' | 'groupSize'>

function forward(
  x: Tensor,
  { outFeatures, inFeatures, bits, groupSize }: Sizes,
  parts: readonly Tensor[],
  bias: Tensor | null,
  activation: number,
): Tensor {
  const sizes = { outFeatures, inFeatures, bits, groupSize }
  const [m, [data, scales, zeros]] = [x.shape[0] as number, parts]
  const [y] = makeMany(
    'weightOnlyLinear',
    OP.weightOnlyLinear,
    [{ dtype: x.dtype, shape: [m, outFeatures] }],
    [x, data, scales, zeros, bias],
    [bits, groupSize, activation, 0],
    (m * outFeatures * inFeatures) / MADS_PER_NS,
  ) as [Tensor]
  if (needsGrad(x, bias)) {
    const [gx, gb] = [x.requiresGrad, bias?.requiresGrad ?? false]
    record('weightOnlyLinear', y, [x, bias], parts.map(save), (g, saved) => [
      gx ? backward(g, sizes, saved as Tensor[]) : null,
      gb ? sum(g, 0) : null,
    ])
  }
  return y
}

/** gx = g W, whose own gradient is a product with W^T again. */
function backward(g: Tensor, sizes: Sizes, parts: readonly Tensor[]): Tensor {
  const { outFeatures, inFeatures, bits, groupSize } = sizes
  const m = g.shape[0] as number
  const [gx] = makeMany(
    'weightOnlyLinearBackward',
    OP.weightOnlyLinearBackward,
    [{ dtype: g.dtype, shape: [m, inFeatures] }],
    [g, ...parts],
    [bits, groupSize],
    (m * outFeatures * inFeatures) / MADS_PER_NS,
  ) as [Tensor]
  if (needsGrad(g))
    record('weightOnlyLinearBackward', gx, [g], parts.map(save), (gg, saved) => [
      forward(gg, sizes, saved as Tensor[], null, 0),
    ])
  return gx
}
