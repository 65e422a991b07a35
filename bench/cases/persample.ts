/**
 * Gradients of every sample's own loss: by vmap, by a loop over the samples, and, for comparison, the batch's ordinary gradient.
 * The ratios are what matters: of the first two, and of the first and the third.
 */
import { crossEntropy, grad, perSampleGradients, randint, randn, scope, stack, type Tensor } from 'sinter'
import { Conv2d, Flatten, LayerNorm, Linear, MaxPool2d, type Module, ReLU, Sequential } from 'sinter/nn'
import type { Case } from '../case.js'

const SAMPLES = 32

const mlp = (): { model: Module; x: Tensor } => ({
  model: new Sequential(new Linear(256, 256), new LayerNorm(256), new ReLU(), new Linear(256, 10)),
  x: randn([SAMPLES, 256]),
})

const cnn = (): { model: Module; x: Tensor } => ({
  model: new Sequential(
    new Conv2d(1, 16, 3),
    new ReLU(),
    new Conv2d(16, 32, 3),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(32 * 12 * 12, 10),
  ),
  x: randn([SAMPLES, 1, 28, 28]),
})

type Way = (loss: (x: Tensor, t: Tensor) => Tensor, parameters: readonly Tensor[], x: Tensor, t: Tensor) => unknown

/** One sample as a batch of one. */
const single = (t: Tensor): Tensor => t.unsqueeze(0)

const ways: Readonly<Record<string, Way>> = {
  vmap: (loss, parameters, x, t) => perSampleGradients((a, b) => loss(single(a), single(b)), parameters, x, t),
  loop: (loss, parameters, x, t) => {
    const samples = Array.from({ length: SAMPLES }, (_, b) =>
      grad(loss(single(x.select(0, b)), single(t.select(0, b))), parameters),
    )
    return parameters.map((_, k) =>
      stack(
        samples.map((grads) => grads[k] as Tensor),
        0,
      ),
    )
  },
  batch: (loss, parameters, x, t) => grad(loss(x, t), parameters),
}

const casesOf = (name: string, make: () => { model: Module; x: Tensor }): Case[] =>
  Object.entries(ways).map(([way, run]) => ({
    name: `persample.${name}.b${SAMPLES}.${way}`,
    dtype: 'f32',
    prepare() {
      const { model, x } = make()
      const parameters = [...model.parameters()]
      const target = randint(0, 10, [SAMPLES])
      const loss = (a: Tensor, t: Tensor): Tensor => crossEntropy(model.call(a) as Tensor, t)
      return () => {
        scope(() => {
          run(loss, parameters, x, target)
        })
      }
    },
  }))

export const persample: readonly Case[] = [...casesOf('mlp', mlp), ...casesOf('cnn', cnn)]
