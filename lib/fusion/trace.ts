/**
 * From a function to a program. Place in the whole: runs the function once on operands that stand for any tensors (recorder.ts), with
 * what else looks at operators' results out of the way.
 */
import { anomaly } from '../autograd/anomaly.js'
import { autocasting, noGrad } from '../autograd/mode.js'
import { savePlainly } from '../autograd/node.js'
import { withSaver } from '../autograd/saved.js'
import { collecting } from '../engine/lifetime.js'
import { profiling } from '../engine/profiling.js'
import { recording } from '../engine/stream.js'
import { DeviceError, ValueError } from '../errors.js'
import { isTensor, keeping } from '../ops/emit.js'
import { batching } from '../tensor/batched.js'
import type { DType } from '../tensor/dtype.js'
import { numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Program } from './program.js'
import { Recorder } from './recorder.js'

/** What is traced; null stands for a result that there is none of. */
export type Body = (...operands: Tensor[]) => Tensor | readonly (Tensor | null)[]

export interface Trace {
  readonly program: Program
  /** Whether the function gave an array. */
  readonly many: boolean
  /** The function's results: a result of the program, an operand that it handed on, or none. */
  readonly results: readonly ({ readonly result: number } | { readonly operand: number } | null)[]
  /** Estimated run time an element. */
  readonly ns: number
}

/** @throws ValueError where the function is not pointwise: the message names what is not */
export function trace(body: Body, dtypes: readonly DType[], shape: Shape): Trace {
  const recorder = new Recorder(dtypes, shape)
  return alone(recorder, () => {
    const given = body(...dtypes.map((_, i) => recorder.operand(i)))
    const many = Array.isArray(given)
    const list = many ? (given as readonly (Tensor | null)[]) : [given as Tensor]
    if (list.length === 0) throw new ValueError('fuse: the function has no results')
    const computed: number[] = []
    const results = list.map((y) => {
      if (y === null) return null
      const value = resultValue(recorder, y, shape)
      if (value < dtypes.length) return { operand: value }
      const known = computed.indexOf(value)
      return { result: known >= 0 ? known : computed.push(value) - 1 }
    })
    const ns = recorder.ns / Math.max(numelOf(shape), 1)
    return { program: recorder.draft.program(computed), many, results, ns }
  })
}

function resultValue(recorder: Recorder, y: unknown, shape: Shape): number {
  if (!isTensor(y)) throw new ValueError('fuse: the function must give a tensor or an array of tensors')
  if (y._stream !== recorder.stream) throw new ValueError('fuse: a result was not computed from the operands')
  if (!sameShape(y.shape, shape))
    throw new ValueError(
      `fuse: a result is ${show(y.shape)} where the operands are ${show(shape)}: it depends on none of them; make it outside`,
    )
  return recorder.valueOf(y)
}

/** Runs `fn` with `recorder` for the device 'tracing', and nothing else listening. What it makes is freed. */
function alone<T>(recorder: Recorder, fn: () => T): T {
  const made: Tensor[] = []
  const outside = [recording.stream, batching.hooks, keeping.keeper, anomaly.enabled, profiling.session] as const
  const { frame } = autocasting
  recording.stream = recorder.stream
  batching.hooks = null
  keeping.keeper = null
  anomaly.enabled = false
  profiling.session = null
  autocasting.frame = null
  try {
    return withSaver(savePlainly, () => noGrad(() => collecting(made, fn)))
  } catch (error) {
    if (error instanceof DeviceError)
      throw new ValueError('fuse: the function uses a tensor that is none of its operands; pass it as one')
    throw error
  } finally {
    ;[recording.stream, batching.hooks, keeping.keeper, anomaly.enabled, profiling.session] = outside
    autocasting.frame = frame
    for (const t of made) t.dispose()
  }
}
