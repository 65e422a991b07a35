/**
 * The backward pass. Place in the whole: behind Tensor.backward; visits nodes from the latest to the earliest, gives each its
 * gradient once it is complete, and frees what it passes.
 */

import { collecting, startCollecting, stopCollecting } from '../engine/lifetime.js'
import { trackLoose } from '../engine/net.js'
import { AutogradError, ShapeError } from '../errors.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { addInPlace, addTensors, contiguousCopy, onesLike } from './accumulate.js'
import { gradMode, withGradMode } from './mode.js'
import { GradNode } from './node.js'

export interface BackwardOptions {
  /** Gradient of the result; needed when it has more than one element. Same shape. */
  gradient?: Tensor
  /** Keep the graph for another backward. Default: `createGraph`. */
  retainGraph?: boolean
  /** Record the backward pass itself, for higher derivatives. */
  createGraph?: boolean
}

let passes = 0

/** Accumulates gradients of `root` into the `grad` of every leaf it was computed from. */
export function backward(root: Tensor, options: BackwardOptions = {}): void {
  if (!root.requiresGrad) {
    throw new AutogradError('backward: the tensor does not require gradients and was not computed from one that does')
  }
  const { gradient } = options
  if (!gradient && root.numel !== 1) {
    throw new AutogradError(
      `backward: the tensor has shape ${show(root.shape)}; pass {gradient}, or reduce it to one number`,
    )
  }
  if (gradient && !sameShape(gradient.shape, root.shape)) {
    throw new ShapeError(`backward: gradient ${show(gradient.shape)} for a tensor ${show(root.shape)}`)
  }
  const createGraph = options.createGraph ?? false
  const retain = options.retainGraph ?? createGraph
  withGradMode(createGraph, () => {
    const made: Tensor[] = []
    const first = gradient ? gradient._alias() : collecting(made, () => onesLike(root))
    run(root, first, retain)
  })
}

function run(root: Tensor, first: Tensor, retain: boolean): void {
  if (root._node === null) {
    accumulate(root, first)
    return
  }
  const order = reachable(root._node)
  // The pass itself is a user of every node, until it has been there.
  for (const node of order) node.uses++
  root._node.pending = first
  const made: Tensor[] = []
  let done = 0
  try {
    for (; done < order.length; done++) {
      const node = order[done] as GradNode
      visit(node, made, retain)
      node.release()
    }
  } finally {
    // After an error: nothing pending may stay behind.
    for (; done < order.length; done++) {
      const node = order[done] as GradNode
      node.drop()
      node.release()
    }
    for (const t of made) {
      t._kept = false
      t.dispose()
    }
  }
}

function visit(node: GradNode, made: Tensor[], retain: boolean): void {
  const g = node.pending
  if (g === null) return
  if (node.rule === null) {
    throw new AutogradError(
      `backward: the graph behind ${node.op} was freed by an earlier backward; pass {retainGraph: true} to that one to go through it twice`,
    )
  }
  node.checkSaved()
  const places = gradMode.enabled && node.own.length > 0 ? node.own.map((o) => node.port(o.result)) : null
  if (places !== null) node.own.forEach((o, k) => (node.saved[o.at] as Tensor)._place(places[k] as GradNode))
  const outer = startCollecting(made)
  let grads: (Tensor | null)[]
  try {
    grads = node.apply(g)
  } finally {
    stopCollecting(outer)
    if (places !== null) {
      for (const { at } of node.own) (node.saved[at] as Tensor)._place(null)
      for (const port of places) port.release()
    }
  }
  // Not before: after an error in the rule, `run` frees what is still pending.
  node.pending = null
  // Each receiver gets a reference of its own, the handle itself where nobody else needs it; all before any is delivered,
  // as a receiver may free what it got.
  for (let i = 0; i < made.length; i++) (made[i] as Tensor)._kept = true
  let handedOn = false
  const inputs = node.inputs
  for (let i = 0; i < inputs.length; i++) {
    const gi = grads[i]
    if (!gi || !inputs[i]) continue
    if (gi === g && !handedOn) handedOn = true
    else if (gi._kept) gi._kept = false
    else grads[i] = gi._alias()
  }
  for (let i = 0; i < inputs.length; i++) {
    const to = inputs[i]
    const gi = grads[i]
    if (!to || !gi) continue
    if (to instanceof GradNode) to.receive(gi, node.result, merge)
    else accumulate(to, gi)
  }
  if (!handedOn) g.dispose()
  if (node.spent.length > 0) {
    for (const t of node.spent) t.dispose()
    node.spent = []
  }
  for (let i = 0; i < made.length; i++) {
    const t = made[i] as Tensor
    if (t._kept) {
      t._kept = false
      t.dispose()
    }
  }
  made.length = 0
  if (!retain) {
    node.clear()
    for (const input of inputs) if (input instanceof GradNode) input.release()
  }
}

function merge(a: Tensor, b: Tensor): Tensor {
  const made: Tensor[] = []
  const sum = collecting(made, () => addTensors(a, b))
  a.dispose()
  b.dispose()
  for (const t of made) if (t !== sum) t.dispose()
  return sum
}

/** Adds a gradient (taken over) to a leaf. */
function accumulate(leaf: Tensor, g: Tensor): void {
  const before = leaf.grad
  if (before !== null && before._id !== 0) {
    if (!before.requiresGrad && !g.requiresGrad && before._soleOwner()) {
      addInPlace(before, g)
      g.dispose()
      return
    }
    const made: Tensor[] = []
    leaf.grad = collecting(made, () => addTensors(before, g))
    g.dispose()
    trackLoose(leaf.grad)
    return
  }
  // A gradient is the leaf's own storage: clipping one in place must not change another.
  if (!g.requiresGrad && (!g._soleOwner() || !g.isContiguous)) {
    const made: Tensor[] = []
    const copy = collecting(made, () => contiguousCopy(g))
    g.dispose()
    leaf.grad = copy
  } else leaf.grad = g
  trackLoose(leaf.grad)
}

/** All nodes that `root` was computed from, latest first. */
function reachable(root: GradNode): GradNode[] {
  const pass = ++passes
  const order: GradNode[] = []
  const stack: GradNode[] = [root]
  root.pass = pass
  let sorted = true
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (order.length > 0 && (order[order.length - 1] as GradNode).sequence < node.sequence) sorted = false
    order.push(node)
    for (const input of node.inputs) {
      if (input instanceof GradNode && input.pass !== pass) {
        input.pass = pass
        stack.push(input)
      }
    }
  }
  return sorted ? order : order.sort((a, b) => b.sequence - a.sequence)
}
