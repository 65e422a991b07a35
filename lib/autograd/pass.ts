/**
 * One pass through the graph, from results to what they were computed from. Place in the whole: behind `backward` and `grad`;
 * visits nodes from the latest to the earliest, gives each its gradient once it is complete, and frees what it passes.
 */
import { collecting, startCollecting, stopCollecting } from '../engine/lifetime.js'
import { trackLoose } from '../engine/net.js'
import { profiling } from '../engine/profiling.js'
import { AutogradError } from '../errors.js'
import { type BatchingHooks, batching, levelsOf } from '../tensor/batched.js'
import type { Tensor } from '../tensor/tensor.js'
import { addInPlace, addTensors, contiguousCopy } from './accumulate.js'
import { anomaly } from './anomaly.js'
import { anyLeafHooks, applyHooks, leafHooks } from './hooks.js'
import { autocasting, gradMode } from './mode.js'
import { GradNode, type OwnResult } from './node.js'
import { PackedTensor } from './saved.js'

/** A result and its gradient, which the pass takes over. */
export interface Root {
  tensor: Tensor
  gradient: Tensor
}

/** Gradients wanted by the caller instead of by the leaves' `grad`. */
export class Capture {
  readonly nodes: Map<GradNode, number> = new Map()
  readonly leaves: Map<Tensor, number> = new Map()
  /** References owned by the capture, in the order of the tensors. */
  readonly grads: (Tensor | null)[] = []

  constructor(tensors: readonly Tensor[]) {
    tensors.forEach((t, i) => {
      this.grads.push(null)
      if (t._node !== null) this.nodes.set(t._node, i)
      else this.leaves.set(t._leaf ?? t, i)
    })
  }
}

interface HookedLeaf {
  /** Edges of this pass that may still bring something. */
  left: number
  pending: Tensor | null
}

let passes = 0

class Pass {
  readonly retain: boolean
  readonly capture: Capture | null
  readonly order: GradNode[]
  /** With a capture: nodes on a path to what is wanted. */
  readonly needed: Set<GradNode> | null
  readonly hooked: Map<Tensor, HookedLeaf> | null
  readonly made: Tensor[] = []

  constructor(roots: readonly Root[], retain: boolean, capture: Capture | null) {
    this.retain = retain
    this.capture = capture
    const order = reachable(roots)
    this.needed = capture ? neededFor(order, capture) : null
    // What lies behind what is wanted is no part of this pass, and may be of one under way, whose rule asked for this one.
    this.order = capture ? order.filter((node) => this.needed?.has(node) || capture.nodes.has(node)) : order
    this.hooked = capture === null && anyLeafHooks() ? hookedLeaves(this.order, roots) : null
  }

  run(roots: readonly Root[]): void {
    const { order } = this
    // The pass itself is a user of every node, until it has been there.
    for (const node of order) node.uses++
    let done = 0
    try {
      for (const root of roots) {
        const node = root.tensor._node
        if (this.needed !== null && node !== null && !this.needed.has(node) && !this.capture?.nodes.has(node))
          root.gradient.dispose()
        else if (node !== null) node.receive(root.gradient, 0, merge)
        else this.deliver(leafOf(root.tensor), root.gradient)
      }
      for (; done < order.length; done++) {
        const node = order[done] as GradNode
        const inputs = node.inputs
        this.visit(node)
        node.release()
        if (this.hooked !== null) this.passed(inputs)
      }
      // Leaves that are roots themselves have no node whose passing would tell that they are complete.
      if (this.hooked !== null) this.passed(roots.flatMap((r) => (r.tensor._node === null ? [leafOf(r.tensor)] : [])))
    } finally {
      // After an error: nothing pending may stay behind.
      for (; done < order.length; done++) {
        const node = order[done] as GradNode
        node.drop()
        node.release()
      }
      for (const t of this.made) {
        t._kept = false
        t.dispose()
      }
      if (this.hooked !== null) for (const leaf of this.hooked.values()) leaf.pending?.dispose()
    }
  }

