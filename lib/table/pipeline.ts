// From tables to numbers that networks take. Place in the whole: chains of steps for each column, fitted to the training rows only, and saved with the
// model.
import { z } from 'zod'
import { Random, shuffle } from '../data/random.js'
import { ShapeError, SinterError, ValueError } from '../errors.js'
import { filled, sequence } from '../filled.js'
import { didYouMean } from '../suggest.js'
import type { FittedStep, Step, StepState } from './step.js'
import { type Column, numbers, rowsOf, selectRows, type Table } from './table.js'

/** A table of numbers, in the form of a dataset's field. */
export interface Features {
  readonly data: Float32Array
  /** (rows, features). */
  readonly shape: readonly [number, number]
  /** What became of which column: the column's name, with a suffix where it became several. */
  readonly names: readonly string[]
}

/** A fitted pipeline; JSON. */
export interface PipelineState {
  readonly format: 1
  readonly columns: Readonly<Record<string, readonly { readonly kind: string; readonly state: StepState }[]>>
}

export interface FitTransformOptions {
  /** Folds of what must not see itself. Default 5. */
  readonly folds?: number
  /** Rows are dealt to folds at random, by this seed; null: as they come. Default 0. */
  readonly seed?: number | null
}

const stateSchema = z.object({
  format: z.literal(1),
  columns: z.record(z.string(), z.array(z.object({ kind: z.string(), state: z.record(z.string(), z.unknown()) }))),
})

/**
 * Steps for each column that is used, in order:
 *
 *     const pipeline = new TablePipeline({
 *       age: [impute('median', { indicator: true }), clip({ quantiles: [0.01, 0.99] }), standardize()],
 *       job: [oneHot({ unknown: 'ignore' })],
 *       city: [targetEncode()],
 *     })
 *     const training = pipeline.fitTransform(table, target)
 *     const validation = pipeline.transform(other)
 *
 * A column becomes one feature or several; the last step's results must be numbers.
 */
export class TablePipeline {
  readonly #steps: ReadonlyMap<string, readonly Step[]>
  #fitted: Fitted | null = null

  constructor(columns: Readonly<Record<string, readonly Step[]>>) {
    this.#steps = new Map(Object.entries(columns))
    for (const [name, steps] of this.#steps) {
      if (!Array.isArray(steps))
        throw new ValueError(`TablePipeline: the steps of ${name} are no list; write [standardize()]`)
      const early = steps.findIndex((step, i) => step.last && i + 1 < steps.length)
      if (early >= 0)
        throw new ValueError(
          `TablePipeline: ${steps[early]?.kind} of ${name} makes many columns of one: it comes last, after ${steps[early + 1]?.kind}`,
        )
    }
    if (this.#steps.size === 0)
      throw new ValueError('TablePipeline: no columns: name those that are used, with their steps')
  }

  /**
   * Fits all steps, each to what the steps before it make of the column.
   *
   * @param target of each row, for target encoding
   * @throws ValueError for a column that is missing or a step that cannot be fitted, ShapeError where lengths differ
   */
  fit(table: Table, target: ArrayLike<number> | null = null): this {
    this.#fitted = this.#fit(table, target)
    return this
  }

  #fit(table: Table, target: ArrayLike<number> | null, only?: readonly string[]): Fitted {
    const rows = rowsOf('TablePipeline.fit', table)
    if (rows === 0) throw new ValueError('TablePipeline.fit: the table has no rows')
    if (target && target.length !== rows)
      throw new ShapeError(`TablePipeline.fit: ${target.length} targets for ${rows} rows`)
    const wanted = target && Float64Array.from(target)
    const odd = wanted?.findIndex((v) => !Number.isFinite(v)) ?? -1
    if (odd >= 0)
      throw new ValueError(`TablePipeline.fit: the target of row ${odd} is ${wanted?.[odd]}, expected a finite number`)
    const fitted = new Map<string, FittedStep[]>()
    for (const [name, steps] of this.#steps) {
      if (only && !only.includes(name)) continue
      const chain: FittedStep[] = []
      let column = columnOf('TablePipeline.fit', table, name)
      for (const step of steps) {
        const done = step.fit(column, { column: name, target: wanted })
        chain.push(done)
        column = (done.apply(column)[0] as readonly [string, Column])[1]
      }
      fitted.set(name, chain)
    }
    return fitted
  }

  /** The features of a table. @throws ValueError before `fit`, for a missing column, and for what a step cannot take */
  transform(table: Table): Features {
    const fitted = this.#fitted
    if (fitted === null) throw new ValueError('TablePipeline.transform: not fitted yet; call fit(), or load a state')
    return featuresOf(fitted, table)
  }

