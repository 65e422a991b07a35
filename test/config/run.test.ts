// Runs from configuration files: training, resuming, evaluating; where mistakes are found, and what is said of them.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineConfig, evaluateRun, loadRun, register, resumeRun } from '#lib/config/index.js'
import { mean, square, sub } from '#lib/index.js'
import { loadSafetensors } from '#lib/io/index.js'
import { silentProgress } from '#lib/train/index.js'
import { Net } from './clouds.mjs'

const CLOUDS = fileURLToPath(new URL('./clouds.mjs', import.meta.url))
const quiet = { progress: silentProgress }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sinter-config-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const BASE = `name: clouds
seed: 3
model: { module: ${CLOUDS}, export: Net }
data:
  train: { module: ${CLOUDS}, export: clouds, samples: 64 }
  validation: { split: 0.25 }
  test: { module: ${CLOUDS}, export: clouds, samples: 20, seed: 9 }
  batchSize: 8
loss: CrossEntropyLoss
optim:
  name: AdamW
  lr: 0.05
trainer: { epochs: 3 }
metrics: [Accuracy]
`

async function file(text: string, name = 'config.yaml'): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

async function weights(out: string): Promise<number[]> {
  const state = await loadSafetensors(join(out, 'model.safetensors'))
  const values: number[] = []
  for (const tensor of state.values()) {
    values.push(...((await tensor.data()) as Float32Array))
    tensor.dispose()
  }
  return values
}

/** Trains, and gives the folder. */
async function trained(text: string, set: string[] = [], out = 'run'): Promise<string> {
  const path = join(folder, out)
  const run = await loadRun(await file(text), { set })
  await run.train({ ...quiet, out: path })
  return path
}

