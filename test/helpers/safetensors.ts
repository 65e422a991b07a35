/**
 * Reads safetensors files for tests. Place in the whole: golden data must not depend on lib/io, which has tests of its own
 * that read golden files.
 */
import { readFileSync } from 'node:fs'
import type { DType } from '#lib/tensor/dtype.js'
import type { Shape } from '#lib/tensor/shape.js'

export interface Stored {
  dtype: DType
  shape: Shape
  /** Row-major. 64-bit integers as doubles: golden files hold small ones. */
  values: Float64Array
}

const READERS: Record<string, [DType, number, (view: DataView, at: number) => number]> = {
  F64: ['f64', 8, (v, at) => v.getFloat64(at, true)],
  F32: ['f32', 4, (v, at) => v.getFloat32(at, true)],
  BF16: ['bf16', 2, (v, at) => float32(v.getUint16(at, true) << 16)],
  F16: ['f16', 2, (v, at) => half(v.getUint16(at, true))],
  I64: ['i64', 8, (v, at) => Number(v.getBigInt64(at, true))],
  I32: ['i32', 4, (v, at) => v.getInt32(at, true)],
  I8: ['i8', 1, (v, at) => v.getInt8(at)],
  U8: ['u8', 1, (v, at) => v.getUint8(at)],
  BOOL: ['bool', 1, (v, at) => v.getUint8(at)],
}

const scratch = new DataView(new ArrayBuffer(4))

function float32(bits: number): number {
  scratch.setInt32(0, bits)
  return scratch.getFloat32(0)
}

function half(bits: number): number {
  const [sign, exponent, mantissa] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023]
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25))
}

/** Tensors by name, read when asked for; undefined for element types that Sinter does not have. */
export function openSafetensors(path: string | URL): (name: string) => Stored | undefined {
  const file = readFileSync(path)
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const start = 8 + Number(view.getBigUint64(0, true))
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >
  return (name) => {
    const entry = header[name]
    if (!entry) throw new Error(`${String(path)} has no tensor ${name}`)
    const reader = READERS[entry.dtype]
    if (!reader) return undefined
    const [dtype, bytes, read] = reader
    const [from, to] = entry.data_offsets
    const values = Float64Array.from({ length: (to - from) / bytes }, (_, i) => read(view, start + from + i * bytes))
    return { dtype, shape: entry.shape, values }
  }
}
