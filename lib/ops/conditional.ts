/** Writes that the device leaves out: a condition that nothing waits for. Place in the whole: under skipped optimizer steps. */
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

let open = false

/**
 * Runs fn, whose writes into existing tensors do not happen if `flag`, one f32, is not zero by the time that they would: the flag is
 * looked at once, on the device, where fn's first command stands, and nothing is read back. What fn computes into new tensors is
 * computed in any case. Nothing may follow on the host from whether the writes happen: counters of steps, for example, belong on the
 * device (`CountedStep`). If the flag's own computation failed, the writes happen, and fail as what they are made of did.
 *
 * @throws ValueError inside another one; DTypeError, ShapeError for a flag that is not one f32
 */
export function writesUnless<T>(flag: Tensor, fn: () => T): T {
  const name = 'writesUnless'
  if (flag.dtype !== 'f32') throw new DTypeError(`${name}: the flag is ${flag.dtype}, expected f32`)
  if (flag.numel !== 1) throw new ShapeError(`${name}: the flag has shape ${show(flag.shape)}, expected one element`)
  if (open) throw new ValueError(`${name}: inside another writesUnless`)
  const stream = flag._stream
  stream.emitSkip(flag._use(name))
  open = true
  try {
    return fn()
  } finally {
    open = false
    stream.emitSkip(0)
  }
}
