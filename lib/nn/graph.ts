// A model's structure as a graph: what flows from which module into which. Place in the whole: a tool over models; model-graph.ts is what
// it finds.
//
// The model is called once while gradients are recorded. The gradient graph tells what was computed from what; hooks tell when each module
// began and ended, and so to which of them a node belongs.
import { enableGrad } from '../autograd/mode.js'
import { GradNode, Port } from '../autograd/node.js'
import { known, whole } from '../check.js'
import { scope, visitTensors } from '../engine/lifetime.js'
import { ValueError } from '../errors.js'
import { isTensor } from '../ops/emit.js'
import { type DType, isFloating } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { type GraphEdge, type GraphGroup, type GraphNode, ModelGraph } from './model-graph.js'
import type { Module } from './module.js'
import { argumentsOf, type TrialInputs, undisturbed } from './trial.js'

export interface GraphOptions {
  /** Calls inside calls that are shown: those so far in are drawn as one box each, those around them as frames. Default 2. */
  readonly depth?: number
  /** Of inputs that are given as shapes. Default: that of the model's floating-point parameters. For indices 'i32'. */
  readonly dtype?: DType
}

/**
 * The graph of one call in eval mode; the model's modes and the random numbers that follow are as they were.
 *
 * Shown are modules, and between them operators other than those that only view a tensor in another way. What gradients do not flow
 * through is not seen: masks and other indices are not followed, except inputs that are given to a module; modules that hand on their
 * argument, as dropout does in eval mode, do not appear.
 *
 *     writeFileSync('resnet18.svg', modelGraph(resnet18(), [1, 3, 224, 224]).toSVG())
 *     modelGraph(bert, { shape: [1, 16], dtype: 'i32' }, { depth: 3 }).toDot()
 *
 * @throws ValueError for an unknown option, a depth that is no whole number, and for a model whose result depends on nothing that has
 *   gradients; and what the model throws
 */
export function modelGraph(model: Module, inputs: TrialInputs, options: GraphOptions = {}): ModelGraph {
  known('modelGraph', options, ['depth', 'dtype'])
  const { depth = 2, dtype } = options
  whole('modelGraph', { depth }, 0)
  const frozen = [...model.parameters()].filter((p) => isFloating(p.dtype) && !p.requiresGrad)
  try {
    for (const p of frozen) p.requiresGrad_(true)
    return scope(() => {
      const given = new Map<Tensor, string>()
      const args = argumentsOf('modelGraph', model, inputs, dtype).map((x, i) => watched(x, `input ${i}`, given))
      return enableGrad(() => undisturbed(model, () => new Trace(model, given, depth).run(args)))
    })
  } finally {
    for (const p of frozen) p.requiresGrad_(false)
  }
}

/** An argument whose tensors are known by name, and have gradients where they can. */
function watched(x: unknown, name: string, given: Map<Tensor, string>): unknown {
  if (isTensor(x)) {
    const own = isFloating(x.dtype) ? (x.detach().requiresGrad_() as Tensor) : x.detach()
    given.set(own, name)
    return own
  }
  if (Array.isArray(x)) return x.map((item, i) => watched(item, `${name}[${i}]`, given))
  if (typeof x !== 'object' || x === null || Object.getPrototypeOf(x) !== Object.prototype) return x
  return Object.fromEntries(Object.entries(x).map(([key, item]) => [key, watched(item, key, given)]))
}

/** A call of a module: the nodes with numbers between `first` and `last` were made in it. */
interface Call {
  readonly path: string
  readonly module: Module
  readonly parent: Call | null
  readonly depth: number
  readonly calls: Call[]
  readonly first: number
  last: number
  readonly takes: Tensor[]
  shape: Shape | null
}

/** Operators that give the same elements in another arrangement, or nothing new. */
const VIEWS: ReadonlySet<string> = new Set(
  'asStrided cast clone diagonal expand moduleHook permute reshape select slice squeeze to transpose unbind unsqueeze view'.split(
    ' ',
  ),
)

/** The number that a node made now would have. */
const now = (): number => new GradNode('mark', () => [], [], null).sequence

type Source = GradNode | Tensor

