// Tensors that belong to a module. Place in the whole: what Module finds in its fields; created outside any scope, so
// they live until they are disposed of or their module is collected.
import { noGrad } from '../autograd/mode.js'
import { device } from '../engine/device.js'
import { outsideScopes } from '../engine/lifetime.js'
import { trackLoose } from '../engine/net.js'
import { contiguous, to } from '../ops/convert.js'
import { type DType, isFloating } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'

/** A tensor with an identity that outlives the bytes it holds: optimizers and modules refer to the object. */
abstract class Held<D extends DType, S extends Shape> extends Tensor<D, S> {
  constructor(data: Tensor<D, S>) {
    // Updates in place expect rows without gaps.
    const own = noGrad(() => outsideScopes(() => contiguous(data)))
    const id = own._use('Parameter')
    own._stream.retain(id)
    if (own._base !== 0) own._stream.retain(own._base)
    super(own._stream, id, data.dtype, data.shape, null)
    this._base = own._base
    trackLoose(this)
  }

  /** Takes over bytes, dtype and device of `data` (same shape); the object stays itself. */
  _become(data: Tensor): void {
    const stream = data._stream
    const id = data._use('to')
    stream.retain(id)
    if (data._base !== 0) stream.retain(data._base)
    const requiresGrad = this.requiresGrad
    this.dispose()
    Object.assign(this, { dtype: data.dtype, _stream: stream, _id: id, _base: data._base, requiresGrad })
    trackLoose(this)
  }
}

/** A tensor that is trained: found by `parameters()`, and given to the optimizer. */
export class Parameter<D extends DType = DType, S extends Shape = Shape> extends Held<D, S> {
  constructor(data: Tensor<D, S>, { requiresGrad = true }: { requiresGrad?: boolean } = {}) {
    super(data)
    this.requiresGrad_(requiresGrad)
  }
}

/** A tensor that is part of a module's state but not trained, such as running statistics. */
export class Buffer<D extends DType = DType, S extends Shape = Shape> extends Held<D, S> {
  /** Whether the state dict holds it. */
  readonly persistent: boolean

  constructor(data: Tensor<D, S>, { persistent = true }: { persistent?: boolean } = {}) {
    super(data)
    this.persistent = persistent
  }
}

/** Casts those of floating-point dtypes, and their gradients. */
export function castHeld(tensors: Iterable<Parameter | Buffer>, dtype: DType): void {
  for (const tensor of tensors) if (isFloating(tensor.dtype) && tensor.dtype !== dtype) replaceHeld(tensor, dtype)
}

/** Moves them, and their gradients, to a device. */
export function moveHeld(tensors: Iterable<Parameter | Buffer>, name: string): void {
  const target = device(name)
  for (const tensor of tensors) if (tensor.device !== target) replaceHeld(tensor, target)
}

function replaceHeld(tensor: Parameter | Buffer, target: string): void {
  const converted = (t: Tensor): Tensor => noGrad(() => outsideScopes(() => to(t, target)))
  const { grad } = tensor
  tensor.grad = null
  const bytes = converted(tensor)
  tensor._become(bytes)
  bytes.dispose()
  if (grad === null) return
  tensor.grad = converted(grad)
  grad.dispose()
}
