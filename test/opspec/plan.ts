/** What the test makers of suite.ts and gradient-suite.ts share: devices, samples, settings. */
import { engine } from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { Sampler } from './sampler.js'
import type { OpSpec, Sample } from './spec.js'

/** For another instruction set: leaves out what is the same for all of them, rules, threads and arguments. */
export const quick = Boolean(process.env['SINTER_OPS_QUICK'])
/** Devices that are held against the oracle. */
export const devices = engine.info().devices.filter((d) => d !== 'reference')
/** Beyond this a sample is run in one layout, and not differentiated. */
export const SMALL = 3000
/** Large samples are for the division of work, which is the same for every dtype of a kind. */
export const PARALLEL: readonly DType[] = ['f32', 'bf16', 'i64']

/** vitest's `test`, or one that counts. */
export type Test = (name: string, body: () => void | Promise<void>) => void

export function samplesOf(spec: OpSpec, dtype: DType): Sample[] {
  const all = [...spec.samples(new Sampler(`${spec.name} ${dtype}`, dtype))]
  return PARALLEL.includes(dtype) ? all : all.filter((s) => !s.large)
}

/** What `f` throws; undefined if nothing. */
export function caught(f: () => unknown): unknown {
  try {
    f()
  } catch (error) {
    return error
  }
  return undefined
}
