// The recordings in test/golden/ptx: what kernels were given and what a GPU wrote. Place in the whole: for the tests that hold
// models and the simulator against them. test/golden/ptx/README.md has the formats.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

export interface TensorMapArguments {
  type: string
  base: 'in' | 'out'
  dims: number[]
  strides: number[]
  box?: number[]
  steps: number[]
  swizzle: number
  fill: number
  interleave?: number
  promotion?: number
  lower?: number[]
  upper?: number[]
  channels?: number
  pixels?: number
}

export interface Kernel {
  name: string
  in?: [number, number]
  iota?: number
  out?: number
  outWords: number
  n: number
  grid: number[]
  block: number[]
  columns: string[]
  hashed?: boolean
  sha256?: string
  fault?: string
  cases?: string[] // names; of family tensor, places: see coordinates()
  registers?: { a: number; b: number; c: number } | number
  imageWords?: number
  images?: number
  fromRegisters?: boolean
  sparse?: boolean
  bytes?: number
  dumpWords?: number
  expectBytes?: number
  tensorMap?: TensorMapArguments
  mapBytes?: { address: number; base64: string }
}

export const folder = new URL('ptx/', import.meta.url)
export const unpacked = (name: string) => gunzipSync(readFileSync(new URL(name, folder)))

export const manifest: {
  families: Record<string, { title: string; kernels: Kernel[] }>
  tensorMaps: (TensorMapArguments & { address: number; base64: string })[]
} = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8'))

const blobs = new Map<string, Uint32Array>()
/** A file of words, read once. */
export function words(name: string): Uint32Array {
  let found = blobs.get(name)
  if (!found) {
    const bytes = unpacked(name)
    found = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
    blobs.set(name, found)
  }
  return found
}
export const inputs = (family: string, k: Kernel) => words(`${family}.in.gz`).subarray(k.in![0], k.in![0] + k.in![1])
export const outputs = (family: string, k: Kernel) => words(`${family}.out.gz`).subarray(k.out!, k.out! + k.outWords)

const types = ['u8', 'u16', 'u32', 's32', 'u64', 's64', 'f16', 'f32', 'f64', 'bf16']
const swizzles = [0, 32, 64, 128]

/** The driver's arguments of a tensor map as numbers: kinds and enumerations, then dims, strides, box, steps, corners, sizes. */
export function mapArguments(map: TensorMapArguments): { kinds: number[]; sizes: number[] } {
  const filled = (list: number[] | undefined, n: number) => Array.from({ length: n }, (_, i) => list?.[i] ?? 0)
  return {
    kinds: [
      ...[types.indexOf(map.type), map.dims.length, map.pixels ? 1 : 0, map.interleave ?? 0],
      ...[swizzles.indexOf(map.swizzle), map.promotion ?? 0, map.fill],
    ],
    sizes: [
      ...[...filled(map.dims, 5), 0, ...filled(map.strides, 4), ...filled(map.box, 5), ...filled(map.steps, 5)],
      ...[...filled(map.lower, 3), ...filled(map.upper, 3), map.channels ?? 0, map.pixels ?? 0],
    ],
  }
}

/** The coordinates of each case of a kernel that goes through a tensor map. */
export const coordinates = (k: Kernel) => k.cases as unknown as number[][]
