// What is done to a column. Place in the whole: number-steps.ts and word-steps.ts have them, pipeline.ts chains them; each is fitted once, to the
// training rows alone, and then says the same of any rows.
import type { z } from 'zod'
import { SinterError } from '../errors.js'
import type { Column } from './table.js'

/** What a fitted step remembers; JSON. */
export type StepState = Readonly<Record<string, unknown>>

/** What fitting may look at beside the column. */
export interface FitContext {
  /** The column's name, for messages. */
  readonly column: string
  /** What is to be predicted, row by row; for target encoding. */
  readonly target: Float64Array | null
}

export interface FittedStep {
  readonly state: StepState
  /** The columns that become of one: by suffix ('' is the column itself). */
  apply(column: Column): readonly (readonly [suffix: string, Column])[]
  /** From the result back, where that is possible. */
  invert?(column: Float64Array): Float64Array
}

export interface Step {
  /** What a saved pipeline knows it by. */
  readonly kind: string
  fit(column: Column, context: FitContext): FittedStep
  /** The fitted step that a state is of. */
  load(state: StepState, context: Pick<FitContext, 'column'>): FittedStep
  /** Whether rows must not see themselves: `fitTransform` fits it to the other folds then. */
  readonly crossFitted?: boolean
  /** Whether nothing can follow, as it makes one column of many. */
  readonly last?: boolean
}

/** A step whose state is numbers and words that `learn` finds; `schema` is what a saved one must be. */
export function step<S extends StepState>(
  kind: string,
  schema: z.ZodType<S>,
  learn: (column: Column, context: FitContext) => S,
  use: (state: S, column: string) => Pick<FittedStep, 'apply' | 'invert'>,
  options: Pick<Step, 'crossFitted' | 'last'> = {},
): Step {
  const fitted = (state: S, column: string): FittedStep => ({ state, ...use(state, column) })
  return {
    kind,
    fit: (column, context) => fitted(learn(column, context), context.column),
    load: (state, { column }) => {
      const read = schema.safeParse(state)
      if (read.success) return fitted(read.data, column)
      const issue = read.error.issues[0]
      const where = ['state', ...(issue?.path ?? [])].join('.')
      throw new SinterError('SINTER_TABLE_STATE', `${kind} of ${column}: ${where}: ${issue?.message ?? 'unreadable'}`)
    },
    ...options,
  }
}