class Trace {
  readonly #model: Module
  readonly #given: ReadonlyMap<Tensor, string>
  readonly #depth: number
  readonly #root: Call[] = []
  readonly #nodes = new Map<string, GraphNode & { readonly order: number }>()
  readonly #groups = new Map<string, GraphGroup>()
  readonly #edges = new Map<string, GraphEdge>()
  readonly #ids = new Map<object, string>()
  readonly #shown = new Map<GradNode, string[]>()

  constructor(model: Module, given: ReadonlyMap<Tensor, string>, depth: number) {
    this.#model = model
    this.#given = given
    this.#depth = depth
  }

  run(args: readonly unknown[]): ModelGraph {
    const result = this.#call(args)
    const outputs: [string, Tensor][] = []
    nameOutputs(result, '', outputs)
    const ends = outputs.flatMap(([name, t]) => (t.requiresGrad ? [[name, t, t._node ?? t._leaf ?? t] as const] : []))
    if (ends.length === 0) {
      throw new ValueError(
        `modelGraph: nothing that ${this.#model.constructor.name} gives has gradients, by which it could be followed`,
      )
    }
    const order = nodesBehind(ends.flatMap(([, , end]) => (end instanceof GradNode ? [end] : [])))
    for (const node of order) this.#connect(node)
    this.#connectGiven(this.#root[0] as Call)
    for (const output of ends) {
      const [name, t, end] = output
      const id = this.#idOf(output, 'output')
      this.#nodes.set(id, { ...outside(id, 'output', name, t.shape), order: Number.MAX_SAFE_INTEGER })
      for (const from of this.#resultOf(end)) this.#join(from, id)
    }
    const nodes = [...this.#nodes.values()].sort((a, b) => a.order - b.order).map(({ order: _, ...node }) => node)
    return new ModelGraph(this.#model.constructor.name, nodes, [...this.#groups.values()], [...this.#edges.values()])
  }

  #call(args: readonly unknown[]): unknown {
    let open: Call | null = null
    const hooks = [...this.#model.namedModules()].flatMap(([path, module]) => [
      module.registerForwardPreHook((_, taken) => {
        const takes: Tensor[] = []
        visitTensors(
          taken.filter((x) => !isModuleLike(x)),
          (t) => takes.push(t),
        )
        const depth = open ? open.depth + 1 : 0
        const call: Call = { path, module, parent: open, depth, calls: [], first: now(), last: 0, takes, shape: null }
        ;(open ? open.calls : this.#root).push(call)
        open = call
      }),
      module.registerForwardHook((_, __, result) => {
        if (!open) return
        open.last = now()
        open.shape = isTensor(result) ? result.shape : null
        open = open.parent
      }),
    ])
    try {
      return this.#model.call(...(args as never))
    } finally {
      for (const hook of hooks) hook.remove()
    }
  }

  /** The innermost call in which a node was made, and the box that stands for it: null where it is one of its own. */
  #placeOf(node: GradNode): { inside: Call; box: Call | null } {
    let inside = this.#root[0] as Call
    for (;;) {
      if (this.#isBox(inside)) return { inside, box: inside }
      const next = inside.calls.find(({ first, last }) => first < node.sequence && node.sequence < last)
      if (!next) return { inside, box: null }
      inside = next
    }
  }

  #isBox(call: Call): boolean {
    return call.depth >= this.#depth || call.calls.length === 0
  }

  /** Puts a node into the picture, with edges from what it was computed from. */
  #connect(node: GradNode): void {
    const [id] = this.#boxOf(node)
    if (id === undefined) return
    for (const from of sourcesOf(node)) for (const source of this.#resultOf(from)) this.#join(source, id)
  }

  /** Ids of what is drawn for a result: of a mere view, and of one result of several, what is behind it. */
  #resultOf(source: Source): string[] {
    if (!(source instanceof GradNode)) {
      const name = this.#given.get(source)
      return name === undefined ? [] : [this.#input(source, name)]
    }
    const known = this.#shown.get(source)
    if (known) return known
    const own = this.#boxOf(source)
    const ids = own.length > 0 ? own : [...new Set(sourcesOf(source).flatMap((from) => this.#resultOf(from)))]
    this.#shown.set(source, ids)
    return ids
  }

  #boxOf(node: GradNode): string[] {
    const { inside, box } = this.#placeOf(node)
    if (box) return [this.#moduleBox(box)]
    if (VIEWS.has(node.op) || node instanceof Port) return []
    const id = this.#idOf(node, 'op')
    if (!this.#nodes.has(id)) {
      const shown = { ...outside(id, 'operator', node.op, null), group: this.#groupOf(inside) }
      this.#nodes.set(id, { ...shown, order: node.sequence })
    }
    return [id]
  }

  #moduleBox(call: Call): string {
    const id = this.#idOf(call, 'module')
    if (!this.#nodes.has(id)) {
      const { path, module, first, shape, parent } = call
      const parameters = [...module.parameters()].reduce((sum, p) => sum + p.numel, 0)
      const type = module.constructor.name
      const group = parent && this.#groupOf(parent)
      this.#nodes.set(id, { id, kind: 'module', name: path, type, shape, parameters, group, order: first })
    }
    return id
  }

  /** The frame of a call; the model itself has none. */
  #groupOf(call: Call): string | null {
    if (call.parent === null) return null
    const id = this.#idOf(call, 'group')
    if (!this.#groups.has(id)) {
      const group = this.#groupOf(call.parent)
      this.#groups.set(id, { id, name: call.path, type: call.module.constructor.name, group })
    }
    return id
  }

  #input(t: Tensor, name: string): string {
    const id = this.#idOf(t, 'input')
    if (!this.#nodes.has(id)) this.#nodes.set(id, { ...outside(id, 'input', name, t.shape), order: 0 })
    return id
  }

  /** Inputs without gradients: to the boxes of the modules that were given them. */
  #connectGiven(call: Call, box: Call | null = this.#isBox(call) ? call : null): void {
    const id = box && this.#idOf(box, 'module')
    if (id !== null && this.#nodes.has(id)) {
      for (const t of call.takes) {
        const name = this.#given.get(t)
        if (name !== undefined) this.#join(this.#input(t, name), id)
      }
    }
    for (const inner of call.calls) this.#connectGiven(inner, box ?? (this.#isBox(inner) ? inner : null))
  }

  #join(from: string, to: string): void {
    if (from !== to) this.#edges.set(`${from} ${to}`, { from, to })
  }

  #idOf(thing: object, kind: string): string {
    let id = this.#ids.get(thing)
    if (id === undefined) {
      id = `${kind}${this.#ids.size}`
      this.#ids.set(thing, id)
    }
    return id
  }
}