  visit(node: GradNode): void {
    if (node.pending === null) return
    if (node.hooks !== null && node.hooks.length > 0) node.pending = applyHooks(node.hooks, node.pending)
    const g = node.pending
    if (this.capture !== null) {
      const wanted = this.capture.nodes.get(node)
      if (wanted !== undefined) this.capture.grads[wanted] = g._alias()
      if (!this.needed?.has(node)) {
        node.drop()
        return
      }
    }
    if (node.rule === null) {
      throw new AutogradError(
        `backward: the graph behind ${node.op} was freed by an earlier backward; pass {retainGraph: true} to that one to go through it twice`,
      )
    }
    const grads = this.apply(node, g)
    const { inputs } = node
    const { made } = this
    // Not before: after an error in the rule, `run` frees what is still pending.
    node.pending = null
    // Each receiver gets a reference of its own, the handle itself where nobody else needs it; all before any is delivered,
    // as a receiver may free what it got.
    for (let i = 0; i < made.length; i++) (made[i] as Tensor)._kept = true
    let handedOn = false
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
      if (!(to instanceof GradNode)) this.deliver(to, gi)
      else if (this.needed === null || this.needed.has(to) || this.capture?.nodes.has(to))
        to.receive(gi, node.result, merge)
      else gi.dispose()
    }
    if (!handedOn) g.dispose()
    node.free()
    for (let i = 0; i < made.length; i++) {
      const t = made[i] as Tensor
      if (t._kept) {
        t._kept = false
        t.dispose()
      }
    }
    made.length = 0
    if (!this.retain) {
      node.clear()
      for (const input of inputs) if (input instanceof GradNode) input.release()
    }
  }

  /** The node's rule, with its saved results in their places of the graph. */
  apply(node: GradNode, g: Tensor): (Tensor | null)[] {
    node.checkSaved()
    const outer = startCollecting(this.made)
    let { saved } = node
    let places: GradNode[] | null = null
    try {
      if (node.packed) saved = saved.map((t) => (t instanceof PackedTensor ? t.unpack() : t))
      if (gradMode.enabled && node.own.length > 0) {
        places = node.own.map((o) => node.port(o.result))
        for (let k = 0; k < places.length; k++)
          (saved[(node.own[k] as OwnResult).at] as Tensor)._place(places[k] as GradNode)
      }
      if (!anomaly.enabled) return node.apply(g, saved)
      const grads = anomaly.inRule(node, () => node.apply(g, saved))
      anomaly.checkGradients(node, grads)
      return grads
    } finally {
      stopCollecting(outer)
      if (places !== null) {
        for (const { at } of node.own) (saved[at] as Tensor)._place(null)
        for (const port of places) port.release()
      }
      if (node.packed) for (const [i, t] of saved.entries()) if (t !== node.saved[i]) t.dispose()
    }
  }

  /** Gives a leaf a gradient, which is taken over. */
  deliver(leaf: Tensor, g: Tensor): void {
    const { capture } = this
    if (capture !== null) {
      const wanted = capture.leaves.get(leaf)
      if (wanted === undefined) {
        g.dispose()
        return
      }
      const before = capture.grads[wanted]
      capture.grads[wanted] = before ? merge(before, g) : g
      return
    }
    if (batching.hooks !== null) g = settled(batching.hooks, g, leaf)
    const hooked = this.hooked?.get(leaf)
    if (hooked === undefined) accumulate(leaf, g)
    else hooked.pending = hooked.pending === null ? g : merge(hooked.pending, g)
  }

  /** A node with these inputs is behind the pass: hooked leaves among them that wait for nothing else get their gradient. */
  passed(inputs: readonly (GradNode | Tensor | null)[]): void {
    for (const input of inputs) {
      if (input === null || input instanceof GradNode) continue
      const state = this.hooked?.get(input)
      if (state === undefined || --state.left > 0) continue
      const { pending } = state
      if (pending === null) continue
      state.pending = null
      const hooks = leafHooks(input)
      accumulate(input, hooks ? applyHooks(hooks.gradient, pending) : pending)
      if (hooks) for (const hook of hooks.accumulated.slice()) hook(input)
    }
  }
}

