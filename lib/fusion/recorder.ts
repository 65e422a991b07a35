/**
 * A stream that runs nothing and writes down what it is given. Place in the whole: tensors on it stand for operands while a function is
 * traced, so that every operator, promotion and gradient rule of the library is used as it is; only the commands end here.
 */
import { type Stream, streamOf } from '../engine/stream.js'
import { ValueError } from '../errors.js'
import { OP, OP_NAMES } from '../generated/ops.js'
import { DTYPES, type DType } from '../tensor/dtype.js'
import { contiguousStrides, type Shape, sameShape, show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { Draft, isStep, MAX_STEP_OPERANDS, MAX_VALUES } from './program.js'

/** The device that operands are on while a function is traced. */
export const TRACING = 'tracing'

const INSTEAD = 'compute it outside, and pass the result as an operand'

type Recorded = Pick<
  Stream,
  | 'device'
  | 'newId'
  | 'retain'
  | 'references'
  | 'release'
  | 'version'
  | 'touch'
  | 'emit'
  | 'emitMany'
  | 'emitView'
  | 'emitBind'
  | 'emitLess'
  | 'read'
  | 'readSync'
>

export class Recorder implements Recorded {
  readonly device: string = TRACING
  readonly draft: Draft
  /** Estimated run time of all commands. */
  ns = 0
  readonly #shape: Shape
  /** Ids of tensors: values by id. */
  readonly #values: number[] = [-1]

  /** @param shape that of the operands, and of all that is computed from them */
  constructor(dtypes: readonly DType[], shape: Shape) {
    this.draft = new Draft(dtypes)
    this.#shape = shape
  }

  /** This, where a stream is wanted. */
  get stream(): Stream {
    return this as unknown as Stream
  }

  operand(i: number): Tensor {
    const id = this.newId()
    this.#values[id] = i
    return new Tensor(this.stream, id, this.draft.dtype(i), this.#shape, null)
  }

  valueOf(t: Tensor): number {
    return this.#values[t._id] as number
  }

  newId(): number {
    return this.#values.push(-1) - 1
  }
  retain(): void {}
  release(): void {}
  touch(): void {}
  version(): number {
    return 0
  }
  /** Nothing is changed in place. */
  references(): number {
    return 2
  }

  emit(
    op: number,
    out: number,
    dtype: number,
    shape: readonly number[],
    a: number,
    b: number,
    nIn: number,
    attributes: readonly number[],
    cost: number,
  ): void {
    this.emitMany(op, [{ id: out, dtype, shape }], [a, b].slice(0, nIn), attributes, cost)
  }

  emitMany(
    op: number,
    outs: readonly { id: number; dtype: number; shape: readonly number[] }[],
    ins: readonly number[],
    attributes: readonly number[],
    cost: number,
  ): void {
    const [out] = outs
    const name = OP_NAMES[op] ?? 'an operator from outside'
    if (out === undefined)
      throw new ValueError(`fuse: ${name} changes a tensor in place; use the operator that gives a new one`)
    if (!isStep(op) || outs.length > 1 || ins.length > MAX_STEP_OPERANDS || ins.includes(0))
      throw new ValueError(`fuse: ${name} is not pointwise; ${INSTEAD}`)
    const { draft } = this
    const values = ins.map((id) => this.#values[id] as number)
    const value = draft.step(op, DTYPES[out.dtype] as DType, values, attributes)
    if (!draft.isUniform(value) && !sameShape(out.shape, this.#shape))
      throw new ValueError(
        `fuse: ${name} gives ${show(out.shape)} where the operands are ${show(this.#shape)}; ${INSTEAD}`,
      )
    if (draft.size > MAX_VALUES)
      throw new ValueError(
        `fuse: the function takes more than ${MAX_VALUES - draft.operands} steps, gradients included; cut it in two`,
      )
    this.#values[out.id] = value
    this.ns += op === OP.fill ? 0 : cost
  }

  /** Other handles of the same elements; where all elements are equal, any. */
  emitView(
    id: number,
    source: number,
    dtype: number,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
  ): void {
    const value = this.#values[source] as number
    const same = sameShape(shape, this.#shape) && offset === 0 && strides.join() === contiguousStrides(shape).join()
    if (DTYPES[dtype] !== this.draft.dtype(value) || !(same || this.draft.isUniform(value)))
      throw new ValueError(`fuse: a view ${show(shape)} of ${show(this.#shape)} is not pointwise; ${INSTEAD}`)
    this.#values[id] = value
  }

  emitBind(_id: number, storage: number, dtype: number, byteOffset: number, shape: readonly number[]): void {
    // The bytes are there already: some stream has to free them.
    const cpu = streamOf('cpu')
    const id = cpu.newId()
    cpu.emitBind(id, storage, dtype, byteOffset, shape)
    cpu.release(id)
    throw new ValueError(
      'fuse: a tensor made of data inside the function; write a number, or pass the tensor as an operand',
    )
  }
  emitLess(): void {
    throw new ValueError(`fuse: an optimizer's step is not pointwise; ${INSTEAD}`)
  }
  async read(): Promise<void> {
    this.readSync()
  }
  readSync(): void {
    throw new ValueError(
      'fuse: the function reads values of a tensor; it is traced without any, so choose between tensors with where()',
    )
  }
}
