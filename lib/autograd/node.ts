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
import { type BatchingHooks, batching, type Level, levelsOf, unionOf } from '../tensor/batched.js'
import { isComplex, isFloating } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { anomaly } from './anomaly.js'
import type { GradHook } from './hooks.js'
import { gradMode } from './mode.js'
import { PackedTensor, saver } from './saved.js'

/**
 * The gradient rule of one operator: gradients of the inputs from that of the result, null where an input needs none. It must
 * not capture tensors: what it needs of them comes in `saved`. It may return `g` itself, and the array becomes the engine's.
 */
export type GradRule = (g: Tensor, saved: readonly Tensor[]) => (Tensor | null)[]

/** The same for an operator with several results: a gradient for each, null for those that none reached (at least one did). */
export type GradRuleMany = (gs: readonly (Tensor | null)[], saved: readonly Tensor[]) => (Tensor | null)[]

const NOTHING: readonly Tensor[] = []
const NO_RESULTS: readonly OwnResult[] = []
let sequence = 0

/** saved[at] is result number `result`. */
export interface OwnResult {
  readonly at: number
  readonly result: number
}

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
  /** Set by checkSaved: hooks packed something of what is saved. */
  packed = false
  /** What users hung on the result's gradient. */
  hooks: GradHook[] | null = null
  /** On a port: which result of its node it stands for. */
  result = 0
  /** Backward pass that has visited this node. */
  pass = 0
  /** Which saved tensors are this node's own results. They get their places in the graph only while a rule is recorded. */
  own: readonly OwnResult[] = NO_RESULTS

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
      if (t._id === 0 && t instanceof PackedTensor) this.packed = true
      else if (t._version() !== t._savedVersion) {
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

  /** Takes over a gradient that arrived for the node's result (of several results: for number `result`). */
  receive(g: Tensor, _result: number, merge: (a: Tensor, b: Tensor) => Tensor): void {
    this.pending = this.pending === null ? g : merge(this.pending, g)
  }

  /** The gradients of the inputs from what has arrived. */
  apply(g: Tensor, saved: readonly Tensor[]): (Tensor | null)[] {
    return (this.rule as GradRule)(g, saved)
  }

  /** Frees what `apply` used up beside `g`. */
  free(): void {}

  /** Result `result` as an edge of the graph. */
  port(_result: number): GradNode {
    this.uses++
    return this
  }

  /** Frees what was saved. Producers lose this consumer through `release` or, during backward, `detach`. */
  clear(): void {
    for (const t of this.saved) t.dispose()
    this.saved = NOTHING
    this.rule = null
    this.inputs = []
    this.drop()
  }

  /** Frees what has arrived. */
  drop(): void {
    this.pending?.dispose()
    this.pending = null
  }
}

/**
 * The node of an operator with several results. Each result hangs on a Port, which hands its gradient on; the ports are later
 * in the order, so that all gradients have arrived when the node itself is visited.
 */
class ManyNode extends GradNode {
  /** Gradients by result; `pending` is one of them, so that the pass sees that something arrived. */
  arrived: (Tensor | null)[]
  readonly many: GradRuleMany
  #spent: readonly Tensor[] = NOTHING

  constructor(
    op: string,
    rule: GradRuleMany,
    results: number,
    inputs: readonly (GradNode | Tensor | null)[],
    saved: readonly Tensor[] | null,
  ) {
    super(op, () => [], inputs, saved)
    this.many = rule
    this.arrived = new Array<Tensor | null>(results).fill(null)
  }

  override receive(g: Tensor, result: number, merge: (a: Tensor, b: Tensor) => Tensor): void {
    const before = this.arrived[result] as Tensor | null
    const sum = before === null ? g : merge(before, g)
    this.arrived[result] = sum
    if (this.pending === null || this.pending === before) this.pending = sum
  }

  override apply(_g: Tensor, saved: readonly Tensor[]): (Tensor | null)[] {
    const gs = this.arrived
    const grads = this.many(gs, saved)
    const { pending } = this
    this.#spent = gs.filter((g): g is Tensor => g !== null && g !== pending)
    this.arrived = new Array<Tensor | null>(gs.length).fill(null)
    return grads
  }

