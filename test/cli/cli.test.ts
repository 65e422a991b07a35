// The command line: mistakes through its main function, the rest by starting the program as a person does.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { main } from '#lib/cli/main.js'
import { loadSafetensors } from '#lib/io/index.js'

const ROOT = dirname(createRequire(import.meta.url).resolve('sinter/package.json'))
const MAIN = join(ROOT, 'dist', 'cli', 'main.js')
const TINY = fileURLToPath(new URL('./tiny.mjs', import.meta.url))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sinter-cli-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function finished(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  let [out, err] = ['', '']
  child.stdout?.on('data', (text) => {
    out += text
  })
  child.stderr?.on('data', (text) => {
    err += text
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, out, err }
}

const sinter = (...args: string[]) => finished(start(...args))

/** The same without a process: exit code and what went to standard error. */
async function mistake(...args: string[]): Promise<{ code: number; err: string }> {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    const code = await main(args)
    return { code, err: write.mock.calls.map(([text]) => String(text)).join('') }
  } finally {
    write.mockRestore()
  }
}

describe('sinter', () => {
  it('explains itself', async () => {
    const { code, out } = await sinter('help')
    expect(code).toBe(0)
    for (const text of ['train <file>', 'info', 'tune [...products]', 'bench', 'defineRun', 'Exit codes'])
      expect(out).toContain(text)
    expect((await sinter('help', 'train')).out).toContain('--resume')
  })

  it.each<[string[], RegExp]>([
    [['trian'], /unknown command "trian"; did you mean "train"\?/],
    [['train'], /train needs <file>/],
    [['train', 'absent.mjs'], /absent\.mjs: no such file/],
    [['train', 'run.txt'], /run\.txt: expected an ES module/],
    [['train', TINY, 'more'], /unexpected argument "more"/],
    [['train', TINY, '--sed', '3'], /unknown option --sed of train; did you mean "--seed"\?/],
    [['train', TINY, '--seed', 'x'], /--seed is x, expected a whole number/],
    [['train', TINY, '--set', 'lr=fast'], /tiny\.mjs: lr: found "fast", expected a number \(its default is 0\.1\)/],
    [['train', TINY, '--set', 'lrr=1'], /tiny\.mjs: lrr: no such option; did you mean "lr"\?/],
    [['train', TINY, '--set', 'nesterov=yes'], /nesterov: found "yes", expected true or false/],
    [['tune', '4x5'], /"4x5" is no product: expected \[dtype:\]/],
    [['tune', '--threads', '1,two'], /--threads is 1,two, expected numbers such as 1,2/],
    [['tune', '--threads', '300'], /300 threads, expected 1 to 256/],
    [['tune', '--budget', '0'], /--budget is 0, expected a number of seconds/],
    [['tune', '--clear', '4x5x6'], /--clear takes no products/],
    [['profile'], /profile <script> needs|profile needs <script>/],
    [['profile', 'absent.mjs'], /there is no script .*absent\.mjs/],
    [['profile', TINY, '--by', 'colour'], /--by is colour, expected operator, shape, range/],
    [['profile', TINY, '--rows', '0'], /--rows is 0, expected a positive integer/],
    [['info', '--jsn'], /unknown option --jsn of info; did you mean "--json"\?/],
  ])('refuses %j with exit code 2 and one line', async (args, message) => {
    const { code, err } = await mistake(...args)
    expect(err).toMatch(message)
    expect(err.trim().split('\n').length).toBe(1)
    expect(code).toBe(2)
  })

  it.each<[string, RegExp]>([
    ['export default { name: "x" }', /run\.mjs: setup: found nothing, expected a function/],
    ['export default { name: "a b", setup() {} }', /run\.mjs: name: found "a b", expected a name of letters/],
    [
      'export default { name: "x", setup() {}, epoch: 3 }',
      /run\.mjs: epoch: unknown field: expected name, description, options, setup/,
    ],
    ['export const run = 1', /run\.mjs: expected .* or "export default defineRun\(\{\.\.\.\}\)"; it exports run/],
  ])('names the mistake in a run file: %s', async (text, message) => {
    await writeFile(join(folder, 'run.mjs'), text)
    const { code, err } = await mistake('train', join(folder, 'run.mjs'))
    expect(err).toMatch(message)
    expect(code).toBe(2)
  })

  it('prints information for people and for programs', async () => {
    const { out } = await sinter('info')
    for (const text of ['kernels', 'threads', 'devices', 'cuda', 'tuning', process.version]) expect(out).toContain(text)
    const json = JSON.parse((await sinter('info', '--json')).out)
    expect(json).toMatchObject({ node: process.version, devices: expect.arrayContaining(['cpu']) })
  })
})

