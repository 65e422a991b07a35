/**
 * ONNX models, as bytes. Place in the whole: onnxruntime-node, a peer of the bench, takes models only; a protocol buffer of the few
 * messages that a model needs (onnx.proto3, https://github.com/onnx/onnx) is written in as many lines.
 */

/** A number in groups of seven bits, lowest first. */
function varint(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128)
  return Buffer.from([...bytes, value])
}

const WIRE_VARINT = 0
const WIRE_BYTES = 2

const number = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8 + WIRE_VARINT), varint(value)])

function message(field: number, ...parts: (string | Uint8Array)[]): Buffer {
  const buffers = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))
  const length = buffers.reduce((sum, b) => sum + b.length, 0)
  return Buffer.concat([varint(field * 8 + WIRE_BYTES), varint(length), ...buffers])
}

/** TensorProto.DataType */
export const ELEMENT = { f32: 1, u8: 2, i8: 3, i32: 6, i64: 7, f16: 10, f64: 11 } as const
export type Element = keyof typeof ELEMENT

export interface Value {
  name: string
  element: Element
  dims: readonly number[]
  /** The bytes of a constant; without them the value is an input of the model. */
  constant?: Uint8Array
}

/** ValueInfoProto */
function valueInfo(field: number, { name, element, dims }: Value): Buffer {
  const shape = message(2, ...dims.map((d) => message(1, number(1, d))))
  return message(field, message(1, name), message(2, message(1, number(1, ELEMENT[element]), shape)))
}

/** TensorProto */
function initializer({ name, element, dims, constant }: Value): Buffer {
  return message(
    5,
    ...dims.map((d) => number(1, d)),
    number(2, ELEMENT[element]),
    message(8, name),
    message(9, constant as Uint8Array),
  )
}

/** A whole number, a fraction (floats), or whole numbers. */
export type Attribute = number | { float: number } | readonly number[]

export interface Node {
  operator: string
  /** Names of values; an empty name is an operand that the operator is not given. */
  inputs: readonly string[]
  outputs: readonly string[]
  attributes?: Readonly<Record<string, Attribute>>
  /** Of an operator outside the standard. */
  domain?: string
}

/** AttributeProto */
function attribute(name: string, value: Attribute): Buffer {
  const [FLOAT, INT, INTS] = [1, 2, 7]
  const named = message(1, name)
  if (typeof value === 'number') return message(5, named, number(3, value), number(20, INT))
  if ('float' in value) {
    const WIRE_FIXED32 = 5
    const bytes = Buffer.alloc(4)
    bytes.writeFloatLE(value.float)
    return message(5, named, varint(2 * 8 + WIRE_FIXED32), bytes, number(20, FLOAT))
  }
  return message(5, named, ...value.map((n) => number(8, n)), number(20, INTS))
}

/** NodeProto */
function nodeOf({ operator, inputs, outputs, attributes = {}, domain = '' }: Node): Buffer {
  return message(
    1,
    ...inputs.map((name) => message(1, name)),
    ...outputs.map((name) => message(2, name)),
    message(4, operator),
    ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    ...(domain === '' ? [] : [message(7, domain)]),
  )
}

/** A model (IR 10, operators 21) of nodes in the order in which they run; of the values the constants, inputs and results are named. */
export function network(nodes: readonly Node[], values: readonly Value[], results: readonly Value[]): Buffer {
  const graph = message(
    7,
    ...nodes.map(nodeOf),
    message(2, 'one'),
    ...values.filter((v) => v.constant).map(initializer),
    ...values.filter((v) => v.name !== '' && !v.constant).map((v) => valueInfo(11, v)),
    ...results.map((v) => valueInfo(12, v)),
  )
  const domains = new Set(nodes.map((node) => node.domain ?? '').filter((domain) => domain !== ''))
  const others = [...domains].map((domain) => message(8, message(1, domain), number(2, 1)))
  return Buffer.concat([number(1, 10), graph, message(8, number(2, 21)), ...others])
}

/**
 * A model that computes `result` from `operands` by one operator; an operand with an empty name is one that the operator is not given.
 */
export function oneOperator(
  operator: string,
  operands: readonly Value[],
  result: Value,
  attributes: Readonly<Record<string, number>> = {},
  domain = '',
): Buffer {
  const node = { operator, inputs: operands.map((v) => v.name), outputs: [result.name], attributes, domain }
  return network([node], operands, [result])
}
