// What a model is made of and what it costs. Place in the whole: a tool over models, and the only file of lib/nn that knows lib/profile,
// which counts.
import { inspect } from 'node:util'
import { noGrad } from '../autograd/mode.js'
import { known } from '../check.js'
import { align, amount } from '../columns.js'
import { scope } from '../engine/lifetime.js'
import { ValueError } from '../errors.js'
import { isTensor } from '../ops/emit.js'
import { profile } from '../profile/profile.js'
import { BYTES, type DType } from '../tensor/dtype.js'
import { numelOf, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Module } from './module.js'
import { Buffer, Parameter } from './parameter.js'
import { argumentsOf, type TrialInputs, undisturbed } from './trial.js'

/** What a module took or gave: tensors as their shape and dtype, what else there was as null, in the arrays and objects they came in. */
export type Structure =
  | { readonly shape: Shape; readonly dtype: DType }
  | null
  | readonly Structure[]
  | { readonly [name: string]: Structure }

export interface SummaryRow {
  /** '' for the model itself. A module that several places share has one row, under its first path. */
  readonly path: string
  readonly type: string
  /** Names in the path. */
  readonly depth: number
  /** Calls in the model's one; 0 for what was not called, or whose work a method other than `call` did. */
  readonly calls: number
  /** Arguments of the first call. */
  readonly input: Structure
  readonly output: Structure
  /** Elements of all parameters in it, each once. */
  readonly parameters: number
  /** Of those in its own fields. */
  readonly ownParameters: number
  /** Of those that are not frozen. */
  readonly trainableParameters: number
  readonly parameterBytes: number
  /** In all its calls: two for each multiply-add of products, convolutions, attention and recurrences; the rest has no count. */
  readonly flops: number
  /** Of all that its operators wrote, in all its calls: about what training keeps for backward. */
  readonly activationBytes: number
}

export type SummaryColumn =
  | 'input'
  | 'output'
  | 'parameters'
  | 'own'
  | 'trainable'
  | 'memory'
  | 'calls'
  | 'flops'
  | 'activations'

const COLUMNS: Readonly<Record<SummaryColumn, (row: SummaryRow) => string>> = {
  input: (row: SummaryRow): string => describe(row.input),
  output: (row: SummaryRow): string => describe(row.output),
  parameters: (row: SummaryRow): string => count(row.parameters),
  own: (row: SummaryRow): string => count(row.ownParameters),
  trainable: (row: SummaryRow): string => count(row.trainableParameters),
  memory: (row: SummaryRow): string => (row.parameterBytes > 0 ? amount(row.parameterBytes, 'B') : ''),
  calls: (row: SummaryRow): string => count(row.calls),
  flops: (row: SummaryRow): string => (row.flops > 0 ? amount(row.flops, '') : ''),
  activations: (row: SummaryRow): string => (row.activationBytes > 0 ? amount(row.activationBytes, 'B') : ''),
}

/** Columns that need a call of the model. */
const OF_CALLS: readonly SummaryColumn[] = ['input', 'output', 'calls', 'flops', 'activations']

export interface SummaryTableOptions {
  /** Modules further in than so many names have no line. Default 3. */
  readonly depth?: number
  /** Beside path and class. Default: input, output, parameters, flops, activations, of which without inputs parameters alone. */
  readonly columns?: readonly SummaryColumn[]
}

export interface SummaryOptions extends SummaryTableOptions {
  /** Of inputs that are given as shapes. Default: that of the model's floating-point parameters. For indices 'i32'. */
  readonly dtype?: DType
}

/** The figures of a model; as text a table. */
export class ModelSummary {
  /** The model and every module in it, outer ones first. */
  readonly rows: readonly SummaryRow[]
  /** Elements of all parameters, each once. */
  readonly parameters: number
  readonly trainableParameters: number
  readonly parameterBytes: number
  readonly bufferBytes: number
  /** Of what else modules hold: packed and quantized weights, caches. */
  readonly otherBytes: number
  /** Of one call; null where the model was not called. See SummaryRow. */
  readonly flops: number | null
  readonly activationBytes: number | null
  /** Names of parameters that are others: [name, first name]. */
  readonly tied: readonly (readonly [string, string])[]
  readonly #options: SummaryTableOptions