  override free(): void {
    for (const g of this.#spent) g.dispose()
    this.#spent = NOTHING
  }

  override port(result: number): GradNode {
    this.uses++
    const port = new Port(this.op, this, result)
    port.uses = 1
    return port
  }

  override drop(): void {
    const { pending } = this
    for (const g of this.arrived) if (g !== null && g !== pending) g.dispose()
    this.arrived.fill(null)
    super.drop()
  }
}

const handOn: GradRule = (g) => [g]

/** Stands for one result of a ManyNode. */
export class Port extends GradNode {
  constructor(op: string, of: ManyNode, result: number) {
    super(op, handOn, [of], null)
    this.result = result
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
  const edges = batching.hooks === null ? edgesOf(inputs) : edgesFrom(inputs, [out])
  const node = new GradNode(op, rule, edges, saved)
  if (saved !== null)
    for (let i = 0; i < saved.length; i++) if (isResult(saved[i] as Tensor, out)) node.own = [{ at: i, result: 0 }]
  attach(out, node)
}

/**
 * Attaches a gradient rule to several results of one operator; those of integer dtype are left alone.
 *
 * @param rule gets a gradient for each of `outs`, null for those that none reached
 */
export function recordMany(
  op: string,
  outs: readonly Tensor[],
  inputs: (Tensor | null | undefined)[],
  saved: readonly Tensor[] | null,
  rule: GradRuleMany,
): void {
  const edges = batching.hooks === null ? edgesOf(inputs) : edgesFrom(inputs, outs)
  const node = new ManyNode(op, rule, outs.length, edges, saved)
  const own: OwnResult[] = []
  outs.forEach((out, result) => {
    if (!isFloating(out.dtype) && !isComplex(out.dtype)) return
    saved?.forEach((t, at) => {
      if (isResult(t, out)) own.push({ at, result })
    })
    attach(out, node.port(result))
  })
  node.own = own
  // Only the ports hold it.
  node.release()
}

/** x takes y's place in the graph, and lets go of its own: after a write in place. */
export function succeed(x: Tensor, y: Tensor): void {
  const before = x._node
  x._node = y._node
  x.requiresGrad = y.requiresGrad
  y._node = null
  y.requiresGrad = false
  before?.release()
  if (x._key !== 0) regroup(x)
}

/** `record` for a tensor that has a place in the graph already, which it may be computed from. */
export function recordAnew(op: string, x: Tensor, inputs: (Tensor | null)[], rule: GradRule): void {
  const before = x._node
  record(op, x, inputs, null, rule)
  before?.release()
}

/** x leaves the graph that made it. */
export function leave(x: Tensor): void {
  const before = x._node
  x._node = null
  x.requiresGrad = false
  before?.release()
  if (x._key !== 0) regroup(x)
}

/** What hooks packed has no id of its own: cheaper to ask than its class, in a place that every recorded operator passes. */
const isResult = (saved: Tensor, out: Tensor): boolean =>
  (saved._id === 0 ? (saved as PackedTensor).origin : saved._id) === out._id

function attach(out: Tensor, node: GradNode): void {
  if (anomaly.enabled) anomaly.noteSite(node)
  out._node = node
  out._requires = true
  if (out._key !== 0) regroup(out)
}

/**
 * On the edge from a batch to what its samples share: once the levels' functions have returned, its gradient is the samples'
 * sum; inside, it is each sample's own.
 */
function shareEdge(edge: GradNode | Tensor, own: readonly Level[]): GradNode {
  return new GradNode('vmap', (g) => [(batching.hooks as BatchingHooks).settle(g, own, false)], [edge], null)
}

/** Where the gradients of `inputs` go; the array becomes the edges. */
function edgesOf(inputs: (Tensor | null | undefined)[]): (GradNode | Tensor | null)[] {
  const edges = inputs as (GradNode | Tensor | null)[]
  for (let i = 0; i < inputs.length; i++) {
    const t = inputs[i]
    if (!t?.requiresGrad) edges[i] = null
    else if (t._node !== null) {
      t._node.uses++
      edges[i] = t._node
    } else edges[i] = t._leaf ?? t
  }
  return edges
}

/** `edgesOf` for results that may be batches of what some inputs are not. */
function edgesFrom(inputs: (Tensor | null | undefined)[], outs: readonly Tensor[]): (GradNode | Tensor | null)[] {
  const all = unionOf(outs.map(levelsOf))
  const own = inputs.map(levelsOf)
  return edgesOf(inputs).map((edge, i) => {
    const levels = own[i] as readonly Level[]
    return edge !== null && all.some((l) => !levels.includes(l)) ? shareEdge(edge, levels) : edge
  })
}

/** A reference to a tensor's storage for the gradient rule, independent of the handle. */
export function save(t: Tensor): Tensor {
  const other = saver()
  return other !== undefined ? other(t) : savePlainly(t)
}

/** As operators save where nobody else does it for them. */
export function savePlainly(t: Tensor): Tensor {
  const saved = t._alias()
  saved._savedVersion = saved._version()
  return saved
}
