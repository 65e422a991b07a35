// Searches whose trials are training runs in processes of their own: results, crashes, kills of the search itself.
import { type ChildProcess, spawn } from 'node:child_process'
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { evaluateRun } from '#lib/config/index.js'
import { runSearch } from '#lib/search/index.js'
import { setOf } from '#lib/search/trial-runs.js'

const CLOUDS = fileURLToPath(new URL('../config/clouds.mjs', import.meta.url))
const MAIN = join(dirname(createRequire(import.meta.url).resolve('sinter/package.json')), 'dist', 'cli', 'main.js')

const RUN = `name: clouds
model: { module: ${CLOUDS}, export: Net }
data:
  train: { module: ${CLOUDS}, export: clouds, samples: 64 }
  validation: { module: ${CLOUDS}, export: clouds, samples: 16, seed: 1 }
  batchSize: 16
loss: CrossEntropyLoss
optim: { name: SGD, lr: 0.1 }
trainer: { epochs: 2 }
metrics: [Accuracy]
`
const SEARCH = `name: tune
run: run.yaml
trials: 3
sampler: random
space:
  optim.lr: { logUniform: [0.01, 1] }
  optim.name: { choice: [SGD, AdamW] }
  model.width: { int: [2, 9] }
`
/** A callback that does something once, at step \`at\` of the first run that gets there: after that a file is there. */
const ONCE = `
import { existsSync, writeFileSync } from 'node:fs'
export default ({ at, file, always = false, pause = 0 }) => ({
  name: 'once',
  async onStep({ step }) {
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
    if (at === undefined || step < at || (!always && existsSync(file))) return
    writeFileSync(file, '')
    process.kill(process.pid, 'SIGKILL')
  },
})
`

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sinter-search-'))
  await writeFile(join(folder, 'run.yaml'), RUN)
  await writeFile(join(folder, 'search.yaml'), SEARCH)
  await writeFile(join(folder, 'once.mjs'), ONCE)
})
afterEach(async () => {
  await rm(folder, { recursive: true, maxRetries: 3 })
})

const searched = (set: string[] = [], yaml = 'search.yaml') =>
  runSearch(join(folder, yaml), { set, out: join(folder, 'out') })

const once = (options: Record<string, unknown>, ...more: string[]) => {
  const callback = JSON.stringify({ module: join(folder, 'once.mjs'), ...options }).replaceAll('"', "'")
  return `set=${JSON.stringify([`callbacks=[${callback}]`, ...more])}`
}

function cli(...args: string[]): { child: ChildProcess; ended: Promise<{ code: number | null; out: string }> } {
  const child = spawn(process.execPath, [MAIN, 'search', 'search.yaml', '--out', 'out', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text) => {
      out += text
    })
  return { child, ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, out }))) }
}

