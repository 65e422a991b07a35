/**
 * The tensor. Place in the whole: the object users hold: metadata and an id; bytes live in native code. Operators are
 * methods too; each family in lib/ops adds its own (interface merging), so this file knows none of them.
 */
import { inspect } from 'node:util'
import type { GradNode } from '../autograd/node.js'
import { adopt } from '../engine/lifetime.js'
import { trackLoose, untrack } from '../engine/net.js'
import type { Stream } from '../engine/stream.js'
import { AutogradError, DisposedError } from '../errors.js'
import { BYTES, type DType, isComplex, isFloating } from './dtype.js'
import { contiguousStrides, numelOf, type Shape, show } from './shape.js'

/** What a view shows a part of; a tensor that was written while gradients were recorded is a view of itself. */
export interface ViewOf {
  /** The base: the tensor that has the bytes. */
  readonly of: Tensor
  /** Of the view's first element behind the base's first, in elements; null where it is none of the base's elements. */
  readonly offset: number | null
  /** How often the base, or a view of it, was so written when the view took its place in the graph. */
  epoch: number
}

/** The base's own epoch. */
export const epochOf = (base: Tensor): number => base._view?.epoch ?? 0

/** Set by ops/assign.ts: gives a view its place in the graph anew, after its base was written while gradients were recorded. */
export const views: { renew: ((t: Tensor) => void) | null } = { renew: null }

/** Whether gradients reach a view, whose place in the graph is first brought up to date. */
function renewed(t: Tensor): boolean {
  const view = t._view as ViewOf
  if (view.epoch !== epochOf(view.of)) views.renew?.(t)
  return t._requires
}

/**
 * An n-dimensional array on a device.
 *
 * Generic in its dtype and, where the caller passes literals, in its shape; `Tensor` alone is any tensor. Operators never
 * change a tensor except those ending in `_`.
 */
export class Tensor<out D extends DType = DType, out S extends Shape = Shape> {
  readonly dtype: D
  readonly shape: S
  /** Gradient collected by backward, on leaves. */
  grad: Tensor<D, S> | null = null

  // Fields with an underscore belong to lib/engine, lib/autograd and lib/ops.
  /** Id in the stream; 0 once disposed. */
  _id: number
  readonly _stream: Stream
  /** Strides in elements; null: contiguous. */
  readonly _strides: readonly number[] | null
  /** Id of the tensor whose storage this views, held by a reference; 0 for none. */
  _base = 0
  /** `requiresGrad` of what is no view, or was just asked: what is asked many times an operator asks here. */
  _requires = false
  /** To be read after `requiresGrad`, which brings it up to date. */
  _node: GradNode | null = null
  _view: ViewOf | null = null
  /** For an alias of a leaf: the leaf that collects the gradient. */
  _leaf: Tensor | null = null
  /** Group under the net of weak references (0: not there), place in it, and what keeps the group alive. */
  _key = 0
  _position = 0
  _token: object | null = null
  /** Marks what a closing scope must not free. */
  _kept = false
  /** On a saved reference: the version that the gradient rule expects. */
  _savedVersion = 0

  constructor(stream: Stream, id: number, dtype: D, shape: S, strides: readonly number[] | null) {
    this._stream = stream
    this._id = id
    this.dtype = dtype
    this.shape = shape
    this._strides = strides
  }

  /** Whether gradients reach this tensor: set on leaves by the user, on results by the operators. */
  get requiresGrad(): boolean {
    // Short enough to be inlined everywhere: it is read several times an operator.
    return this._view === null ? this._requires : renewed(this)
  }

  set requiresGrad(on: boolean) {
    this._requires = on
  }

  /** 'cpu', ... */
  get device(): string {
    return this._stream.device
  }

  /** Number of elements. */
  get numel(): number {
    return numelOf(this.shape)
  }

  /** Bytes of all elements; a view that repeats some has fewer. */
  get nbytes(): number {
    return this.numel * BYTES[this.dtype]
  }

  /** Number of dimensions. */
  get rank(): number {
    return this.shape.length
  }

  /** Strides in elements. */
  get strides(): readonly number[] {
    return this._strides ?? contiguousStrides(this.shape)
  }