describe('sinter profile', () => {
  it('runs a script with its arguments, and shows where its time goes', async () => {
    const library = JSON.stringify(pathToFileURL(join(ROOT, 'dist', 'index.js')).href)
    const script = join(folder, 'script.mjs')
    await writeFile(
      script,
      `import { matmul, profile, randn } from ${library}
       const n = Number(process.argv[3])
       const y = profile.range('work', () => matmul(randn([n, n]), randn([n, n])))
       console.log(process.argv.slice(2).join(' '), y.shape.join('x'), (await y.data()).length)`,
    )
    const trace = join(folder, 'trace.json')
    const { code, out, err } = await sinter('profile', script, 'size', '7', '--trace', trace, '--', '--odd')
    expect(code).toBe(0)
    expect(out).toBe('size 7 --odd 7x7 49\n')
    expect(err).toMatch(/^operator +kernel +calls/)
    expect(err).toMatch(/^matmul +matmul +1 /m)
    expect(err).toContain(`wrote ${trace}`)
    const { traceEvents } = JSON.parse(await readFile(trace, 'utf8')) as { traceEvents: { name: string }[] }
    expect(traceEvents.map(({ name }) => name)).toEqual(expect.arrayContaining(['matmul', 'memory', 'work']))
    expect((await sinter('profile', script, 'size', '3', '--by', 'range')).err).toMatch(/^work +1 /m)
  })

  it('fails as the script does', async () => {
    const script = join(folder, 'fails.mjs')
    await writeFile(script, 'throw new Error("not today")')
    const { code, err } = await sinter('profile', script)
    expect(code).toBe(1)
    expect(err).toContain('not today')
  })
})

describe('sinter tune', () => {
  it('measures products, a line each, and forgets them', async () => {
    const before = process.env['SINTER_CACHE']
    process.env['SINTER_CACHE'] = folder
    try {
      const { code, out, err } = await sinter('tune', '130x140x150', '16x16x16', '--threads', '1,2', '--budget', '0.01')
      expect(err).toMatch(
        /^\[1\/4\] f32:130x140x150, 1 thread .* ms.*\n\[2\/4\] f32:16x16x16, 1 thread +computed without a plan\n/,
      )
      // Then a line for each plan that the second comparison withdraws: what the machine's load made of so short a measurement.
      expect(err).toMatch(
        /\n\[4\/4\] f32:16x16x16, 2 threads +computed without a plan\n(\[4\/4\] f32:130x140x150, [12] threads? .*second comparison\n)*$/,
      )
      expect(out).toMatch(/^[012] of 4 products are faster by a plan; kept in .*tuning-.*\.json\n$/)
      expect(code).toBe(0)
      const json = JSON.parse((await sinter('tune', 'packed:130x140x150', '--budget', '0.01', '--json')).out)
      expect(json).toEqual([expect.objectContaining({ product: 'f32:packed:130x140x150', usual: expect.any(Number) })])
      expect((await sinter('tune', '--clear')).out).toMatch(/^cleared [0123] of /)
      expect((await sinter('tune', '--clear', '--json')).out).toBe('{"cleared":0}\n')
    } finally {
      process.env['SINTER_CACHE'] = before ?? ''
    }
  })
})

