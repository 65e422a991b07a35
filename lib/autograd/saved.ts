/**
 * Hooks on what operators save for backward. Place in the whole: `save` (node.ts) asks here whether a tensor is kept as it is
 * or packed: moved elsewhere, compressed, or thrown away to be computed again (checkpointing).
 */
import { collecting, visitTensors } from '../engine/lifetime.js'
import { AutogradError } from '../errors.js'
import { sameShape, show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { noGrad } from './mode.js'

export interface SavedTensorHooks<P = unknown> {
  /** Gives what is kept in place of the tensor: anything. Tensors in it are kept alive, others made inside are freed. */
  pack(t: Tensor): P
  /** Gives the tensor again, with its shape, dtype and values. */
  unpack(packed: P): Tensor
  /** Called when the graph lets go of it. */
  release?(packed: P): void
}

/** What is saved in place of a tensor: the handle that its gradient rule will see, or find packed. */
type Saver = (t: Tensor) => Tensor

const active: Saver[] = []

/** The innermost saver, if any. The length is asked first: every recorded operator comes here, and V8 reads [-1] slowly. */
export const saver = (): Saver | undefined => (active.length === 0 ? undefined : active[active.length - 1])

/** Runs `fn`; what operators inside save goes through `save`. */
export function withSaver<T>(save: Saver, fn: () => T): T {
  active.push(save)
  try {
    return fn()
  } finally {
    active.pop()
  }
}

/** Runs `fn`; what operators inside save for backward goes through `hooks`. Definition: torch saved_tensors_hooks. */
export function withSavedTensorHooks<T, P>(hooks: SavedTensorHooks<P>, fn: () => T): T {
  return withSaver((t) => new PackedTensor(t, hooks as SavedTensorHooks), fn)
}

/** In the place of a saved tensor: what its hooks packed, and its place in the graph. */
export class PackedTensor extends Tensor {
  /** Id of the tensor that was packed, by which an operator finds its own result. */
  readonly origin: number
  readonly #hooks: SavedTensorHooks
  #packed: unknown
  #kept: Tensor[] = []
  #open = true

  constructor(t: Tensor, hooks: SavedTensorHooks) {
    super(t._stream, 0, t.dtype, t.shape, null)
    this.origin = t._id
    this.#hooks = hooks
    // Detached: what the hooks do is none of the graph's business.
    const shown = t._share()
    const made: Tensor[] = [shown]
    try {
      this.#packed = noGrad(() => collecting(made, () => withoutHooks(() => hooks.pack(shown))))
      visitTensors(this.#packed, (x) => {
        x._kept = true
      })
    } finally {
      for (const x of made) {
        if (x._kept) {
          x._kept = false
          this.#kept.push(x)
        } else x.dispose()
      }
    }
    this.requiresGrad = t.requiresGrad
    if (t._node !== null) {
      this._node = t._node
      t._node.uses++
    } else if (t.requiresGrad) this._leaf = t._leaf ?? t
  }

  /** The tensor again, as a handle of the caller's. */
  unpack(): Tensor {
    const t = noGrad(() => withoutHooks(() => this.#hooks.unpack(this.#packed)))
    if (!(t instanceof Tensor) || !sameShape(t.shape, this.shape) || t.dtype !== this.dtype) {
      const found = t instanceof Tensor ? `${t.dtype} ${show(t.shape)}` : typeof t
      throw new AutogradError(
        `saved-tensor hooks: packed a ${this.dtype} tensor ${show(this.shape)}, unpacked ${found}`,
      )
    }
    const handle = t._share()
    handle.requiresGrad = this.requiresGrad
    if (this._node !== null) {
      handle._node = this._node
      this._node.uses++
    } else handle._leaf = this._leaf
    return handle
  }

  override dispose(): void {
    if (!this.#open) return
    this.#open = false
    this.#hooks.release?.(this.#packed)
    this.#packed = undefined
    for (const t of this.#kept) t.dispose()
    this.#kept = []
    this._node?.release()
    this._node = null
  }
}

/** Hooks may run operators: those save as usual. */
function withoutHooks<T>(fn: () => T): T {
  const outside = active.splice(0)
  try {
    return fn()
  } finally {
    active.push(...outside)
  }
}
