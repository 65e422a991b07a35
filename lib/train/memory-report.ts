// Where a training step's memory goes. Place in the whole: a tool over a model, its optimizer and a loss; docs/memory.md says what makes
// each part less.
import { inspect } from 'node:util'
import { savePlainly } from '../autograd/node.js'
import { withSaver } from '../autograd/saved.js'
import { known } from '../check.js'
import { align, amount } from '../columns.js'
import { engine } from '../engine/engine.js'
import { scope } from '../engine/lifetime.js'
import { ValueError } from '../errors.js'
import type { Module } from '../nn/module.js'
import { Buffer, Parameter } from '../nn/parameter.js'
import { isTensor } from '../ops/emit.js'
import { defaultGenerator } from '../ops/random.js'
import type { Optimizer } from '../optim/optimizer.js'
import type { Tensor } from '../tensor/tensor.js'

export interface MemoryReportOptions {
  /** Whose state counts: what it holds now, so after a first step. */
  readonly optimizer?: Optimizer<any>
  /** The forward pass of a training step, and its loss. It is run once, with its backward pass. */
  readonly loss?: () => Tensor
}

/** Bytes of one module's own fields, and of what was saved while it, and no module in it, ran. */
export interface ModuleMemory {
  /** '' for the model itself. A module that several places share has one row, under its first path. */
  readonly path: string
  readonly type: string
  readonly parameters: number
  readonly buffers: number
  readonly gradients: number
  readonly optimizerState: number
  readonly activations: number
}

const PARTS = ['parameters', 'buffers', 'gradients', 'optimizerState', 'activations'] as const
type Part = (typeof PARTS)[number]
const NAMES: Readonly<Record<Part, string>> = {
  parameters: 'parameters',
  buffers: 'buffers',
  gradients: 'gradients',
  optimizerState: 'optimizer state',
  activations: 'activations',
}

/** All sizes in bytes; a tensor that several places share counts once. Its JSON is these fields. */
export class MemoryReport {
  readonly parameters: number
  readonly buffers: number
  /** With `loss` after its backward pass, else those that there are. */
  readonly gradients: number
  readonly optimizerState: number
  /** What operators saved for the backward pass, beside parameters and buffers; 0 without `loss`. */
  readonly activations: number
  /** The most that was in use beyond what was before, in the forward and in the backward pass; null without `loss`. */
  readonly forwardPeak: number | null
  readonly backwardPeak: number | null
  /** Of the whole process: in tensors, and kept by the allocator to be used again. */
  readonly live: number
  readonly cached: number
  readonly modules: readonly ModuleMemory[]

  constructor(
    modules: readonly ModuleMemory[],
    rest: Pick<MemoryReport, 'forwardPeak' | 'backwardPeak' | 'live' | 'cached'>,
  ) {
    const total = (part: Part): number => modules.reduce((sum, row) => sum + row[part], 0)
    this.parameters = total('parameters')
    this.buffers = total('buffers')
    this.gradients = total('gradients')
    this.optimizerState = total('optimizerState')
    this.activations = total('activations')
    this.forwardPeak = rest.forwardPeak
    this.backwardPeak = rest.backwardPeak
    this.live = rest.live
    this.cached = rest.cached
    this.modules = modules
  }

  /** Modules that hold something, the largest first, and the sums. */
  toString(): string {
    const size = (bytes: number): string => (bytes === 0 ? '' : amount(bytes, 'B'))
    const sum = (row: ModuleMemory): number => PARTS.reduce((bytes, part) => bytes + row[part], 0)
    const rows = this.modules
      .filter((row) => sum(row) > 0)
      .sort((a, b) => sum(b) - sum(a))
      .map((row) => [row.path, row.type, ...PARTS.map((part) => size(row[part])), size(sum(row))])
    const all = [
      '',
      'all',
      ...PARTS.map((part) => size(this[part])),
      size(PARTS.reduce((n, part) => n + this[part], 0)),
    ]
    const header = ['path', 'class', ...PARTS.map((part) => NAMES[part]), 'sum']
    const peaks = [
      ...(this.forwardPeak === null ? [] : [`forward pass   ${amount(this.forwardPeak, 'B')} at most`]),
      ...(this.backwardPeak === null ? [] : [`backward pass  ${amount(this.backwardPeak, 'B')} at most`]),
      `process        ${amount(this.live, 'B')} in tensors, ${amount(this.cached, 'B')} kept for reuse`,
    ]
    return [...align([header, ...rows, all], (i) => i < 2), '', ...peaks].join('\n')
  }
}

// console.log shows the table.
Object.defineProperty(MemoryReport.prototype, inspect.custom, {
  value(this: MemoryReport): string {
    return this.toString()
  },
})

