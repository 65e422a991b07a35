/** Evenly and geometrically spaced numbers. */
import { defaultDevice } from '../engine/device.js'
import { DTypeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { checkDType, type DType, isComplex, isIntegral } from '../tensor/dtype.js'
import { checkShape, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { pow } from './binary.js'
import { cast } from './convert.js'
import { arange, finish, full, type TensorOptions } from './creation.js'
import { isTensor, make0 } from './emit.js'
import { where } from './select.js'

type End = number | Tensor

function checked<D extends DType>(
  name: string,
  start: End,
  end: End,
  n: number,
  options: TensorOptions<D> | undefined,
): { dtype: D; device: string } {
  if (!Number.isInteger(n) || n < 0) throw new ValueError(`${name}: ${n} is not a number of steps`)
  checkShape(name, [n])
  const dtype = checkDType(options?.dtype ?? 'f32') as D
  if (isComplex(dtype) || dtype === 'bool')
    throw new DTypeError(`${name}: ${dtype} is not supported; take a real dtype`)
  const tensors = [start, end].filter(isTensor)
  for (const t of tensors)
    if (t.rank !== 0)
      throw new ValueError(`${name}: an end of ${t.rank} dimensions; ends are numbers or tensors of rank 0`)
  return { dtype, device: options?.device ?? tensors[0]?.device ?? defaultDevice() }
}

/** In f64; for integer dtypes from whole ends, as PyTorch does. */
function spaced(start: End, end: End, n: number, dtype: DType, result: DType, device: string): Tensor {
  if (!isTensor(start) && !isTensor(end)) {
    const [a, b] = isIntegral(dtype) ? [Math.trunc(start), Math.trunc(end)] : [start, end]
    return make0(OP.linspace, device, result, [n] as Shape, [a, b])
  }
  // Ends that only the device knows: the same two formulas, without waiting for them.
  const whole = (x: End): Tensor => {
    const t = isTensor(x) ? x : full([], x, { dtype: 'f64', device })
    return cast(isIntegral(dtype) ? cast(t, dtype) : t, 'f64')
  }
  const [a, b] = [whole(start), whole(end)]
  const i = arange(0, n, 1, { dtype: 'f64', device })
  const step = b.sub(a).mul(n > 1 ? 1 / (n - 1) : 0)
  const up = a.add(step.mul(i))
  const down = b.sub(step.mul(i.mul(-1).add(n - 1)))
  return cast(where(n === 1 ? i.lt(1) : i.lt(Math.floor(n / 2)), up, down) as Tensor, result)
}

/**
 * `n` numbers from `start` to `end`, both included, evenly spaced; `dtype` f32 by default. An end may be a tensor of rank 0 (which
 * gets no gradient). Integer dtypes truncate.
 */
export function linspace<D extends DType = 'f32'>(
  start: End,
  end: End,
  n: number,
  options?: TensorOptions<D>,
): Tensor<D> {
  const { dtype, device } = checked('linspace', start, end, n, options)
  return finish(spaced(start, end, n, dtype, dtype, device) as Tensor<D>, options)
}

/** `n` powers of `base` (default 10), with evenly spaced exponents from `start` to `end`; see `linspace`. */
export function logspace<D extends DType = 'f32'>(
  start: End,
  end: End,
  n: number,
  base = 10,
  options?: TensorOptions<D>,
): Tensor<D> {
  const { dtype, device } = checked('logspace', start, end, n, options)
  const exponents = spaced(start, end, n, dtype, 'f64', device)
  return finish(cast(pow(base, exponents) as Tensor, dtype) as Tensor<D>, options)
}
