// The library's names in configurations: what they build, and that none of them is forgotten.
import { describe, expect, it } from 'vitest'
import { Builder } from '#lib/config/component.js'
import '#lib/config/builtin.js'
import { registered } from '#lib/config/index.js'
import { transformContext } from '#lib/data/index.js'
import { ones, scope, type Tensor, zeros } from '#lib/index.js'
import * as models from '#lib/models/index.js'
import { Linear, Module } from '#lib/nn/index.js'
import * as optim from '#lib/optim/index.js'

const source = { value: {}, file: 'config.yaml', folder: '/', at: () => 'config.yaml' }
const builder = new Builder({ source, seed: 0, quick: false })
const model = new Linear(2, 2)

describe('names', () => {
  it('are those of the classes', () => {
    const optimizers = Object.entries(optim).filter(([, value]) => (value as any).prototype instanceof optim.Optimizer)
    const rules = [...optimizers.map(([name]) => name), 'LBFGS', 'SAM']
    expect(registered('optimizer')).toEqual(rules.sort())
    const schedules = Object.entries(optim).filter(([, value]) => (value as any).prototype instanceof optim.Scheduler)
    expect(registered('scheduler')).toEqual([...schedules.map(([name]) => name), 'ReduceLROnPlateau'].sort())
    const networks = Object.entries(models).filter(([, value]) => (value as any).prototype instanceof Module)
    for (const [name] of networks) if (!name.endsWith('Attention')) expect(registered('model')).toContain(name)
    for (const name of ['resnet18', 'vgg11', 'mobilenetV3Small']) expect(registered('model')).toContain(name)
  })

  it.each(registered('optimizer'))('optimizer %s', async (name) => {
    const isOver = ['Lookahead', 'SAM'].includes(name)
    const options = isOver ? { optimizer: { name: 'SGD', lr: 0.5 } } : { lr: 0.5 }
    // Muon takes matrices alone.
    const params = () => [{ params: [model.weight] }]
    const built = await builder.build('optimizer', { name, ...options }, ['optim'], { model, params: params() })
    expect(built.paramGroups[0]?.lr).toBe(0.5)
    await expect(
      builder.build('optimizer', { name, ...options, lrr: 1 }, ['optim'], { model, params: params() }),
    ).rejects.toThrow(/config\.yaml: optim\.lrr: .*no such option: 'lrr'/)
  })

  const schedules: Record<string, object> = {
    ChainedScheduler: { schedulers: ['ConstantLR', { name: 'StepLR', stepSize: 3 }] },
    CosineAnnealingWarmRestarts: { t0: 5 },
    CyclicLR: { baseLr: 0.1, maxLr: 1, cycleMomentum: false },
    ExponentialLR: { gamma: 0.9 },
    InverseSqrtLR: { warmupSteps: 3 },
    LambdaLR: { factor: () => 1 },
    MultiStepLR: { milestones: [3] },
    MultiplicativeLR: { factor: () => 1 },
    OneCycleLR: { maxLr: 1 },
    SWALR: { swaLr: 0.1 },
    SequentialLR: { schedulers: ['ConstantLR', 'CosineLR'], milestones: [5] },
    StepLR: { stepSize: 3 },
    WSD: { decaySteps: 3 },
  }
  it.each(registered('scheduler'))('scheduler %s', async (name) => {
    const optimizer = new optim.SGD(model.parameters(), { lr: 1, momentum: 0.9 })
    const spec = { name, ...schedules[name] }
    const built = await builder.build('scheduler', spec, ['scheduler'], { optimizer, totalSteps: () => 20 })
    expect(built.constructor.name).toBe(name)
  })

  it('take the run for the length of a schedule that is not given one', async () => {
    const optimizer = new optim.SGD(model.parameters(), { lr: 1 })
    for (const [total, after] of [
      [undefined, 20],
      [10, 10],
    ] as const) {
      const spec = { name: 'CosineLR', ...(total && { totalSteps: total }) }
      optimizer.paramGroups[0]!.initialLr = 1
      const schedule = (await builder.build('scheduler', spec, [], {
        optimizer,
        totalSteps: () => 20,
      })) as optim.Scheduler
      schedule.loadStateDict({ step: after - 1 })
      expect(optimizer.paramGroups[0]?.lr).toBeGreaterThan(0)
      schedule.loadStateDict({ step: after })
      expect(optimizer.paramGroups[0]?.lr).toBeCloseTo(0, 10)
    }
  })

  it('have sizes where the models have', async () => {
    await expect(builder.build('model', { name: 'GPT2', size: 'smal' }, ['model'], {})).rejects.toThrow(
      /no such option: 'smal'/,
    )
    await expect(builder.build('model', { name: 'LeNet', size: 'small' }, ['model'], {})).rejects.toThrow(/LeNet/)
  })

  it('token losses take sequences', async () => {
    const value = async (spec: object, output: Tensor, target: Tensor) => {
      const loss = await builder.build('loss', spec, ['loss'], { model })
      const result = scope(() => loss(output, target, {}, model))
      const number = await result.item()
      result.dispose()
      return number
    }
    const [sequences, tokens] = [zeros([2, 3, 4]), zeros([2, 3], { dtype: 'i32' })]
    expect(await value({ name: 'TokenCrossEntropyLoss' }, sequences, tokens)).toBeCloseTo(Math.log(4), 6)
    sequences.dispose()
    tokens.dispose()
  })

  it.each<[string, Record<string, unknown>]>([
    ['F1', { average: 'macro' }],
    ['Precision', {}],
    ['Recall', {}],
    ['Jaccard', {}],
    ['BalancedAccuracy', {}],
    ['CohenKappa', {}],
    ['MatthewsCorrelation', {}],
    ['Accuracy', {}],
  ])('metric %s of what is right is 1, after a reset too', async (name, options) => {
    const classes = name === 'Accuracy' ? {} : { classes: 2 }
    const metric = await builder.build('metric', { name, ...classes, ...options }, ['metrics', 0], {})
    metric.update([0, 1, 1], [1, 0, 1])
    expect(await metric.compute()).toBeLessThan(1)
    metric.reset()
    metric.update([0, 1, 1], [0, 1, 1])
    expect(await metric.compute()).toBe(1)
    if (name === 'Accuracy') return
    await expect(builder.build('metric', { name, ...classes, clases: 2 }, ['metrics', 0], {})).rejects.toThrow(
      /'clases'/,
    )
  })

  it('transforms take what the functions take by position by name, and others', async () => {
    const spec = {
      name: 'compose',
      transforms: [
        { name: 'randomCrop', size: 4, padding: 1 },
        { name: 'randomApply', p: 1, transforms: [{ name: 'randomHorizontalFlip', p: 1 }] },
        { name: 'pad', padding: 2 },
      ],
    }
    const transform = await builder.build('transform', spec, ['data', 'transforms', 0], {})
    const image = ones([2, 3, 6, 6])
    const result = scope(() => transform({ image }, transformContext({ indices: [0, 1] })))
    expect(result.image.shape).toEqual([2, 3, 8, 8])
    image.dispose()
    result.image.dispose()
    const build = (one: object) => builder.build('transform', one, ['data', 'transforms', 0], {})
    await expect(build({ name: 'randomCrop', size: 4, pading: 1 })).rejects.toThrow(
      /data\.transforms\.0\.pading: randomCrop/,
    )
    await expect(build({ name: 'centerCrop', size: 4, pad: 1 })).rejects.toThrow(/centerCrop: no such option: 'pad'/)
    await expect(build({ name: 'compose', transforms: [{ name: 'flip' }] })).rejects.toThrow(
      /data\.transforms\.0\.transforms\.0\.name: no transform 'flip'/,
    )
  })

  it('callbacks take options, averages of weights those of both', async () => {
    const optimizer = new optim.SGD(model.parameters(), { lr: 1 })
    const build = (spec: unknown) => builder.build('callback', spec, ['callbacks', 0], { model, optimizer })
    expect((await build({ name: 'EarlyStopping', monitor: 'loss' })).constructor.name).toBe('EarlyStopping')
    await expect(build('EarlyStopping')).rejects.toThrow(/callbacks\.0: .*monitor/)
    await expect(build({ name: 'StochasticWeightAveraging', decay: 0.9 })).rejects.toThrow(/no such option: 'decay'/)
  })
})
