// Activations by name. Place in the whole: blocks whose options name their activation, so that it can be done in the pass of the
// convolution or norm before it where a kernel can, and follows as an operator of its own elsewhere.
import { ValueError } from '../errors.js'
import { hardsigmoid, hardswish, mish, relu6 } from '../ops/activations.js'
import type { LinearActivation } from '../ops/fusedActivation.js'
import { elu, gelu, leakyRelu, relu, sigmoid, silu, tanh } from '../ops/unary.js'
import type { Tensor } from '../tensor/tensor.js'

/** Parameters have PyTorch's defaults; `geluTanh` is the approximation by tanh. */
export type ActivationName =
  | 'relu'
  | 'relu6'
  | 'leakyRelu'
  | 'elu'
  | 'gelu'
  | 'geluTanh'
  | 'silu'
  | 'mish'
  | 'hardswish'
  | 'sigmoid'
  | 'hardsigmoid'
  | 'tanh'

const FUNCTIONS: Readonly<Record<ActivationName, (x: Tensor) => Tensor>> = {
  relu: (x) => relu(x),
  relu6: (x) => relu6(x),
  leakyRelu: (x) => leakyRelu(x),
  elu: (x) => elu(x),
  gelu: (x) => gelu(x),
  geluTanh: (x) => gelu(x, { approximate: 'tanh' }),
  silu: (x) => silu(x),
  mish: (x) => mish(x),
  hardswish: (x) => hardswish(x),
  sigmoid: (x) => sigmoid(x),
  hardsigmoid: (x) => hardsigmoid(x),
  tanh: (x) => tanh(x),
}

/** Those that products and convolutions do in their own pass. */
const FUSED: readonly string[] = ['relu', 'gelu', 'geluTanh', 'silu'] satisfies LinearActivation[]

/** @throws ValueError, in the layer's name, for a name that is not known */
export function checkActivation(layer: string, name: ActivationName | null): void {
  if (name !== null && !Object.hasOwn(FUNCTIONS, name))
    throw new ValueError(
      `${layer}: activation '${String(name)}' is not one of ${Object.keys(FUNCTIONS).join(', ')}, or null`,
    )
}

/** x itself for null. */
export const applyActivation = (name: ActivationName | null, x: Tensor): Tensor =>
  name === null ? x : FUNCTIONS[name](x)

/** The name as convolutions and `linear` take it for their own pass, or null where they cannot. */
export const fusedActivation = (name: ActivationName | null): LinearActivation | null =>
  name !== null && FUSED.includes(name) ? (name as LinearActivation) : null
