// A run of a second or two, for cli.test.ts.

import { DataLoader } from '#lib/data/index.js'
import { mean, square, sub } from '#lib/index.js'
import { Linear } from '#lib/nn/index.js'
import { SGD } from '#lib/optim/index.js'
import { defineRun } from '#lib/train/index.js'

export default defineRun({
  name: 'tiny',
  options: { steps: 6, lr: 0.1, pause: 0, label: 'none', nesterov: false },
  setup({ seed, quick, options, log }) {
    const model = new Linear(3, 1)
    log(`seed ${seed}, quick ${quick}, ${JSON.stringify(options)}`)
    const dataset = {
      length: 1000,
      async get(_index, { random }) {
        await new Promise((resolve) => setTimeout(resolve, options.pause))
        const x = Float32Array.from({ length: 3 }, () => random.normal())
        return { x, y: Float32Array.of(x[0] - 2 * x[2]) }
      },
    }
    return {
      model,
      optimizer: new SGD(model.parameters(), { lr: options.lr }),
      data: new DataLoader(dataset, { batchSize: 4, seed }),
      loss: ({ x, y }) => mean(square(sub(model.call(x), y))),
      steps: quick ? 2 : options.steps,
      finish: ({ step }) => log(`finished after ${step} steps`),
    }
  },
})