  /**
   * Fits, and gives the features of the very rows. Where a step looks at the target (`targetEncode`), each row's are those of a fit to the other folds,
   * as its own target must not be in them; `transform` of new rows uses the fit to all.
   */
  fitTransform(
    table: Table,
    target: ArrayLike<number> | null = null,
    { folds = 5, seed = 0 }: FitTransformOptions = {},
  ): Features {
    this.fit(table, target)
    const all = this.transform(table)
    const crossed = [...this.#steps].filter(([, steps]) => steps.some((step) => step.crossFitted)).map(([name]) => name)
    if (crossed.length === 0) return all
    const [rows, width] = all.shape
    if (!(Number.isInteger(folds) && folds >= 2 && folds <= rows))
      throw new ValueError(`TablePipeline.fitTransform: folds is ${folds}, expected 2 to ${rows}, the number of rows`)
    const order = sequence(rows)
    if (seed !== null) shuffle(order, new Random(seed))
    const sources = sourcesOf(this.#fitted as Fitted, table)
    for (let fold = 0; fold < folds; fold++) {
      // The first folds have one row more where they do not divide.
      const [from, to] = [0, 1].map(
        (k) => (fold + k) * Math.floor(rows / folds) + Math.min(fold + k, rows % folds),
      ) as [number, number]
      const own = order.subarray(from, to)
      const others = [...order.subarray(0, from), ...order.subarray(to)]
      const fitted = this.#fit(
        selectRows(table, others),
        target && filled(new Float64Array(others.length), (i) => target[others[i] as number] as number),
        crossed,
      )
      const part = new Map(sourcesOf(fitted, selectRows(table, own)).map(({ feature, values }) => [feature, values]))
      for (const [j, { column, feature }] of sources.entries()) {
        if (!crossed.includes(column)) continue
        // A feature that the other folds do not give rise to, say a category's, is 0 here.
        const values = part.get(feature)
        for (const [i, row] of own.entries()) all.data[row * width + j] = values?.[i] ?? 0
      }
    }
    return all
  }

  /** Back from features to a column of numbers, where every step of it has a way back. @throws ValueError where one has none */
  inverse(name: string, values: ArrayLike<number>): Float64Array {
    const chain = this.#fitted?.get(name)
    if (chain === undefined)
      throw new ValueError(
        `TablePipeline.inverse: no fitted column '${name}'${didYouMean(name, [...this.#steps.keys()])}`,
      )
    let column = Float64Array.from(values)
    for (const [i, step] of [...chain.entries()].reverse()) {
      if (!step.invert)
        throw new ValueError(`TablePipeline.inverse: ${this.#steps.get(name)?.[i]?.kind} of ${name} has no way back`)
      column = new Float64Array(step.invert(column))
    }
    return column
  }

  /** What was fitted, for a file beside the model's. */
  state(): PipelineState {
    if (this.#fitted === null) throw new ValueError('TablePipeline.state: not fitted yet; call fit()')
    const columns = [...this.#fitted].map(([name, chain]) => {
      const steps = this.#steps.get(name) as readonly Step[]
      return [name, chain.map(({ state }, i) => ({ kind: (steps[i] as Step).kind, state }))] as const
    })
    return { format: 1, columns: Object.fromEntries(columns) }
  }

  /** Takes over what a pipeline of the same columns and steps had fitted. @throws SinterError SINTER_TABLE_STATE for another's */
  load(state: PipelineState): this {
    const bad = (what: string) => new SinterError('SINTER_TABLE_STATE', `TablePipeline.load: ${what}`)
    const read = stateSchema.safeParse(state)
    if (!read.success) {
      const issue = read.error.issues[0]
      throw bad(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'no state of a pipeline'}`)
    }
    const { columns } = read.data
    const kinds = (list: readonly { readonly kind: string }[]): string =>
      list.map(({ kind }) => kind).join(', ') || 'none'
    for (const name of Object.keys(columns))
      if (!this.#steps.has(name)) throw bad(`the state has a column '${name}' that this pipeline does not`)
    const fitted = [...this.#steps].map(([name, steps]) => {
      const saved = columns[name]
      if (saved === undefined) throw bad(`the state has no column '${name}'`)
      if (kinds(saved) !== kinds(steps))
        throw bad(`the steps of '${name}' are ${kinds(saved)} in the state, ${kinds(steps)} here`)
      return [
        name,
        steps.map((step, i) => step.load((saved[i] as { state: StepState }).state, { column: name })),
      ] as const
    })
    this.#fitted = new Map(fitted)
    return this
  }
}

function columnOf(who: string, table: Table, name: string): Column {
  const column = Object.hasOwn(table, name) ? table[name] : undefined
  if (column !== undefined) return column
  const there = Object.keys(table)
  throw new ValueError(
    `${who}: the table has no column '${name}'${didYouMean(name, there)} (columns: ${there.join(', ')})`,
  )
}

type Fitted = ReadonlyMap<string, readonly FittedStep[]>

interface Source {
  /** The table's column that it is made of. */
  readonly column: string
  readonly feature: string
  readonly values: Float64Array
}

function sourcesOf(fitted: Fitted, table: Table): Source[] {
  const sources: Source[] = []
  for (const [name, chain] of fitted) {
    let own: [string, Column][] = [[name, columnOf('TablePipeline.transform', table, name)]]
    for (const step of chain) {
      // What a step has set beside the column, such as an indicator, is done.
      const [[first, column], ...rest] = own as [[string, Column], ...[string, Column][]]
      own = [...step.apply(column).map(([suffix, values]): [string, Column] => [`${first}${suffix}`, values]), ...rest]
    }
    for (const [feature, values] of own)
      sources.push({ column: name, feature, values: numbers(`TablePipeline.transform: ${feature}`, values) })
  }
  return sources
}

function featuresOf(fitted: Fitted, table: Table): Features {
  const rows = rowsOf('TablePipeline.transform', table)
  const sources = sourcesOf(fitted, table)
  const width = sources.length
  const data = new Float32Array(rows * width)
  for (const [j, { values }] of sources.entries())
    for (let i = 0; i < rows; i++) data[i * width + j] = values[i] as number
  return { data, shape: [rows, width], names: sources.map(({ feature }) => feature) }
}
