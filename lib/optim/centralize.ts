// Gradient centralisation. Place in the whole: between backward and the optimizer's step, as clipping (clip.ts).
import { noGrad } from '../autograd/mode.js'
import { centralizeEach_ } from '../ops/eachTensor.js'
import type { Tensor } from '../tensor/tensor.js'

export interface CentralizeOptions {
  /** Only gradients with at least this many dimensions: 2 takes fully connected and convolution layers, 4 convolutions. Default 2. */
  minRank?: number
}

/**
 * Takes from the gradient of every output unit or channel, the first dimension of a weight, its mean over the others, in place
 * and in one pass over all of them (Yong et al., "Gradient centralization", 2020). Vectors, such as biases, are left alone, as
 * are parameters without a gradient.
 */
export function centralizeGrad(params: Iterable<Tensor>, { minRank = 2 }: CentralizeOptions = {}): void {
  const grads = [...params].map((param) => param.grad).filter((grad) => grad !== null)
  noGrad(() => centralizeEach_(grads.filter((grad) => grad.rank >= Math.max(2, minRank))))
}
