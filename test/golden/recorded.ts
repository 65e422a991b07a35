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
  cases?: string[] | number[][]
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
