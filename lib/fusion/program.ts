/**
 * Programs of pointwise operators. Place in the whole: the recorder writes one down, native code runs it as `pointwiseChain`;
 * native/engine/chain.h has the form.
 */
import { OP } from '../generated/ops.js'
import { POINTWISE } from '../ops/pointwise-names.js'
import { CODE, type DType } from '../tensor/dtype.js'

/** As native/engine/chain.h has them: operands and steps; operands of a step. */
export const MAX_VALUES = 512
export const MAX_STEP_OPERANDS = 4

const ALLOWED: ReadonlySet<number> = new Set([...POINTWISE.map((name) => OP[name]), OP.fill])
/** Whether a program can have the operator. A fill is a number. */
export const isStep = (op: number): boolean => ALLOWED.has(op)

interface Step {
  readonly op: number
  readonly dtype: DType
  readonly values: readonly number[]
  readonly attributes: readonly number[]
}

/** What a command needs. */
export interface Program {
  /** The operands that are read, by number. */
  readonly operands: readonly number[]
  /** Of the command's results. */
  readonly dtypes: readonly DType[]
  readonly attributes: readonly number[]
}

/** A program that is being written. Values are numbered: operands first, then steps. */
export class Draft {
  readonly operands: number
  readonly #dtypes: DType[]
  readonly #uniform: boolean[]
  readonly #steps: Step[] = []
  readonly #known = new Map<string, number>()

  constructor(operands: readonly DType[]) {
    this.operands = operands.length
    this.#dtypes = [...operands]
    this.#uniform = operands.map(() => false)
  }

  get size(): number {
    return this.#dtypes.length
  }
  dtype(value: number): DType {
    return this.#dtypes[value] as DType
  }
  /** Whether the value is the same for all elements, whatever the operands are. */
  isUniform(value: number): boolean {
    return this.#uniform[value] as boolean
  }

  /** The value of a step: the same one for the same step. */
  step(op: number, dtype: DType, values: readonly number[], attributes: readonly number[]): number {
    const numbers = attributes.map((a) => (Object.is(a, -0) ? '-0' : a))
    const key = `${op} ${dtype} ${values} ${numbers}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const value = this.#dtypes.push(dtype) - 1
    this.#uniform.push(values.every((v) => this.isUniform(v)))
    this.#steps.push({ op, dtype, values, attributes: [...attributes] })
    this.#known.set(key, value)
    return value
  }

  /** The command that computes these values, steps' ones and all different, without what they do not need. */
  program(results: readonly number[]): Program {
    const needed = new Array<boolean>(this.size).fill(false)
    for (const r of results) needed[r] = true
    for (let v = this.size - 1; v >= this.operands; v--)
      if (needed[v]) for (const from of this.#stepOf(v).values) needed[from] = true
    // Numbers alone need an operand that says where they are computed.
    if (!needed.slice(0, this.operands).includes(true)) needed[0] = true
    const numbers = new Array<number>(this.size)
    const kept = needed.flatMap((yes, v) => (yes ? [v] : []))
    for (const [i, v] of kept.entries()) numbers[v] = i
    const steps = kept.filter((v) => v >= this.operands)
    return {
      operands: kept.filter((v) => v < this.operands),
      dtypes: results.map((r) => this.dtype(r)),
      attributes: [
        steps.length,
        ...results.map((r) => numbers[r] as number),
        ...steps.flatMap((v) => {
          const { op, dtype, values, attributes } = this.#stepOf(v)
          const from = values.map((x) => numbers[x] as number)
          return [op, CODE[dtype], values.length, attributes.length, ...from, ...attributes]
        }),
      ],
    }
  }

  #stepOf(value: number): Step {
    return this.#steps[value - this.operands] as Step
  }
}