/**
 * Where memory goes, by module: parameters, buffers, gradients, optimizer state, and with `loss` what is saved for the backward pass and
 * the peaks of both passes. `loss` is really run: running statistics of norms move, while gradients and the random numbers that follow are
 * as they were. Waits for the device.
 *
 *     console.log(await memoryReport(model, { optimizer, loss: () => crossEntropy(model.call(x), y) }))
 *
 * What an operator saves of a larger tensor counts with the size of what was saved. Inside `checkpoint` nothing is saved but its inputs.
 *
 * @throws ValueError for an unknown option, and where `loss` gives something else than a tensor; and what it throws
 */
export async function memoryReport(model: Module, options: MemoryReportOptions = {}): Promise<MemoryReport> {
  known('memoryReport', options, ['optimizer', 'loss'])
  const { optimizer, loss } = options
  const modules = [...model.namedModules()]
  const saved = new Map<Module, number>()
  const before = new Map([...model.parameters()].map((p) => [p, p.grad]))
  let [forwardPeak, backwardPeak]: (number | null)[] = [null, null]
  if (loss !== undefined) {
    const random = defaultGenerator.state
    for (const p of before.keys()) p.grad = null
    try {
      ;({ forwardPeak, backwardPeak } = await passes(model, loss, saved))
    } catch (error) {
      putBack(before)
      throw error
    } finally {
      defaultGenerator.state = random
    }
  }
  const state = optimizer === undefined ? new Map<Tensor, readonly Tensor[]>() : stateOf(optimizer)
  const seen = new Set<Tensor>()
  const bytes = (tensors: Iterable<Tensor | null>): number => {
    let sum = 0
    for (const t of tensors) {
      if (t === null || seen.has(t)) continue
      seen.add(t)
      sum += t.nbytes
    }
    return sum
  }
  const rows = modules.map(([path, module]): ModuleMemory => {
    const fields = [...module._fields()].map(([, value]) => value)
    const parameters = fields.filter((value): value is Parameter => value instanceof Parameter)
    return {
      path,
      type: module.constructor.name,
      parameters: bytes(parameters),
      buffers: bytes(fields.filter((value): value is Buffer => value instanceof Buffer)),
      gradients: bytes(parameters.map((p) => p.grad)),
      optimizerState: bytes(parameters.flatMap((p) => state.get(p) ?? [])),
      activations: saved.get(module) ?? 0,
    }
  })
  if (loss !== undefined) putBack(before)
  const { live, cached } = engine.memory()
  return new MemoryReport(rows, { forwardPeak, backwardPeak, live, cached })
}

/** Gradients as they were; those of the report's own pass are freed. */
function putBack(before: ReadonlyMap<Tensor, Tensor | null>): void {
  for (const [p, grad] of before) {
    if (p.grad !== grad) p.grad?.dispose()
    p.grad = grad
  }
}

/** Both passes, and into `saved` the bytes that each module's own operators saved. */
async function passes(
  model: Module,
  loss: () => Tensor,
  saved: Map<Module, number>,
): Promise<{ forwardPeak: number; backwardPeak: number }> {
  const place = (t: Tensor): number => (t._base !== 0 ? t._base : t._id)
  const held = new Set([...model.parameters(), ...model.buffers()].map(place))
  const largest = new Map<number, number>()
  const running: Module[] = [model]
  const note = (t: Tensor): void => {
    const at = place(t)
    if (held.has(at)) return
    const known = largest.get(at) ?? 0
    if (t.nbytes <= known) return
    largest.set(at, t.nbytes)
    const module = running.at(-1) as Module
    saved.set(module, (saved.get(module) ?? 0) + t.nbytes - known)
  }
  const hooks = [...model.modules()].flatMap((module) => [
    module.registerForwardPreHook(() => {
      running.push(module)
    }),
    module.registerForwardHook(() => {
      running.pop()
    }),
  ])
  await engine.sync()
  const start = engine.memory().live
  const peak = async (): Promise<number> => {
    await engine.sync()
    return engine.memory().peak - start
  }
  const keep = (t: Tensor): Tensor => {
    note(t)
    return savePlainly(t)
  }
  let value: Tensor | undefined
  try {
    engine.resetPeak()
    value = scope(() => withSaver(keep, loss))
    if (!isTensor(value)) throw new ValueError(`memoryReport: loss gave ${typeof value}, expected a tensor`)
    const forwardPeak = await peak()
    engine.resetPeak()
    value.backward()
    return { forwardPeak, backwardPeak: await peak() }
  } finally {
    for (const hook of hooks) hook.remove()
    if (isTensor(value)) value.dispose()
  }
}

/** The tensors that an optimizer keeps of each parameter. */
function stateOf(optimizer: Optimizer<any>): Map<Tensor, readonly Tensor[]> {
  const { state } = optimizer.stateDict()
  const parameters: readonly Tensor[] = optimizer.paramGroups.flatMap((group) => group.params as readonly Tensor[])
  return new Map(
    parameters.map((p, i) => [p, Object.values(state[i] ?? {}).filter((value): value is Tensor => isTensor(value))]),
  )
}
