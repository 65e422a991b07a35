// Two clouds of points, for the tests of configurations: a dataset and a model as a user's module has them.
import { Random } from '#lib/data/index.js'
import { Linear, Module, ReLU, Sequential } from '#lib/nn/index.js'

/** Points (2) of class 0 around (-1, -1) and of class 1 around (1, 1). */
export function clouds({ samples = 64, seed = 0, spread = 0.5 } = {}) {
  return {
    length: samples,
    get(index) {
      const random = new Random(seed, index)
      const label = index % 2
      const at = 2 * label - 1
      return {
        x: Float32Array.of(at + spread * random.normal(), at + spread * random.normal()),
        y: { data: Int32Array.of(label), shape: [] },
      }
    },
  }
}

/** (N, 2) to logits (N, 2). */
export class Net extends Module {
  constructor({ width = 8 } = {}) {
    super()
    this.body = new Sequential(new Linear(2, width), new ReLU())
    this.head = new Linear(width, 2)
  }

  forward(x) {
    return this.head.call(this.body.call(x))
  }
}