  /** @internal */
  constructor(model: Module, rows: readonly SummaryRow[], called: boolean, options: SummaryTableOptions) {
    const [root] = rows as [SummaryRow]
    this.rows = rows
    this.parameters = root.parameters
    this.trainableParameters = root.trainableParameters
    this.parameterBytes = root.parameterBytes
    const rest = [...new Set(model.ownedTensors())].filter((t) => !(t instanceof Parameter))
    const [buffers, others] = [[] as Tensor[], [] as Tensor[]]
    for (const t of rest) (t instanceof Buffer ? buffers : others).push(t)
    this.bufferBytes = bytesOf(buffers)
    this.otherBytes = bytesOf(others)
    this.flops = called ? root.flops : null
    this.activationBytes = called ? root.activationBytes : null
    this.tied = tiedNames(model)
    this.#options = options
  }

  /** The rows down to a depth, and the totals. */
  table(options: SummaryTableOptions = {}): string {
    known('ModelSummary.table', options, ['depth', 'columns'])
    const { depth = 3, columns } = { ...this.#options, ...options }
    const usual: readonly SummaryColumn[] = ['input', 'output', 'parameters', 'flops', 'activations']
    const shown = columns ?? usual.filter((column) => this.flops !== null || !OF_CALLS.includes(column))
    const names = Object.keys(COLUMNS)
    for (const column of shown) {
      if (!names.includes(column))
        throw new ValueError(`summary: no such column: '${String(column)}'; there are ${names.join(', ')}`)
    }
    const cells = this.rows
      .filter((row) => row.depth <= depth)
      .map((row) => [row.path, row.type, ...shown.map((column) => COLUMNS[column](row))])
    const texts = ['path', 'class', 'input', 'output']
    const header = ['path', 'class', ...shown]
    return [...align([header, ...cells], (i) => texts.includes(header[i] as string)), '', ...this.#totals()].join('\n')
  }

  *#totals(): Generator<string> {
    const { parameters, trainableParameters, parameterBytes, bufferBytes, otherBytes, flops, activationBytes } = this
    yield `parameters   ${count(parameters)}, ${count(trainableParameters)} trainable, ${amount(parameterBytes, 'B')}`
    if (bufferBytes > 0) yield `buffers      ${amount(bufferBytes, 'B')}`
    if (otherBytes > 0) yield `others       ${amount(otherBytes, 'B')}`
    if (flops !== null) yield `flops        ${amount(flops, '')}`
    if (activationBytes !== null) yield `activations  ${amount(activationBytes, 'B')}`
    for (const [name, first] of this.tied) yield `tied         ${name} is ${first}`
  }

  toString(): string {
    return this.table()
  }
}

// console.log shows the table.
Object.defineProperty(ModelSummary.prototype, inspect.custom, {
  value(this: ModelSummary): string {
    return this.toString()
  },
})

/**
 * A model's modules with their shapes, parameters, operations and memory, from one call in eval mode without gradients; the model's
 * modes, running statistics and the random numbers that follow are as they were. Waits for the call to end. Without inputs the model is
 * not called, and what depends on a call is left out.
 *
 *     console.log(summary(resnet18(), [1, 3, 224, 224], { depth: 1 }))
 *     summary(bert, { shape: [2, 128], dtype: 'i32' }).flops
 *     summary(model, [x, { mask }])
 *
 * @throws ValueError for an unknown option or column, and while a profile is running; and what the model throws
 */
export function summary(model: Module, inputs?: TrialInputs, options: SummaryOptions = {}): ModelSummary {
  known('summary', options, ['depth', 'columns', 'dtype'])
  const { dtype, ...tableOptions } = options
  const calls = inputs === undefined ? null : observe(model, inputs, dtype)
  const rows = [...model.namedModules()].map(([path, module]) => rowOf(path, module, calls?.get(module)))
  const result = new ModelSummary(model, rows, calls !== null, tableOptions)
  result.table() // a wrong column is an error here and not where it is printed
  return result
}

interface Calls {
  calls: number
  input: Structure
  output: Structure
  flops: number
  activationBytes: number
}

/** Calls the model, and gives what was seen of each module. */
function observe(model: Module, inputs: TrialInputs, dtype: DType | undefined): Map<Module, Calls> {
  const modules = [...model.modules()]
  const seen = new Map(
    modules.map((m): [Module, Calls] => [m, { calls: 0, input: null, output: null, flops: 0, activationBytes: 0 }]),
  )
  const hooks = modules.flatMap((module) => {
    const calls = seen.get(module) as Calls
    return [
      module.registerForwardPreHook((_, args) => {
        if (calls.calls++ === 0) calls.input = structureOf(args.length === 1 ? args[0] : args)
      }),
      module.registerForwardHook((_, __, result) => {
        if (calls.calls === 1) calls.output = structureOf(result)
      }),
    ]
  })
  try {
    scope(() => {
      const args = argumentsOf('summary', model, inputs, dtype)
      // Modules by number: names, which ranges have, need not be told apart.
      const named = modules.map((module, i): [string, Module] => [String(i), module])
      const run = (): void => void noGrad(() => undisturbed(model, () => model.call(...(args as never))))
      const { operators } = profile(run, { model: { namedModules: () => named } })
      for (const { flops, results, ranges } of operators) {
        const bytes = results.reduce((sum, { shape, dtype }) => sum + numelOf(shape) * BYTES[dtype], 0)
        for (const name of new Set(ranges.map((range) => range.name))) {
          const calls = seen.get(modules[Number(name)] as Module)
          if (!calls) continue
          calls.flops += flops ?? 0
          calls.activationBytes += bytes
        }
      }
    })
  } finally {
    for (const hook of hooks) hook.remove()
  }
  return seen
}

function rowOf(path: string, module: Module, calls: Calls | undefined): SummaryRow {
  const parameters = [...module.parameters()]
  const own = [...module._fields()].map(([, value]) => value).filter((value) => value instanceof Parameter)
  return {
    path,
    type: module.constructor.name,
    depth: path === '' ? 0 : path.split('.').length,
    calls: calls?.calls ?? 0,
    input: calls?.input ?? null,
    output: calls?.output ?? null,
    parameters: elements(parameters),
    ownParameters: elements([...new Set(own)]),
    trainableParameters: elements(parameters.filter((p) => p.requiresGrad)),
    parameterBytes: bytesOf(parameters),
    flops: calls?.flops ?? 0,
    activationBytes: calls?.activationBytes ?? 0,
  }
}

const elements = (tensors: readonly Tensor[]): number => tensors.reduce((sum, t) => sum + t.numel, 0)
const bytesOf = (tensors: readonly Tensor[]): number => tensors.reduce((sum, t) => sum + t.nbytes, 0)

function tiedNames(model: Module): [string, string][] {
  const first = new Map<Tensor, string>()
  const tied: [string, string][] = []
  for (const [name, tensor] of model._namedTensors()) {
    const kept = first.get(tensor)
    if (kept === undefined) first.set(tensor, name)
    else tied.push([name, kept])
  }
  return tied
}

function structureOf(value: unknown): Structure {
  if (isTensor(value)) return { shape: value.shape, dtype: value.dtype }
  if (Array.isArray(value)) return value.map(structureOf)
  if (typeof value !== 'object' || value === null) return null
  // Results and options by name; sequences and other classes are described by the tensors in their fields.
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]): [string, Structure][] =>
      isTensor(item) || Array.isArray(item) ? [[key, structureOf(item)]] : [],
    ),
  )
}

function describe(structure: Structure): string {
  if (structure === null) return ''
  if (Array.isArray(structure)) {
    const parts = structure.map(describe).filter((part) => part !== '')
    return parts.length > 1 ? `[${parts.join(', ')}]` : (parts[0] ?? '')
  }
  if (isInfo(structure)) return show(structure.shape)
  const parts = Object.entries(structure).flatMap(([name, part]) => {
    const text = describe(part)
    return text === '' ? [] : [`${name}: ${text}`]
  })
  return parts.length > 0 ? `{${parts.join(', ')}}` : ''
}

const isInfo = (structure: object): structure is { shape: Shape; dtype: DType } =>
  'dtype' in structure && typeof structure.dtype === 'string'

const count = (n: number): string => (n === 0 ? '' : n.toLocaleString('en-US'))