describe('a run from a configuration', () => {
  it('trains, keeps its configuration, and is evaluated from its directory alone', async () => {
    const run = await loadRun(await file(BASE))
    expect(run).toMatchObject({ name: 'clouds', out: 'checkpoints/clouds', config: { seed: 3 } })
    const out = join(folder, 'run')
    const result = await run.train({ ...quiet, out })
    // 48 of 64 samples in batches of 8, three times.
    expect(result.step).toBe(18)
    expect(result.history.at(-1)?.metrics['accuracy']).toBeGreaterThan(0.9)
    expect(JSON.parse(await readFile(join(out, 'run.json'), 'utf8'))).toMatchObject({
      seed: 3,
      config: { optim: { name: 'AdamW', lr: 0.05 } },
    })
    await rm(join(folder, 'config.yaml'))
    const test = await evaluateRun(out)
    expect(test).toMatchObject({ data: 'test', step: 18 })
    expect(test.figures['accuracy']).toBeGreaterThan(0.9)
    const validation = await evaluateRun(join(out, 'step-00000018'), { data: 'validation' })
    expect(validation.figures).toEqual(result.history.at(-1)?.metrics)
    await expect(evaluateRun(out, { data: 'tset' })).rejects.toThrow(/data\.tset: there is none; did you mean "test"\?/)
  })

  it('goes on from where it was stopped, to the bit', async () => {
    const whole = await trained(BASE, [], 'whole')
    const part = await trained(BASE, ['trainer={steps: 7, checkpointEvery: 7}'], 'part')
    const result = await resumeRun(part, { ...quiet, set: ['trainer={epochs: 3}'] })
    expect(result.step).toBe(18)
    expect(await weights(part)).toEqual(await weights(whole))
    await expect(resumeRun(join(part, 'step-00000018'), quiet)).rejects.toThrow(/is no run directory: .*part is/)
    await expect(resumeRun(folder, quiet)).rejects.toThrow(/is no run directory and no checkpoint of one/)
  })

  it('is the same with workers, and another one with another seed', async () => {
    const alone = await trained(BASE, ['trainer={steps: 4}'], 'a')
    const workers = await trained(BASE, ['trainer={steps: 4}', 'data.workers=2'], 'b')
    const other = await trained(BASE, ['trainer={steps: 4}', 'seed=4'], 'c')
    expect(await weights(workers)).toEqual(await weights(alone))
    expect(await weights(other)).not.toEqual(await weights(alone))
  })

  it('trains some parameters only, from the weights of another run', async () => {
    const first = await trained(BASE, ['trainer={steps: 5}'], 'first')
    const before = await loadSafetensors(join(first, 'model.safetensors'))
    const tuned = await trained(
      `${BASE}weights: { file: first, skip: ['head.**'] }\nfreeze: 'body.**'\n`,
      ['trainer={steps: 3}', 'optim.groups=[{params: head.bias, lr: 0}]'],
      'tuned',
    )
    const after = await loadSafetensors(join(tuned, 'model.safetensors'))
    const values = async (state: typeof before, name: string) => [...((await state.get(name)!.data()) as Float32Array)]
    const same = async (name: string) => `${await values(before, name)}` === `${await values(after, name)}`
    expect(await same('body.0.weight')).toBe(true)
    expect(await same('body.0.bias')).toBe(true)
    expect(await same('head.weight')).toBe(false)
    for (const tensor of [...before.values(), ...after.values()]) tensor.dispose()
  })

  it('leaves the run directory of an earlier run alone when it is mistaken', async () => {
    const out = await trained(BASE, ['trainer={steps: 1}'])
    const record = await readFile(join(out, 'config.json'), 'utf8')
    await expect(trained(BASE, ['optim.name=Adm'])).rejects.toThrow(/did you mean "Adam"\?/)
    expect(await readFile(join(out, 'config.json'), 'utf8')).toBe(record)
  })

  it('takes a module whose components are functions, and reads it again to resume', async () => {
    const module = `
      import { clouds, Net } from ${JSON.stringify(CLOUDS)}
      export default {
        name: 'code', trainer: { steps: 3 }, optim: { name: 'SGD', lr: 0.1 }, loss: 'CrossEntropyLoss',
        model: () => new Net({ width: 4 }),
        data: { train: () => clouds({ samples: 16 }), validation: () => clouds({ samples: 8, seed: 1 }), batchSize: 8 },
      }`
    const run = await loadRun(await file(module, 'code.mjs'), { set: ['optim.lr=0.2'] })
    const out = join(folder, 'run')
    await run.train({ ...quiet, out })
    expect(JSON.parse(await readFile(join(out, 'config.json'), 'utf8'))).toMatchObject({
      config: null,
      set: ['optim.lr=0.2'],
    })
    expect((await resumeRun(out, { ...quiet, set: ['trainer.steps=5'] })).step).toBe(5)
    expect((await evaluateRun(out)).figures).toEqual({ loss: expect.any(Number) })
  })

  it('has types', () => {
    const config = defineConfig({
      name: 'typed',
      model: () => new Net({ width: 4 }),
      data: { train: { name: 'mnist', root: '.' }, validation: { fold: 0, folds: 3 }, transforms: ['randomInvert'] },
      loss: { module: './loss.mjs', scale: 3 },
      optim: { name: 'SGD', lr: 0.1 },
      trainer: { epochs: 1, guard: { nonFinite: 'skip' } },
    })
    // @ts-expect-error a mistaken field
    defineConfig({ ...config, trainer: { epoch: 3 } })
    expect(config.name).toBe('typed')
  })

  it('is in the examples', async () => {
    const example = fileURLToPath(new URL('../../examples/digits.yaml', import.meta.url))
    expect((await loadRun(example)).config).toMatchObject({ name: 'digits-config', trainer: { epochs: 8 } })
  })

  it('is short when it is quick', async () => {
    const run = await loadRun(await file(BASE))
    expect((await run.train({ ...quiet, out: join(folder, 'quick'), quick: true })).step).toBe(2)
  })

  it('puts the average of the weights into the final ones', async () => {
    const own = await trained(BASE, [], 'own')
    const average = '{name: ExponentialMovingAverage, decay: 0.99, copyAtEnd: true}'
    const averaged = await trained(BASE, [`callbacks=[${average}]`], 'averaged')
    expect(await weights(averaged)).not.toEqual(await weights(own))
    expect((await evaluateRun(averaged)).figures).toEqual((await evaluateRun(own)).figures)
  })

  it.each([
    ['SAM', 'optim={name: SAM, optimizer: {name: SGD, lr: 0.2}}'],
    ['LBFGS', 'optim={name: LBFGS, lr: 0.1, lineSearchFn: strong_wolfe}'],
    ['f16 and a scaler', 'trainer={epochs: 3, autocast: f16, scaler: {initScale: 128}, clipNorm: 1}'],
    ['a guard', 'trainer={epochs: 3, guard: {nonFinite: skip, maxSkips: 2}, asyncCheckpoints: true}'],
    ['callbacks that record', 'callbacks=[{name: Statistics, every: 2}, TensorBoard]'],
  ])('trains with %s', async (_, set) => {
    const { figures } = await evaluateRun(await trained(BASE, [set]))
    expect(figures['accuracy']).toBeGreaterThan(0.9)
  })

  it('takes a list for the weights of classes', async () => {
    // Only class 0 counts, so everything is called that.
    const out = await trained(BASE, ['loss.weight=[1, 0]'])
    expect((await evaluateRun(out)).figures['accuracy']).toBe(0.5)
  })

  it('adds penalties to the loss', async () => {
    const [free, penalized] = [await trained(BASE, [], 'free'), await trained(BASE, ['penalty.l1=0.1'], 'penalized')]
    const size = (values: number[]) => values.reduce((sum, value) => sum + Math.abs(value), 0)
    expect(size(await weights(penalized))).toBeLessThan(0.5 * size(await weights(free)))
  })
})

