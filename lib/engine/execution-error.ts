/** What native code's errors become. Place in the whole: the stream's reads and waits throw these. */
import { ExecutionError, UnsupportedOnDeviceError } from '../errors.js'
import { outsideLibrary } from './debug.js'

/**
 * An error of an operator's execution with its operator and device; any other as it is.
 *
 * @param madeAt the stack where a tensor was made, in debug mode, by its id
 */
export function typed(error: unknown, device: string, madeAt: (id: number) => string | undefined): unknown {
  const e = error as { code?: string; message?: string; op?: string; origin?: number }
  if (!(error instanceof Error) || typeof e.op !== 'string') return error
  const message = `${e.op}: ${e.message?.startsWith(`${e.op}: `) ? e.message.slice(e.op.length + 2) : e.message}`
  const stack = madeAt(e.origin ?? -1)
  const whole = stack === undefined ? message : `${message}\ncalled ${outsideLibrary(stack)}`
  if (e.code === 'SINTER_UNSUPPORTED_ON_DEVICE') return new UnsupportedOnDeviceError(e.op, device, whole)
  return new ExecutionError(e.code ?? 'SINTER_INTERNAL', e.op, whole)
}
