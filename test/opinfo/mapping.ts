/**
 * How OpInfo samples become calls. Place in the whole: the words in which the files beside this one are written. An entry gives PyTorch's
 * signature, from which positional and keyword arguments get their names, and the call. Arguments that Sinter does not have
 * are refused by name, so that a new sample never passes by being ignored.
 */
import type { Tensor } from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'

/** Thrown for a sample that uses what Sinter leaves out; `message` says what. */
export class LeftOut extends Error {}

export type Arguments = Readonly<Record<string, any>>
type Result = Tensor | readonly Tensor[]

export interface Mapping {
  signature: readonly string[]
  call: (a: Arguments) => Result
  /** Whether the values are drawn, for these arguments: then shape and dtype are compared, and no gradients. */
  random?: (a: Arguments) => boolean
}

export const map = (signature: string, call: (a: Arguments) => Result): Mapping => ({
  signature: signature.split(' '),
  call,
})

/** An operator whose values cannot agree: random, or memory as it comes. */
export const drawn = (
  signature: string,
  call: (a: Arguments) => Result,
  random: (a: Arguments) => boolean = () => true,
): Mapping => ({ ...map(signature, call), random })

/** Refuses values other than the default. */
export function only(a: Arguments, defaults: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(defaults)) {
    if (a[name] !== undefined && a[name] !== null && a[name] !== value)
      throw new LeftOut(`${name}: ${JSON.stringify(a[name])}`)
  }
}

export const DTYPES: Readonly<Record<string, DType>> = {
  float32: 'f32',
  float64: 'f64',
  bfloat16: 'bf16',
  float16: 'f16',
  int32: 'i32',
  int64: 'i64',
  uint8: 'u8',
  int8: 'i8',
  bool: 'bool',
}

export function dtypeOf(name: string): DType {
  const dtype = DTYPES[name.replace('torch.', '')]
  if (!dtype) throw new LeftOut(`dtype ${name}`)
  return dtype
}
