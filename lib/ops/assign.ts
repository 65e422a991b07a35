/**
 * Writing in place as part of the gradient graph. Place in the whole: behind the operators whose names end in `_` while
 * gradients are recorded; inplace.ts has their direct kernels for the rest of the time.
 *
 * A write into a view is one into its base: the base becomes itself with the part replaced, the view a part of the new base, and
 * every other view of the base takes its place anew when it is next asked for (Tensor.requiresGrad).
 */
import { gradMode } from '../autograd/mode.js'
import { recordAnew, succeed } from '../autograd/node.js'
import { collecting } from '../engine/lifetime.js'
import { AutogradError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { Batched, exchangeable, NeedsSamples } from '../tensor/batched.js'
import { overlaps, type Shape, sameShape, show } from '../tensor/shape.js'
import { epochOf, type Tensor, type ViewOf, views } from '../tensor/tensor.js'
import { cast, clone, contiguous } from './convert.js'
import { mutate, NO_ATTRIBUTES } from './emit.js'
import { type Part, replaced, surrounded, windowOf } from './region.js'

/** Whether a write into x of something computed from `sources` belongs into the graph. */
export const recordsWrite = (x: Tensor, ...sources: (Tensor | null | undefined)[]): boolean =>
  gradMode.enabled && (x.requiresGrad || sources.some((t) => t?.requiresGrad === true))

/**
 * Writes the result of an operator into its operand: x becomes f(x), for views of x and for what x is a view of too, and takes
 * the result's place in the graph. What was computed from the old x keeps its gradient; an operator that saved the old values
 * notices the write when backward comes. f itself may save what it is given: where nobody else shares x's bytes, x takes those of
 * the result and the old ones stay, else f is given a copy.
 *
 * @throws AutogradError for a leaf that requires gradients and its views, and for views that the graph cannot follow: of
 *   another dtype, made inside noGrad, or with elements that share memory
 * @throws ShapeError when the result has another shape than x
 */
export function assign<T extends Tensor>(op: string, x: T, f: (x: T) => Tensor): T {
  refuseLeaf(op, x)
  const view = x._view
  // Of a base that is gone nobody but its views is left, which will notice.
  if (view === null && x._base !== 0 && !(x instanceof Batched))
    refuse(op, 'the view was detached, or made inside noGrad')
  const part = view !== null && view.of !== x && view.of._id !== 0 ? partOf(op, x, view) : null
  const alone = x._soleOwner()
  const made: Tensor[] = []
  try {
    // A function that takes no parameter does not read x.
    const old = collecting(made, () => (alone || f.length === 0 ? x : (clone(x) as unknown as T)))
    const y = collecting(made, () => cast(f(old), x.dtype))
    if (y === old) return x
    if (!sameShape(y.shape, x.shape))
      throw new ShapeError(`${op}: the result ${show(y.shape)} does not fit into ${show(x.shape)}`)
    if (alone && y._soleOwner() && exchangeable(x, y)) x._exchange(y)
    else mutate(op, OP.copyInto, [x, y], [x], NO_ATTRIBUTES, x.numel * 0.3)
    if (part !== null) intoBase(op, x, view as ViewOf, y, part)
    else {
      succeed(x, y)
      const base = view?.of ?? x
      written(base)
      if (base !== x) x._view = null
    }
    return x
  } finally {
    for (const t of made) t.dispose()
  }
}

function refuseLeaf(op: string, x: Tensor): void {
  const leaf = (t: Tensor): boolean => t.requiresGrad && t._node === null && t._id !== 0
  const base = x._view?.of ?? x
  if (!leaf(x) && !leaf(base)) return
  const what = leaf(x) ? 'a leaf that requires gradients' : 'a view of a leaf that requires gradients'
  throw new AutogradError(
    `${op}: ${what} cannot be written in place; run it inside noGrad, or use the operator without _`,
  )
}

function refuse(op: string, why: string): never {
  throw new AutogradError(
    `${op}: ${why}, so it cannot be written in place while gradients are recorded; write into the whole tensor, or use the operator without _`,
  )
}

/** Where a view lies in its base. */
function partOf(op: string, x: Tensor, { of: base, offset }: ViewOf): Part {
  if (offset === null && x instanceof Batched)
    throw new NeedsSamples(op, x.levels, 'writes into an argument of the function while gradients are recorded')
  if (offset === null) refuse(op, `the ${x.dtype} tensor is a view of a ${base.dtype} tensor`)
  if (!base.isContiguous) refuse(op, 'the view shows a part of a tensor that is not contiguous itself')
  if (overlaps(x.shape, x.strides)) refuse(op, `elements of the view ${show(x.shape)} share memory`)
  return fixed(x.shape, x.strides, offset as number)
}

/** Notes a recorded write: views of the base have to take their places anew. Gives the epoch that begins. */
function written(base: Tensor): number {
  base._view ??= { of: base, offset: 0, epoch: 0 }
  return ++base._view.epoch
}

// A function of its own, as rules must not capture tensors.
function fixed(shape: Shape, strides: readonly number[], offset: number): Part {
  return () => ({ shape, strides: [...strides], offset })
}

/** The base becomes itself with y in the part, and x that part of it. */
function intoBase(op: string, x: Tensor, view: ViewOf, y: Tensor, part: Part): void {
  const base = view.of
  if (base.requiresGrad || y.requiresGrad) {
    const [old, fresh] = [base.requiresGrad, y.requiresGrad]
    recordAnew(op, base, [base, y], (g) => [
      old ? replaced(op, g, 0, part) : null,
      fresh ? windowOf(op, contiguous(g), part) : null,
    ])
  }
  view.epoch = written(base)
  showPart(x, base, part)
}

/** x takes its place behind its base. */
function showPart(x: Tensor, base: Tensor, part: Part): void {
  if (!base.requiresGrad) {
    x._node?.release()
    x._place(null)
    return
  }
  const { shape } = base
  recordAnew('view', x, [base], (g) => [surrounded('view', g, shape, part)])
}

views.renew = (x) => {
  const view = x._view as ViewOf
  const { of: base, offset } = view
  // A view that the user made a leaf stays one.
  if (x._requires && x._node === null) {
    view.epoch = epochOf(base)
    return
  }
  if (base._id === 0 || offset === null || !base.isContiguous)
    throw new AutogradError(
      `a view ${show(x.shape)} is used after its base was written in place through another handle, and ${base._id === 0 ? 'the base was disposed of' : 'the graph cannot follow it'}; take the view again`,
    )
  view.epoch = epochOf(base)
  showPart(x, base, fixed(x.shape, x.strides, offset))
}