describe('a search of training runs', () => {
  it('trains each in a run directory, and finds the best', async () => {
    const { best, bestRun, trials } = await searched(['parallel=2', 'metric=accuracy', 'mode=max', 'of=best'])
    expect(trials.map(({ results }) => results[0]?.state)).toEqual(['done', 'done', 'done'])
    expect(await readdir(join(folder, 'out', 'trials'))).toEqual(['0000', '0001', '0002'])
    expect(best?.value).toBe(Math.max(...trials.map(({ results }) => results[0]?.value as number)))
    const { config } = JSON.parse(await readFile(join(bestRun as string, 'config.json'), 'utf8'))
    expect(config.optim).toMatchObject({ name: best?.parameters['optim.name'], lr: best?.parameters['optim.lr'] })
    expect((await evaluateRun(bestRun as string)).figures['accuracy']).toBeLessThanOrEqual(best?.value as number)
    const results = JSON.parse(await readFile(join(folder, 'out', 'results.json'), 'utf8'))
    expect(results.best).toMatchObject({ trial: best?.number, set: setOf(best?.parameters ?? {}) })
  })

  it('continues trials with larger budgets from their checkpoints', async () => {
    const { trials, best } = await searched(['strategy={name: asha, minBudget: 1, maxBudget: 3}'])
    expect(best?.results.map(({ budget }) => budget)).toEqual([1, 3])
    expect(trials.filter(({ results }) => results.length === 2).length).toBe(1)
    const log = await readFile(join(folder, 'out', 'trials', `000${best?.number}`, 'log.txt'), 'utf8')
    expect(log).toContain('continuing after step 4')
    expect(log).toContain('12 steps done')
  })

  it('tries a process that died again, from its checkpoint, and gives up one that always dies', async () => {
    const file = join(folder, 'died')
    // The checkpoint of step 4 is to be there at step 6.
    const { trials } = await searched([once({ at: 6, file }, 'trainer.asyncCheckpoints=false'), 'trials=1'])
    expect(trials[0]?.results[0]).toMatchObject({ state: 'done' })
    await access(file)
    const log = await readFile(join(folder, 'out', 'trials', '0000', 'log.txt'), 'utf8')
    expect(log).toContain('continuing after step 4')
    await rm(join(folder, 'out'), { recursive: true })
    const { trials: dead, best } = await searched([once({ at: 2, file, always: true }), 'trials=1'])
    expect(best).toBeUndefined()
    expect(dead[0]?.results[0]).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/its process was ended by SIGKILL \(.*log\.txt\)/),
    })
  })

  it('takes diverging and mistakes for failures of the parameters', async () => {
    const { trials } = await searched(['set=[optim.momentum=1e30, trainer.epochs=20]', 'trials=2', 'sampler=random'])
    for (const { parameters, results } of trials)
      expect(results[0]?.error).toMatch(
        parameters['optim.name'] === 'SGD' ? /diverged|not finite/ : /no such option: 'momentum'/,
      )
  })

  it.each<[string[], RegExp]>([
    [
      ['metric=acuracy', 'trials=1'],
      /no figure 'acuracy'; did you mean "accuracy"\? \(the run's evaluations have loss, accuracy\)/,
    ],
  ])('says what is wrong with trials: %j', async (set, message) => {
    const { trials } = await searched(set)
    expect(trials[0]?.results[0]?.error).toMatch(message)
  })

  it.each<[string, RegExp]>([
    [SEARCH.replace('trials: 3', 'trails: 3'), /search\.yaml:3: trails: unknown field; did you mean "trials"\?/],
    [SEARCH.replace('[0.01, 1]', '[0, 1]'), /search\.yaml:6: space\.optim\.lr: logUniform: low is 0/],
    [SEARCH.replace('int:', 'ints:'), /search\.yaml:8: space\.model\.width\.ints: unknown field/],
    [
      SEARCH.replace('{ int: [2, 9] }', '{ when: {} }'),
      /search\.yaml:8: space\.model\.width: .*expected one of uniform, logUniform/,
    ],
    [SEARCH.replace('random', 'radom'), /no sampler 'radom'; did you mean "random"/],
    [SEARCH.replace('run.yaml', 'absent.yaml'), /absent\.yaml: no such file/],
    [`${SEARCH}set: [trainer.epoch=1]\n`, /--set: trainer\.epoch: unknown field/],
  ])('names the mistake in a file', async (text, message) => {
    await writeFile(join(folder, 'search.yaml'), text)
    await expect(searched()).rejects.toThrow(message)
  })
})

describe('sinter search', () => {
  it('prints trials and the table, and goes on after kill -9 as if nothing had been', async () => {
    const slow = ['--set', once({ pause: 60 }), '--set', 'parallel=2']
    const first = cli(...slow)
    const journal = join(folder, 'out', 'journal.jsonl')
    for (;;) {
      const text = await readFile(journal, 'utf8').catch(() => '')
      if (text.split('\n').length >= 4) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    // Both trials are on their way.
    await new Promise((resolve) => setTimeout(resolve, 700))
    first.child.kill('SIGKILL')
    await first.ended
    const begun = (await readFile(journal, 'utf8')).split('\n')
    const second = cli(...slow)
    const { code, out } = await second.ended
    expect(code).toBe(0)
    expect(out).toMatch(
      /trial 2 \(\d+ s\): loss .*optim\.lr=.*\n\ntrial +loss +optim\.lr +optim\.name +model\.width\n/s,
    )
    expect(out).toMatch(/the best one's run directory: out.trials.000\d/)
    const lines = (await readFile(journal, 'utf8')).trim().split('\n')
    expect(lines.slice(0, 3)).toEqual(begun.slice(0, 3))
    const whole = await runSearch(join(folder, 'search.yaml'), { out: join(folder, 'other') })
    const again = await runSearch(join(folder, 'search.yaml'), { set: [once({ pause: 60 })], out: join(folder, 'out') })
    const values = ({ trials }: typeof whole) =>
      trials.map(({ parameters, results }) => [parameters, results[0]?.value])
    expect(values(again)).toEqual(values(whole))
  })

  it('lets its trials save checkpoints at Ctrl-C, and exits with 130', async () => {
    const { child, ended } = cli('--set', once({ pause: 100 }, 'trainer.epochs=100'), '--set', 'trials=1')
    const log = join(folder, 'out', 'trials', '0000', 'log.txt')
    // It is there when the run has begun, and with it the handling of signals.
    const metrics = join(folder, 'out', 'trials', '0000', 'metrics.jsonl')
    while ((await readFile(metrics).catch(() => undefined)) === undefined)
      await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill('SIGINT')
    const { code, out } = await ended
    expect(out).toContain('stopped: the same command goes on with the search')
    expect(code).toBe(130)
    expect(await readFile(log, 'utf8')).toContain('SIGINT: saving a checkpoint')
    expect((await readdir(join(folder, 'out', 'trials', '0000'))).join()).toMatch(/step-\d+/)
  })
})