/** Carries the roots' gradients to every leaf's `grad`, or, with a capture, to what it wants. */
export function runPass(roots: readonly Root[], retain: boolean, capture: Capture | null): void {
  const run = (): void => new Pass(roots, retain, capture).run(roots)
  // Rules compute in the dtypes of the forward pass.
  const { frame } = autocasting
  autocasting.frame = null
  try {
    if (profiling.session !== null) profiling.session.range('backward', 'backward', run)
    else run()
  } finally {
    autocasting.frame = frame
  }
}

/** A gradient (taken over) as a leaf's `grad` holds it: the sum over all samples that share the leaf. */
function settled(hooks: BatchingHooks, g: Tensor, leaf: Tensor): Tensor {
  const made: Tensor[] = []
  const sum = collecting(made, () => hooks.settle(g, levelsOf(leaf), true))
  if (sum !== g) g.dispose()
  for (const t of made) if (t !== sum) t.dispose()
  return sum
}

const leafOf = (t: Tensor): Tensor => t._leaf ?? t

function merge(a: Tensor, b: Tensor): Tensor {
  const made: Tensor[] = []
  const sum = collecting(made, () => addTensors(a, b))
  a.dispose()
  b.dispose()
  for (const t of made) if (t !== sum) t.dispose()
  return sum
}

/** Whether the batch dimensions of `a` are all those of `b`. */
const within = (a: Tensor, b: Tensor): boolean => levelsOf(a).every((l) => levelsOf(b).includes(l))

/** Adds a gradient (taken over) to a leaf. */
function accumulate(leaf: Tensor, g: Tensor): void {
  const before = leaf.grad
  if (before !== null && before._id !== 0) {
    const holds = batching.hooks === null || within(g, before)
    if (!before._requires && !g._requires && before._soleOwner() && before.isContiguous && holds) {
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
  if (!g._requires && (!g._soleOwner() || !g.isContiguous)) {
    const made: Tensor[] = []
    const copy = collecting(made, () => contiguousCopy(g))
    g.dispose()
    leaf.grad = copy
  } else leaf.grad = g
  trackLoose(leaf.grad)
}

/** All nodes that the roots were computed from, latest first. */
function reachable(roots: readonly Root[]): GradNode[] {
  const pass = ++passes
  const order: GradNode[] = []
  const stack: GradNode[] = []
  for (const { tensor } of roots) {
    const node = tensor._node
    if (node === null || node.pass === pass) continue
    node.pass = pass
    stack.push(node)
  }
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

/** Nodes with an input through which something wanted is reached. */
function neededFor(order: readonly GradNode[], capture: Capture): Set<GradNode> {
  const needed = new Set<GradNode>()
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i] as GradNode
    for (const input of node.inputs) {
      if (input === null) continue
      const wanted =
        input instanceof GradNode ? needed.has(input) || capture.nodes.has(input) : capture.leaves.has(input)
      if (!wanted) continue
      needed.add(node)
      break
    }
  }
  return needed
}

function hookedLeaves(order: readonly GradNode[], roots: readonly Root[]): Map<Tensor, HookedLeaf> {
  const found = new Map<Tensor, HookedLeaf>()
  const count = (leaf: Tensor): void => {
    if (leafHooks(leaf) === undefined) return
    const state = found.get(leaf)
    if (state) state.left++
    else found.set(leaf, { left: 1, pending: null })
  }
  for (const node of order)
    for (const input of node.inputs) if (input !== null && !(input instanceof GradNode)) count(input)
  for (const { tensor } of roots) if (tensor._node === null) count(leafOf(tensor))
  return found
}