describe('sinter train, resume and eval with a configuration', () => {
  const CLOUDS = fileURLToPath(new URL('../config/clouds.mjs', import.meta.url))
  const CONFIG = `name: clouds
model: { module: ${CLOUDS}, export: Net }
data:
  train: { module: ${CLOUDS}, export: clouds }
  validation: { module: ${CLOUDS}, export: clouds, seed: 1 }
loss: CrossEntropyLoss
optim: { name: SGD, lr: 0.1 }
trainer: { steps: 4 }
metrics: [Accuracy]
`

  it('trains, goes on and evaluates', async () => {
    await writeFile(join(folder, 'config.yaml'), CONFIG)
    const trained = await sinter('train', 'config.yaml', '--seed', '5', '--set', 'optim.lr=2e-1', '--out', 'here')
    expect(trained.err).toBe('')
    expect(trained.out).toMatch(/42 parameters, seed 5.*after step 4: loss .* accuracy .*weights in here/s)
    expect(trained.code).toBe(0)
    expect(JSON.parse(await readFile(join(folder, 'here', 'config.json'), 'utf8'))).toMatchObject({
      seed: 5,
      config: { optim: { lr: 0.2 } },
    })
    const again = await sinter('resume', 'here', '--set', 'trainer.steps=6')
    expect(again.out).toMatch(/continuing after step 4.*after step 6/s)
    expect(again.code).toBe(0)
    const found = await sinter('eval', 'here', '--json')
    expect(JSON.parse(found.out)).toMatchObject({ data: 'validation', step: 6, figures: { loss: expect.any(Number) } })
    const lines = await sinter('eval', join('here', 'step-00000004'), '--data', 'train')
    expect(lines.out).toMatch(
      /^step 4 on train, from here.step-00000004\n {2}loss {6}0\.\d+\n {2}accuracy {2}[\d.]+\n$/,
    )
  })

  it('resumes and evaluates a defineRun, with its options', async () => {
    await sinter('train', TINY, '--set', 'steps=3', '--out', 'here')
    expect((await sinter('resume', 'here', '--set', 'steps=5')).out).toContain('finished after 5 steps')
    const { code, err } = await sinter('eval', 'here')
    expect(err).toMatch(/tiny\.mjs has no `evaluate`/)
    expect(code).toBe(2)
  })

  it.each<[string[], RegExp]>([
    [['resume', 'absent'], /absent is no run directory .*there is no such folder/],
    [['eval'], /eval needs <run>/],
    [['eval', '.'], /no run directory and no checkpoint of one: there is no config\.json/],
    [['eval', '.', '--dta', 'x'], /unknown option --dta of eval; did you mean "--data"\?/],
  ])('refuses %j', async (args, message) => {
    const { code, err } = await mistake(...args)
    expect(err).toMatch(message)
    expect(code).toBe(2)
  })
})

describe('sinter train', () => {
  it('trains with options, and leaves weights that load', async () => {
    const { code, out, err } = await sinter('train', TINY, '--seed', '4', '--set', 'lr=0.05', '--set', 'label=a=b')
    expect(err).toBe('')
    expect(out).toContain('seed 4, quick false, {"steps":6,"lr":0.05,"pause":0,"label":"a=b","nesterov":false}')
    expect(out).toContain('finished after 6 steps')
    expect(code).toBe(0)
    const path = join(folder, 'checkpoints', 'tiny')
    expect((await readdir(path)).sort()).toEqual([
      'config.json',
      'curves-loss.svg',
      'metrics.jsonl',
      'model.safetensors',
      'run.json',
      'step-00000006',
      'summary.json',
    ])
    expect(JSON.parse(await readFile(join(path, 'run.json'), 'utf8'))).toMatchObject({ seed: 4, config: { lr: 0.05 } })
    expect([...(await loadSafetensors(join(path, 'model.safetensors'))).keys()]).toEqual(['bias', 'weight'])
  })

  it('makes a quick run, writes where it is told, and resumes', async () => {
    expect((await sinter('train', TINY, '--quick', '--out', 'here')).out).toContain('finished after 2 steps')
    const { out, code } = await sinter('train', TINY, '--out', 'here', '--resume')
    expect(out).toContain('continuing after step 2')
    expect(out).toContain('finished after 6 steps')
    expect(code).toBe(0)
  })

  it('saves at Ctrl-C and exits with 130', async () => {
    const child = start('train', TINY, '--set', 'steps=200', '--set', 'pause=20')
    child.stdout?.once('data', () => setTimeout(() => child.kill('SIGINT'), 600))
    const { code, out } = await finished(child)
    expect(out).toContain('SIGINT: saving a checkpoint')
    expect(out).toMatch(/stopped after step \d+: continue with --resume\n/)
    expect(code).toBe(130)
    expect((await readdir(join(folder, 'checkpoints', 'tiny'))).join(' ')).toMatch(/\bstep-\d{8}\b/)
  })

  it('quits at once at the second Ctrl-C', async () => {
    const child = start('train', TINY, '--set', 'pause=100000')
    child.stdout?.once('data', () => setTimeout(() => child.kill('SIGINT'), 600))
    child.stdout?.on('data', (text) => {
      if (String(text).includes('SIGINT')) for (const ms of [0, 800]) setTimeout(() => child.kill('SIGINT'), ms)
    })
    const { code, out } = await finished(child)
    expect(out).not.toContain('stopped after step')
    expect(code).toBe(130)
  })

  it('fails with exit code 1 and the reason when training fails', async () => {
    const { code, err } = await sinter('train', TINY, '--set', 'lr=1e30', '--set', 'steps=30')
    expect(err).toMatch(/training has diverged.*\[SINTER_TRAIN_DIVERGED\]/)
    expect(code).toBe(1)
  })
})