  get isContiguous(): boolean {
    return this._strides === null
  }

  get isDisposed(): boolean {
    return this._id === 0
  }

  /** True for tensors that no recorded operator made: those whose `grad` backward fills. */
  get isLeaf(): boolean {
    return !this.requiresGrad || this._node === null
  }

  /**
   * Frees the tensor now. Views of it and results that need it for backward keep its bytes. Using it afterwards throws
   * DisposedError; disposing again does nothing.
   */
  dispose(): void {
    const id = this._id
    if (id === 0) return
    if (this._key !== 0) untrack(this)
    this._id = 0
    this._stream.release(id)
    if (this._base !== 0) {
      this._stream.release(this._base)
      this._base = 0
    }
    if (this._node !== null) {
      const node = this._node
      this._node = null
      node.release()
    }
    if (this.grad !== null && this._leaf === null) {
      this.grad.dispose()
      this.grad = null
    }
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  /** The same elements outside the gradient graph; shares storage. */
  detach(): Tensor<D, S> {
    const t = this._share()
    adopt(t)
    return t
  }

  /** Turns gradient collection on or off; only for leaves of floating-point or complex dtype. Returns this. */
  requiresGrad_(on = true): this {
    if (on && !isFloating(this.dtype) && !isComplex(this.dtype)) {
      throw new AutogradError(
        `requiresGrad_: a ${this.dtype} tensor has no gradient; only floating-point and complex tensors do`,
      )
    }
    if (!on && this._node !== null)
      throw new AutogradError('requiresGrad_: only leaves can be switched off; use detach()')
    this.requiresGrad = on
    return this
  }

  toString(): string {
    const grad = this._node ? `, grad of ${this._node.op}` : this.requiresGrad ? ', requiresGrad' : ''
    return `Tensor(${this.dtype} ${show(this.shape)} on ${this.device}${grad}${this._id === 0 ? ', disposed' : ''})`
  }

  // ---- for the engine

  /** The id, or the error that a disposed tensor deserves. */
  _use(op: string): number {
    if (this._id === 0) {
      throw new DisposedError(
        `${op}: the ${this.dtype} tensor ${show(this.shape)} was disposed of; it was made inside a scope that ended, or disposed by hand: return it from the scope or keep() it`,
      )
    }
    return this._id
  }

  /** Another handle of the same tensor with the same place in the graph; adopted by nobody. */
  _alias(): Tensor<D, S> {
    const t = this._share()
    if (!this.requiresGrad) return t
    t._requires = true
    if (this._node !== null) {
      t._node = this._node
      this._node.uses++
    } else t._leaf = this._leaf ?? this
    return t
  }

  _share(): Tensor<D, S> {
    const id = this._use('detach')
    this._stream.retain(id)
    if (this._base !== 0) this._stream.retain(this._base)
    const t = new Tensor(this._stream, id, this.dtype, this.shape, this._strides)
    t._base = this._base
    return t
  }

  /** Puts a saved result at its node while a recorded backward pass needs it there. */
  _place(node: GradNode | null): void {
    this._node = node
    this._requires = node !== null
  }

  _ownBytes(): number {
    return this._base !== 0 ? 0 : numelOf(this.shape) * BYTES[this.dtype]
  }

  _version(): number {
    return this._stream.version(this._base !== 0 ? this._base : this._id)
  }

  /** Notes an in-place write. */
  _touch(): void {
    this._stream.touch(this._base !== 0 ? this._base : this._id)
  }

  /** Exchanges the bytes of two tensors of one shape and dtype, neither of which is a view. */
  _exchange(y: Tensor): void {
    const loose = this._key !== 0
    if (loose) untrack(this)
    if (y._key !== 0) untrack(y)
    const id = this._id
    this._id = y._id
    y._id = id
    if (loose) trackLoose(this)
  }

  /** True when no other handle, view or saved reference shares the bytes. */
  _soleOwner(): boolean {
    return this._base === 0 && this._stream.references(this._id) === 1
  }
}

// console.log shows the summary, not the fields.
Object.defineProperty(Tensor.prototype, inspect.custom, {
  value(this: Tensor): string {
    return this.toString()
  },
})
