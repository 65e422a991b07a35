/** Functions of complex numbers behind the public ones of unary.ts. Place in the whole: exports nothing public. */
import { withGradMode } from '../autograd/mode.js'
import { needsGrad, record, save } from '../autograd/node.js'
import { scope } from '../engine/lifetime.js'
import { OP } from '../generated/ops.js'
import { realOf } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { div, eq, mul, sub } from './binary.js'
import { angle, conj, fromParts, imag, polar, real, sgn } from './complex.js'
import { make, NO_ATTRIBUTES } from './emit.js'
import { maskedFill } from './select.js'
import { abs, exp, log } from './unary.js'

/** |z|, real; the derivative at 0 is 0. */
export function complexAbs(z: Tensor): Tensor {
  const y = make('abs', OP.abs, realOf(z.dtype), z.shape, z, null, NO_ATTRIBUTES, z.numel)
  if (needsGrad(z)) record('abs', y, [z], [save(z)], (g, [z]) => [mul(sgn(z as Tensor), g)])
  return y
}

// Without recording, and functions of their own: a closure over z beside a rule would keep z alive with the rule.
const unrecorded = (f: (z: Tensor) => Tensor, z: Tensor): Tensor => withGradMode(false, () => scope(() => f(z)))
const expOfParts = (z: Tensor): Tensor => polar(exp(real(z)), imag(z))
const logOfParts = (z: Tensor): Tensor => fromParts(log(abs(z)), angle(z))

/** e^z = e^re (cos im + i sin im). */
export function complexExp(z: Tensor): Tensor {
  const y = unrecorded(expOfParts, z)
  if (needsGrad(z)) record('exp', y, [z], [save(y)], (g, [y]) => [mul(g, conj(y as Tensor))])
  return y
}

/** ln|z| + i angle. */
export function complexLog(z: Tensor): Tensor {
  const y = unrecorded(logOfParts, z)
  if (needsGrad(z)) record('log', y, [z], [save(z)], (g, [z]) => [div(g, conj(z as Tensor))])
  return y
}

/** a / length, and 0 where the length is 0: derivatives there are 0 by convention. */
export function safeQuotient(a: Tensor, length: Tensor): Tensor {
  const zero = eq(length, 0)
  return maskedFill(div(a, maskedFill(length, zero, 1)), zero, 0)
}

/** g without its part along the direction s (of length 1 or 0). */
export const withoutAlong = (g: Tensor, s: Tensor): Tensor => sub(g, mul(s, real(mul(conj(s), g))))
