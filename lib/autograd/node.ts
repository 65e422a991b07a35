/**
 * The gradient graph. Place in the whole: an operator that takes part in differentiation attaches one node to its result;
 * backward.ts walks the nodes.
 *
 * A node counts who may still need it: its result's handle and the nodes that consume its result. At zero it releases what
 * it saved and lets go of its producers, iteratively, so that a forward without backward leaves memory flat and a chain of
 * any length does not overflow the stack.
 */

import { regroup } from '../engine/net.js'
import { AutogradError } from '../errors.js'
import type { Tensor } from '../tensor/tensor.js'
import { gradMode } from './mode.js'

/**
 * The gradient rule of one operator: gradients of the inputs from that of the result, null where an input needs none. It must
 * not capture tensors: what it needs of them comes in `saved`. It may return `g` itself, and the array becomes the engine's.
 */
export type GradRule = (g: Tensor, saved: readonly Tensor[]) => (Tensor | null)[]

const NOTHING: readonly Tensor[] = []
let sequence = 0

export class GradNode {
  /** Later operators have higher numbers: descending order is a topological order. */
  readonly sequence: number = ++sequence
  readonly op: string
  rule: GradRule | null
  /** Producer of each input: a node, a leaf that wants its gradient, or null. */
  inputs: readonly (GradNode | Tensor | null)[]
  saved: readonly Tensor[]
  /** Result handle (1) and consuming nodes. */
  uses = 1
  /** Gradient arriving during a backward pass. */
  pending: Tensor | null = null
  /** Backward pass that has visited this node. */
  pass = 0
  /** Which saved tensor is this node's own result, or -1. It gets its place in the graph only while a rule is recorded. */
  ownResult = -1

  constructor(
    op: string,
    rule: GradRule,
    inputs: readonly (GradNode | Tensor | null)[],
    saved: readonly Tensor[] | null,
  ) {
    this.op = op
    this.rule = rule
    this.inputs = inputs
    this.saved = saved ?? NOTHING
  }

  /** @throws AutogradError when a saved operand was changed in place since the forward pass. */
  checkSaved(): void {
    for (let i = 0; i < this.saved.length; i++) {
      const t = this.saved[i] as Tensor
      if (t._version() !== t._savedVersion) {
        throw new AutogradError(
          `backward: a tensor that the gradient of ${this.op} needs was modified in place after the forward pass; modify a copy, or modify it after backward`,
        )
      }
    }
  }

  /** One use less; the last one frees the node and whatever only it kept. */
  release(): void {
    if (--this.uses > 0) return
    const work: GradNode[] = [this]
    for (let node = work.pop(); node; node = work.pop()) {
      const inputs = node.inputs
      node.clear()
      for (const input of inputs) if (input instanceof GradNode && --input.uses === 0) work.push(input)
    }
  }

  /** Frees what was saved. Producers lose this consumer through `release` or, during backward, `detach`. */
  clear(): void {
    for (const t of this.saved) t.dispose()
    this.saved = NOTHING
    this.rule = null
    this.inputs = []
    if (this.pending) {
      this.pending.dispose()
      this.pending = null
    }
  }
}

/** True when an operator with these inputs must record. */
export function needsGrad(a: Tensor, b?: Tensor | null, c?: Tensor | null): boolean {
  return gradMode.enabled && (a.requiresGrad || b?.requiresGrad === true || c?.requiresGrad === true)
}

/**
 * Attaches a gradient rule to `out`.
 *
 * @param inputs the operator's inputs, in the order of the rule's results; the array becomes the node's
 * @param saved references made with `save`, given to the rule
 */
export function record(
  op: string,
  out: Tensor,
  inputs: (Tensor | null | undefined)[],
  saved: readonly Tensor[] | null,
  rule: GradRule,
): void {
  const edges = inputs as (GradNode | Tensor | null)[]
  for (let i = 0; i < inputs.length; i++) {
    const t = inputs[i]
    if (!t?.requiresGrad) edges[i] = null
    else if (t._node !== null) {
      t._node.uses++
      edges[i] = t._node
    } else edges[i] = t._leaf ?? t
  }
  const node = new GradNode(op, rule, edges, saved)
  if (saved !== null)
    for (let i = 0; i < saved.length; i++) if ((saved[i] as Tensor)._id === out._id) node.ownResult = i
  out._node = node
  out.requiresGrad = true
  if (out._key !== 0) regroup(out)
}

/** A reference to a tensor's storage for the gradient rule, independent of the handle. */
export function save(t: Tensor): Tensor {
  const saved = t._alias()
  saved._savedVersion = saved._version()
  return saved
}