describe('a mistake', () => {
  // Replaces a line of the configuration, or adds one, and says which line the message is to name.
  it.each<[string, string, RegExp]>([
    ['epochs: 3', 'epoch: 3', /config\.yaml:13: trainer\.epoch: unknown field; did you mean "epochs"\?/],
    ['epochs: 3', 'epochs: none', /config\.yaml:13: trainer\.epochs: found "none", expected a number/],
    ['epochs: 3', 'steps: 2, epochs: 3', /config\.yaml:13: trainer: .*expected either epochs or steps/],
    ['batchSize: 8', 'batchSize: 0', /config\.yaml:8: data\.batchSize: found 0, expected at least 1/],
    ['batchSize: 8', 'batchsize: 8', /config\.yaml:8: data\.batchsize: unknown field; did you mean "batchSize"\?/],
    ['split: 0.25', 'split: 2', /config\.yaml:6: data\.validation\.split: found 2, expected less than 1/],
    ['name: AdamW', 'name: AdmaW', /config\.yaml:11: optim\.name: no optimizer 'AdmaW'; did you mean "AdamW"\?/],
    ['lr: 0.05', 'rl: 0.05', /config\.yaml:12: optim\.rl: AdamW: no such option: 'rl'; did you mean "lr"\?/],
    ['lr: 0.05', 'lr: -1', /config\.yaml:10: optim: AdamW: lr is -1/],
    [
      'CrossEntropyLoss',
      'CrossEntropy',
      /config\.yaml:9: loss\.name: no loss 'CrossEntropy'; did you mean "CrossEntropyLoss"\?/,
    ],
    ['[Accuracy]', '[{ name: F1, class: 3 }]', /config\.yaml:14: metrics\.0\.class: F1: no such option: 'class'/],
    ['[Accuracy]', '[Accuracy, { name: Accuracy }]', /metrics\.1\.label: there is another figure 'accuracy'/],
    ['export: Net', 'export: Nets', /config\.yaml:3: model\.export: .* has no export 'Nets'; did you mean "Net"\?/],
    [
      `module: ${CLOUDS}, export: Net`,
      'module: ./absent.mjs',
      /config\.yaml:3: model\.module: \.\/absent\.mjs cannot be imported/,
    ],
    [`{ module: ${CLOUDS}, export: Net }`, '{ width: 3 }', /config\.yaml:3: model: .*expected a name, \{name/],
    [
      'epochs: 3',
      'epochs: 3, scaler: { scale: 2 }',
      /config\.yaml:13: trainer\.scaler: GradScaler: no such option: 'scale'/,
    ],
    ['trainer:', 'freeze: nothing\ntrainer:', /config\.yaml:13: freeze: .*matches nothing/],
    ['trainer:', "freeze: '**'\ntrainer:", /config\.yaml:13: freeze: every parameter is frozen/],
    ['trainer:', 'weights: nowhere\ntrainer:', /config\.yaml:13: weights: .*nowhere/],
    ['trainer:', 'scheduler: { name: OneCycleLR }\ntrainer:', /config\.yaml:13: scheduler: /],
    ['  lr: 0.05', '  groups: [{ params: 3 }]', /config\.yaml:12: optim\.groups\.0\.params: expected a pattern/],
    ['  lr: 0.05', '  groups: [{ params: body.weights }]', /config\.yaml:12: optim\.groups\.0\.params: .*body/],
    ['batchSize: 8', 'input: points', /data\.input: a batch has no 'points' \(it has x, y\)/],
    [
      'batchSize: 8',
      'transforms: [randomCop]',
      /config\.yaml:8: data\.transforms\.0\.name: no transform 'randomCop'; did you/,
    ],
    ['name: clouds', 'name: clouds\nname: again', /config\.yaml:2:1: Map keys must be unique/],
    [
      'seed: 3',
      `seed: \${env:SINTER_ABSENT}`,
      /config\.yaml:2: seed: the environment variable SINTER_ABSENT is not set/,
    ],
  ])('%s -> %s', async (from, to, message) => {
    expect(BASE).toContain(from)
    const text = BASE.replace(from, to)
    const error = await trained(text, ['trainer.keep=1']).then(
      () => undefined,
      (thrown: Error) => thrown,
    )
    expect(error?.message).toMatch(message)
  })

  it.each<[string, RegExp]>([
    ['optim.lrr=1', /--set: optim\.lrr: AdamW: no such option/],
    ['data.batchSizes=1', /--set: data\.batchSizes: unknown field; did you mean "batchSize"\?/],
    ['data.batchSize=many', /--set: data\.batchSize: found "many", expected a number/],
    ['data.batchSize', /--set: data\.batchSize: expected path=value/],
    ['seed.of=1', /--set: seed: it is 3, which has no fields/],
    ['metrics.2=AUROC', /--set: metrics: it is a list of 1: expected a number from 0 to 1/],
    ['optim..lr=1', /--set: optim\.\.lr=1: expected path=value/],
  ])('--set %s', async (set, message) => {
    await expect(trained(BASE, [set])).rejects.toThrow(message)
  })

  it('names files that are not there, are no configuration, or cannot be parsed', async () => {
    await expect(loadRun(join(folder, 'absent.yaml'))).rejects.toThrow(/absent\.yaml: no such file/)
    await expect(loadRun(await file('', 'run.toml'))).rejects.toThrow(
      /run\.toml: expected an ES module .* found "\.toml"/,
    )
    await expect(loadRun(await file('{"name": "x",\n"model": ]', 'x.json'))).rejects.toThrow(/x\.json:2:\d+: /)
    await expect(loadRun(await file('', 'empty.yaml'))).rejects.toThrow(/empty\.yaml: found null, expected an object/)
  })
})

describe('--set and variables', () => {
  it('have the types of YAML, and of the schema', async () => {
    const path = await file(BASE.replace('lr: 0.05', () => `lr: \${env:SINTER_TEST_LR:0.25}\n  note: "$\${env:X}"`))
    const set = [
      'trainer.epochs=2',
      'name=007',
      'metrics.1={name: F1, classes: 2}',
      'loss.labelSmoothing=1e-1',
      'data.dropLast=true',
    ]
    const { config } = await loadRun(path, { set })
    expect(config).toMatchObject({
      name: '007',
      trainer: { epochs: 2 },
      metrics: ['Accuracy', { name: 'F1', classes: 2 }],
      loss: { name: 'CrossEntropyLoss', labelSmoothing: 0.1 },
      data: { dropLast: true },
      optim: { lr: 0.25, note: `\${env:X}` },
    })
    process.env['SINTER_TEST_LR'] = '1e-3'
    try {
      expect((await loadRun(path)).config?.optim).toMatchObject({ lr: 0.001 })
    } finally {
      delete process.env['SINTER_TEST_LR']
    }
  })
})

describe('register', () => {
  it('adds names, from a module that the configuration imports too', async () => {
    register('model', 'TestNet', (options) => new Net(options))
    register('loss', 'TestLoss', () => (output) => mean(square(sub(output, 1))))
    register('callback', 'TestStop', ({ after }, { model }) => {
      expect(model).toBeInstanceOf(Net)
      let fit: { stop(): void }
      return {
        onFitStart: (context) => {
          fit = context
        },
        onStep: ({ step }) => {
          if (step === after) fit.stop()
        },
      }
    })
    await mkdir(join(folder, 'names'))
    await writeFile(
      join(folder, 'names', 'mine.mjs'),
      `import { register } from 'sinter/config'\nimport { clouds } from ${JSON.stringify(CLOUDS)}\nregister('dataset', 'Clouds', clouds)`.replace(
        "'sinter/config'",
        JSON.stringify(new URL('../../dist/config/index.js', import.meta.url).href),
      ),
    )
    const text = `name: mine
imports: [names/mine.mjs]
model: { name: TestNet, width: 3 }
data: { train: { name: Clouds, samples: 80 }, batchSize: 4 }
loss: TestLoss
optim: { name: SGD, lr: 0.01 }
trainer: { epochs: 1 }
callbacks: [{ name: TestStop, after: 2 }]
`
    const result = await (await loadRun(await file(text))).train({ ...quiet, out: join(folder, 'run') })
    expect(result.stopped).toBe(true)
    expect(result.step).toBeLessThan(6)
  })

  it('refuses other kinds, empty names and names that are taken', () => {
    expect(() => register('models' as never, 'X', () => null as never)).toThrow(/there is no kind 'models'/)
    expect(() => register('model', '', () => null as never)).toThrow(/without a name/)
    expect(() => register('model', 'X', 3 as never)).toThrow(/is no function/)
    expect(() => register('model', 'LeNet', () => null as never)).toThrow(/there is a model 'LeNet' already/)
  })
})
