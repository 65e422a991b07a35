/** Rotary position embeddings (Su et al. 2021), one pass over queries or keys. Place in the whole: before attention.ts. */
import { needsGrad, record, save } from '../autograd/node.js'
import { defaultDevice } from '../engine/device.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { mul, pow } from './binary.js'
import { checkDTypes } from './conv.js'
import { contiguous } from './convert.js'
import { arange } from './creation.js'
import { makeMany } from './emit.js'
import { cos, sin } from './unary.js'
import { permute, unsqueeze } from './views.js'

export interface RotaryOptions {
  /** Neighbouring elements are a pair (GPT-J, the paper); else element i and i + r / 2 (Llama, GPT-NeoX). Default false. */
  interleaved?: boolean
  /** The position of the first row. Default 0. */
  offset?: number
  /** i32 or i64, the position of each row: (t) or (b, t); in place of `offset`. */
  positions?: Tensor
}

export interface RotaryTableOptions {
  /** Base of the wavelengths. Default 10,000. */
  base?: number
  dtype?: 'f32' | 'f64'
  device?: string
}

const NAME = 'rotaryEmbedding'

/**
 * Cosines and sines of the positions 0 .. length - 1 for rows of which `width` elements turn: two tensors (length, width / 2),
 * element (p, i) of the angle p * base^(-2 i / width).
 *
 * @throws ValueError for an odd width
 */
export function rotaryTable(length: number, width: number, options: RotaryTableOptions = {}): [Tensor, Tensor] {
  const { base = 10_000, dtype = 'f32', device = defaultDevice() } = options
  if (!Number.isInteger(length) || length < 0 || !Number.isInteger(width) || width < 0 || width % 2 !== 0)
    throw new ValueError(`rotaryTable: length ${length} and width ${width}, expected integers, the width an even one`)
  // Large angles need the digits of f64, whatever the table's dtype.
  const line = (n: number): Tensor => arange(n, undefined, 1, { dtype: 'f64', device })
  const angles = mul(unsqueeze(line(length), 1), pow(base, mul(line(width / 2), -2 / width)))
  return [cos(angles).to(dtype), sin(angles).to(dtype)]
}

/**
 * Turns pairs of elements of each row of x (b, h, t, d) by the angle of the row's position: (a, b) becomes (a cos - b sin,
 * b cos + a sin). cosines and sines: (positions, r / 2), r <= d, f32 (f64 for f64), as `rotaryTable` makes them; elements from r
 * on stay. The result lies as x does. Differentiable any number of times in x. Source: Su et al., "RoFormer", 2021.
 *
 * @throws ShapeError, DTypeError, ValueError where operands or options do not fit; a position outside of the table is reported
 * where the result is read (SINTER_INDEX_OUT_OF_RANGE).
 */
export function rotaryEmbedding(x: Tensor, cosines: Tensor, sines: Tensor, options: RotaryOptions = {}): Tensor {
  const { interleaved = false, offset = 0, positions = null } = options
  checkDTypes(NAME, x)
  const table = x.dtype === 'f64' ? 'f64' : 'f32'
  for (const part of [cosines, sines])
    if (part.dtype !== table) throw new DTypeError(`${NAME}: a ${part.dtype} table for ${x.dtype}, expected ${table}`)
  const [width, half] = [x.shape.at(-1) as number, cosines.shape.at(-1) as number]
  const fits = x.rank === 4 && cosines.rank === 2 && 2 * half <= width && show(cosines.shape) === show(sines.shape)
  if (!fits)
    throw new ShapeError(
      `${NAME}: takes x (b, h, t, d) and two tables (positions, r / 2) with r <= d, got ${show(x.shape)}, ${show(cosines.shape)}, ${show(sines.shape)}`,
    )
  if (!Number.isInteger(offset) || offset < 0)
    throw new ValueError(`${NAME}: offset ${offset}, expected an integer of at least 0`)
  if (positions) checkPositions(positions, x)
  const lines = positions && (positions.rank === 1 ? unsqueeze(positions, 0) : positions)
  return turned(x, contiguous(cosines), contiguous(sines), lines, [offset, interleaved ? 1 : 0], false)
}

function checkPositions(positions: Tensor, x: Tensor): void {
  if (positions.dtype !== 'i32' && positions.dtype !== 'i64')
    throw new DTypeError(`${NAME}: positions are ${positions.dtype}, not i32 or i64`)
  const [b, , t] = x.shape as [number, number, number, number]
  const p = positions.shape
  const fits = (p.length === 1 && p[0] === t) || (p.length === 2 && p[1] === t && (p[0] === b || p[0] === 1))
  if (!fits) throw new ShapeError(`${NAME}: takes positions (t) or (b, t) for ${show(x.shape)}, got ${show(p)}`)
}

function turned(
  x: Tensor,
  cosines: Tensor,
  sines: Tensor,
  positions: Tensor | null,
  form: readonly number[],
  inverse: boolean,
): Tensor {
  const rows = x.strides[3] === 1 || x.shape[3] === 1 ? x : contiguous(x)
  const [b, h, t, d] = rows.shape as readonly [number, number, number, number]
  const byRows = h > 1 && t > 1 && (rows.strides[1] as number) < (rows.strides[2] as number)
  const shape: Shape = byRows ? [b, t, h, d] : [b, h, t, d]
  const attributes = [...form, inverse ? 1 : 0, byRows ? 1 : 0]
  const operands = [rows, cosines, sines, positions]
  const [y] = makeMany(NAME, OP.rotary, [{ dtype: x.dtype, shape }], operands, attributes, x.numel) as [Tensor]
  if (needsGrad(rows)) {
    const kept = [cosines, sines, ...(positions ? [positions] : [])].map(save)
    record(NAME, y, [rows], kept, (g, [cosines, sines, positions = null]) => {
      const own = byRows ? permute(g, [0, 2, 1, 3]) : g
      return [turned(own, cosines as Tensor, sines as Tensor, positions, form, !inverse)]
    })
  }
  return byRows ? permute(y, [0, 2, 1, 3]) : y
}