const outside = (id: string, kind: GraphNode['kind'], name: string, shape: Shape | null): GraphNode => ({
  id,
  kind,
  name,
  type: '',
  shape,
  parameters: 0,
  group: null,
})

const isModuleLike = (x: unknown): boolean =>
  typeof x === 'object' && x !== null && typeof (x as { ownedTensors?: unknown }).ownedTensors === 'function'

/** What a node was computed from. Backward hooks hand each of several tensors on as it is. */
function sourcesOf(node: GradNode): Source[] {
  const [of] = node.inputs
  const inputs =
    node instanceof Port && of instanceof GradNode && of.op === 'moduleHook' ? [of.inputs[node.result]] : node.inputs
  return inputs.filter((input) => input != null)
}

/** All nodes from which these were computed, earliest first. */
function nodesBehind(ends: readonly GradNode[]): GradNode[] {
  const seen = new Set<GradNode>(ends)
  const stack = [...seen]
  for (let node = stack.pop(); node; node = stack.pop()) {
    for (const input of node.inputs) {
      if (!(input instanceof GradNode) || seen.has(input)) continue
      seen.add(input)
      stack.push(input)
    }
  }
  return [...seen].sort((a, b) => a.sequence - b.sequence)
}

function nameOutputs(result: unknown, name: string, found: [string, Tensor][]): void {
  if (isTensor(result)) found.push([name || 'output', result])
  else if (Array.isArray(result))
    for (const [i, item] of result.entries()) nameOutputs(item, `${name || 'output'} ${i}`, found)
  else if (typeof result === 'object' && result !== null)
    for (const [key, item] of Object.entries(result))
      if (isTensor(item) || Array.isArray(item)) nameOutputs(item, key, found)
}
