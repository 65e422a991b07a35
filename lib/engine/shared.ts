/**
 * Tensors shared between worker threads by key, without copying. Place in the whole: native code keeps one table for the process;
 * threads exchange keys by messages.
 */
import { ShapeError, ValueError } from '../errors.js'
import { loadNative } from '../native/load.js'
import { CODE, DTYPES, type DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { adopt } from './lifetime.js'
import { streamOf } from './stream.js'

function checkKey(what: string, key: string): void {
  if (typeof key !== 'string' || key === '') throw new ValueError(`${what}: a key is a string that is not empty`)
}

/**
 * Publishes a contiguous tensor under `key`: any thread of the process can then open it. Resolves once everything that computes
 * it has run. The bytes are shared, so a write in place is seen by all; who writes while others read orders the two by
 * messages, after `engine.sync()`. The entry keeps the bytes until `unshare`.
 *
 * @throws ShapeError for a strided view: share `t.contiguous()`; ExecutionError when the key is taken
 */
export async function share(key: string, t: Tensor): Promise<void> {
  checkKey('share', key)
  if (!t.isContiguous) throw new ShapeError(`share: a strided view ${show(t.shape)}; share t.contiguous()`)
  await t._stream.share(t._use('share'), key)
}

/**
 * The tensor under `key`, over the same bytes. `device` is where it is wanted: a CUDA device that does not have it there takes a copy.
 *
 * @throws ValueError when there is none
 */
export function openShared(key: string, { device = 'cpu' }: { device?: string } = {}): Tensor {
  checkKey('openShared', key)
  const stream = streamOf(device)
  const found = loadNative().openShared(key)
  if (!found) throw new ValueError(`openShared: there is no tensor under '${key}'; share() it first`)
  const [storage, code, offset, ...shape] = found as [number, number, number, ...number[]]
  const dtype = DTYPES[code] as DType
  const t = new Tensor(stream, stream.newId(), dtype, shape, null)
  stream.emitBind(t._id, storage, CODE[dtype], offset, shape)
  adopt(t)
  return t
}

/** Withdraws a key; tensors opened before live on. Returns whether there was one. */
export function unshare(key: string): boolean {
  checkKey('unshare', key)
  return loadNative().withdrawShared(key) !== 0
}
