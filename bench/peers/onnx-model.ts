/**
 * ONNX models of one operator, as bytes. Place in the whole: onnxruntime-node, a peer of the bench, takes models only; a protocol
 * buffer of the few messages that such a model needs (onnx.proto3, https://github.com/onnx/onnx) is written in as many lines.
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
export const ELEMENT = { f32: 1, u8: 2, i8: 3, i32: 6, f16: 10, f64: 11 } as const
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

/**
 * A model (IR 10, operators 21) that computes `result` from `operands` by one operator with attributes of whole numbers; `domain` is that
 * of an operator outside the standard; an operand with an empty name is one that the operator is not given.
 */
export function oneOperator(
  operator: string,
  operands: readonly Value[],
  result: Value,
  attributes: Record<string, number> = {},
  domain = '',
): Buffer {
  const ATTRIBUTE_INT = 2
  const node = message(
    1,
    ...operands.map((v) => message(1, v.name)),
    message(2, result.name),
    message(4, operator),
    ...Object.entries(attributes).map(([name, value]) =>
      message(5, message(1, name), number(3, value), number(20, ATTRIBUTE_INT)),
    ),
    ...(domain === '' ? [] : [message(7, domain)]),
  )
  const graph = message(
    7,
    node,
    message(2, 'one'),
    ...operands.filter((v) => v.constant).map(initializer),
    ...operands.filter((v) => v.name !== '' && !v.constant).map((v) => valueInfo(11, v)),
    valueInfo(12, result),
  )
  const others = domain === '' ? [] : [message(8, message(1, domain), number(2, 1))]
  return Buffer.concat([number(1, 10), graph, message(8, number(2, 21)), ...others])
}
