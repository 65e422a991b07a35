/**
 * The whole models that the bench gives to onnxruntime, with random weights. Place in the whole: onnxruntime-peer.ts runs them; they are what
 * exporters make of ours in evaluation mode: norms folded into the convolutions before them, separate query, key and value.
 */
import { product } from '../case.js'
import { type Attribute, type Element, type Node, network, type Value } from './onnx-model.js'

export interface Network {
  input: Value
  model: Uint8Array
}

class Graph {
  readonly #nodes: Node[] = []
  readonly #values: Value[] = []
  #names = 0

  constant(element: Element, dims: readonly number[], constant: Uint8Array): string {
    const name = `c${this.#names++}`
    this.#values.push({ name, element, dims, constant })
    return name
  }

  /** Normal-sized random numbers: of the size that keeps a layer of `fanIn` inputs from growing. */
  weight(dims: readonly number[], fanIn: number): string {
    const scale = Math.sqrt(3 / fanIn)
    const values = Float32Array.from({ length: product(dims) }, () => (2 * Math.random() - 1) * scale)
    return this.constant('f32', dims, new Uint8Array(values.buffer))
  }

  numbers(...values: number[]): string {
    return this.constant(
      'f32',
      values.length === 1 ? [] : [values.length],
      new Uint8Array(Float32Array.from(values).buffer),
    )
  }

  shape(...dims: number[]): string {
    return this.constant('i64', [dims.length], new Uint8Array(BigInt64Array.from(dims, BigInt).buffer))
  }

  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): string {
    const output = `v${this.#names++}`
    this.#nodes.push({ operator, inputs, outputs: [output], attributes, domain })
    return output
  }

  build(input: Value, result: string, dims: readonly number[]): Network {
    return { input, model: network(this.#nodes, [input, ...this.#values], [{ name: result, element: 'f32', dims }]) }
  }
}

/** ResNet-18 for one image of 224 x 224. */
export function resnet18(): Network {
  const g = new Graph()
  const conv = (x: string, inputs: number, outputs: number, kernel: number, stride: number): string => {
    const weights = [g.weight([outputs, inputs, kernel, kernel], inputs * kernel * kernel), g.weight([outputs], 1000)]
    const padding = kernel >> 1
    return g.node('Conv', [x, ...weights], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
    })
  }
  const relu = (x: string): string => g.node('Relu', [x])
  let x = relu(conv('x', 3, 64, 7, 2))
  x = g.node('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })
  let inputs = 64
  for (const [outputs, first] of [
    [64, 1],
    [128, 2],
    [256, 2],
    [512, 2],
  ] as const) {
    for (const stride of [first, 1]) {
      const y = conv(relu(conv(x, inputs, outputs, 3, stride)), outputs, outputs, 3, 1)
      const shortcut = stride === 1 && inputs === outputs ? x : conv(x, inputs, outputs, 1, stride)
      x = relu(g.node('Add', [y, shortcut]))
      inputs = outputs
    }
  }
  const features = g.node('Flatten', [g.node('GlobalAveragePool', [x])])
  const logits = g.node('Gemm', [features, g.weight([1000, 512], 512), g.weight([1000], 512)], { transB: 1 })
  return g.build({ name: 'x', element: 'f32', dims: [1, 3, 224, 224] }, logits, [1, 1000])
}

const [LAYERS, WIDTH, HEADS] = [12, 768, 12]

/** BERT-base's encoder over `positions`; with `bytes` its layers multiply bytes, their inputs quantized on the way. */
export function bertEncoder(positions: number, bytes: boolean): Network {
  const g = new Graph()
  const linear = (x: string, inputs: number, outputs: number): string => {
    const bias = g.weight([outputs], inputs)
    if (!bytes) return g.node('Add', [g.node('MatMul', [x, g.weight([inputs, outputs], inputs)]), bias])
    const values = Int8Array.from({ length: inputs * outputs }, () => Math.floor(Math.random() * 255) - 127)
    const weight = g.constant('i8', [inputs, outputs], new Uint8Array(values.buffer))
    const scales = new Uint8Array(new Float32Array(outputs).fill(Math.sqrt(3 / inputs) / 127).buffer)
    const operands = [x, weight, g.constant('f32', [outputs], scales), '', bias]
    return g.node('DynamicQuantizeMatMul', operands, {}, 'com.microsoft')
  }
  const norm = (x: string): string => {
    const ones = g.constant('f32', [WIDTH], new Uint8Array(new Float32Array(WIDTH).fill(1).buffer))
    const zeros = g.constant('f32', [WIDTH], new Uint8Array(4 * WIDTH))
    return g.node('LayerNormalization', [x, ones, zeros], { axis: 2, epsilon: { float: 1e-12 } })
  }
  const split = g.shape(1, positions, HEADS, WIDTH / HEADS)
  const joined = g.shape(1, positions, WIDTH)
  const scale = g.numbers(1 / Math.sqrt(WIDTH / HEADS))
  const heads = (x: string, perm: readonly number[]): string =>
    g.node('Transpose', [g.node('Reshape', [x, split])], { perm })
  let x = 'x'
  for (let layer = 0; layer < LAYERS; layer++) {
    const q = heads(linear(x, WIDTH, WIDTH), [0, 2, 1, 3])
    const k = heads(linear(x, WIDTH, WIDTH), [0, 2, 3, 1])
    const v = heads(linear(x, WIDTH, WIDTH), [0, 2, 1, 3])
    const weights = g.node('Softmax', [g.node('Mul', [g.node('MatMul', [q, k]), scale])], { axis: 3 })
    const y = g.node('Transpose', [g.node('MatMul', [weights, v])], { perm: [0, 2, 1, 3] })
    x = norm(g.node('Add', [linear(g.node('Reshape', [y, joined]), WIDTH, WIDTH), x]))
    const hidden = g.node('Gelu', [linear(x, WIDTH, 4 * WIDTH)])
    x = norm(g.node('Add', [linear(hidden, 4 * WIDTH, WIDTH), x]))
  }
  return g.build({ name: 'x', element: 'f32', dims: [1, positions, WIDTH] }, x, [1, positions, WIDTH])
}
