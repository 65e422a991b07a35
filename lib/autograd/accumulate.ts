/** The four operators that the backward pass itself uses. Place in the whole: keeps autograd free of the operator families. */
import { adopt } from '../engine/lifetime.js'
import { OP } from '../generated/ops.js'
import { batching } from '../tensor/batched.js'
import { BYTES, CODE } from '../tensor/dtype.js'
import { Tensor } from '../tensor/tensor.js'

const TENSOR_TENSOR: readonly number[] = [0, 0]
const ONE: readonly number[] = [1]
const NONE: readonly number[] = []

export interface Sum {
  /** Set by ops/binary.ts: the recorded sum, for createGraph. */
  recorded: ((a: Tensor, b: Tensor) => Tensor) | null
}
export const sum: Sum = { recorded: null }

function result(op: number, like: Tensor, a: number, b: number, nIn: number, attributes: readonly number[]): Tensor {
  const stream = like._stream
  const id = stream.newId()
  const t = new Tensor(stream, id, like.dtype, like.shape, null)
  const n = t.numel
  stream.emit(op, id, CODE[like.dtype], like.shape, a, b, nIn, attributes, n * 0.3, n * BYTES[like.dtype])
  adopt(t)
  return t
}

export const onesLike = (t: Tensor): Tensor => result(OP.fill, t, 0, 0, 0, ONE)

export function contiguousCopy(t: Tensor): Tensor {
  const batch = batching.hooks?.make('clone', OP.copy, t.dtype, t.shape, t, null, NONE, t.numel * 0.3)
  return batch ?? result(OP.copy, t, t._id, 0, 1, NONE)
}

export function addTensors(a: Tensor, b: Tensor): Tensor {
  if (sum.recorded && (a._requires || b._requires)) return sum.recorded(a, b)
  const batch = batching.hooks?.make('add', OP.add, a.dtype, a.shape, a, b, TENSOR_TENSOR, a.numel * 0.3)
  return batch ?? result(OP.add, a, a._id, b._id, 2, TENSOR_TENSOR)
}

export function addInPlace(a: Tensor, b: Tensor): void {
  if (batching.hooks?.mutate('add_', OP.addInto, [a, b], [a], ONE, a.numel * 0.3)) return
  a._stream.emitMany(OP.addInto, [], [a._id, b._id], ONE, a.numel * 0.3, 0)
  a._touch()
}
