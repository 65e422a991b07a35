/** What the test makers of suite.ts and gradient-suite.ts share: devices, samples, settings. */

import { OP } from '#lib/generated/ops.js'
import { ExecutionError, engine } from '#lib/index.js'
import { loadNative } from '#lib/native/load.js'
import { DTYPES, type DType } from '#lib/tensor/dtype.js'
import { simulated } from '../helpers/simulator.js'
import { Sampler } from './sampler.js'
import type { OpSpec, Sample } from './spec.js'

/** For another instruction set: leaves out what is the same for all of them, rules, threads and arguments. */
export const quick = Boolean(process.env['SINTER_OPS_QUICK'])
const chosen = process.env['SINTER_OPS_DEVICE']
/** Where an operator's further tests run. */
export const device = chosen ?? 'cpu'
/** Devices that are held against the oracle: the CPU, and a CUDA device where there is one, real or simulated; or the one that is asked for. */
export const devices = engine.info().devices.filter((d) => (d === 'cpu' || d === 'cuda:0') && d === (chosen ?? d))
/**
 * On the simulator `npm test` has three minutes, for a part of the matrix: f32 of every sample, every layout and the other dtypes of some
 * (`taken`). `npm run test:full` runs all of it.
 */
export const part = simulated && !process.env['SINTER_TEST_FULL']
const SHARE = 4
/** Whether the index-th sample is among those of a part: others for each dtype. */
export const taken = (dtype: DType, index: number): boolean => !part || (index + DTYPES.indexOf(dtype)) % SHARE === 0
/** Where the rules of gradients are held against finite differences: TypeScript, the same for every device, so not in a part. */
export const testsRules = (device: string): boolean => !quick && device === devices[0] && !part
/** Beyond this a sample is run in one layout, and not differentiated. */
export const SMALL = 3000
/** Large samples are for the division of work, which is the same for every dtype of a kind. */
export const PARALLEL: readonly DType[] = ['f32', 'bf16', 'i64']

/** vitest's `test`, or one that counts. */
export type Test = (name: string, body: () => void | Promise<void>) => void

export function samplesOf(spec: OpSpec, dtype: DType): Sample[] {
  const all = [...spec.samples(new Sampler(`${spec.name} ${dtype}`, dtype))]
  if (dtype === 'f32' || (PARALLEL.includes(dtype) && !part)) return all
  const small = all.filter((s) => !s.large)
  return small.length <= SHARE || !spec.dtypes.includes('f32') ? small : small.filter((_, i) => taken(dtype, i))
}

/** The first one that is wanted: those behind it are not made. */
export function firstSample(spec: OpSpec, dtype: DType, wanted: (sample: Sample) => boolean): Sample | undefined {
  for (const sample of spec.samples(new Sampler(`${spec.name} ${dtype}`, dtype))) if (wanted(sample)) return sample
  return
}

const onCuda = new Set(loadNative().cudaOperators?.())

/** The operator for whose absence on the device a test failed: no kernel of it is registered there, or its library is not installed. */
export function absentOperator(device: string, error: unknown): string | undefined {
  if (!device.startsWith('cuda') || !(error instanceof ExecutionError) || error.code !== 'SINTER_UNSUPPORTED_ON_DEVICE')
    return
  const opcode = OP[error.op as keyof typeof OP]
  const absent =
    opcode !== undefined && (!onCuda.has(opcode) || /needs cuSOLVER, which is not here/.test(error.message))
  return absent ? error.op : undefined
}

/** Runs a test's body; the test is skipped where the device has no kernel of an operator that it needs. */
export async function orSkip(
  device: string,
  skip: (note: string) => void,
  body: () => void | Promise<void>,
): Promise<void> {
  try {
    await body()
  } catch (error) {
    const absent = absentOperator(device, error)
    if (absent === undefined) throw error
    skip(`${absent} has no kernel on ${device}, or no library`)
  }
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
