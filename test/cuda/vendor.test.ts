/**
 * Products by cuBLASLt (cuda/vendor, cuda/kernels/gemm/by_library.cpp) on a stand-in for it (test/cuda/cublaslt): what it is told, who is
 * chosen, what is remembered, and what happens where it is not there, refuses, or memory is short.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { main } from '#lib/cli/main.js'
import { readChoices, SECTION, savedChoices, taskLibrary, useChoices } from '#lib/engine/library-tuning.js'
import { writeTuning } from '#lib/engine/tuning-cache.js'
import { formatTask } from '#lib/engine/vendor-task.js'
import * as ops from '#lib/index.js'
import { clearTuning, cuda, engine, type Tensor, tuneCuda } from '#lib/index.js'
import { loadNative } from '#lib/native/load.js'
import { numbers } from '../helpers/compare.js'
import { check, close, FLOATS } from './products.js'
import { always, computedBy, run } from './watched.js'

const standIn = fileURLToPath(new URL('../../build/cuda/libcublasltsim.so', import.meta.url))
const onDevice = engine.info().devices.includes('cuda:0')
/** The stand-in, whose times and refusals are planted; else, on a card, the library itself, where it is. */
const planted = onDevice && existsSync(standIn) && process.env['SINTER_CUBLASLT'] === standIn
const present = planted || (onDevice && taskLibrary('cuBLASLt').missing === '')
if (!present) console.log('neither a device nor cuBLASLt here, real or simulated: products by it are not tested')

const ALL = { bias: true, added: true, activation: 'gelu', scale: -0.5, dropout: 0.3 } as const
/** Each process takes half a second. */
const full = process.env['SINTER_TEST_FULL'] === '1'

/** All of them were the library's; the stand-in takes everything. */
function expectTaken(by: readonly number[]): void {
  if (planted) expect(by).toEqual(by.map(() => 0))
  else expect(by).toContain(0)
}

describe.skipIf(!present)('products by cuBLASLt', () => {
  for (const dtype of FLOATS)
    test(`${dtype}: every layout, gap and misalignment, with what comes after`, () => {
      const by = always(() => {
        for (const ta of [false, true])
          for (const tb of [false, true]) {
            const [a, b] = [{ transposed: ta }, { transposed: tb }]
            check(dtype, { m: 17, n: 31, k: 13, a, b })
            check(dtype, { m: 5, n: 24, k: 16, a: { ...a, gap: 8 }, b: { ...b, gap: 3, offset: 1 }, after: ALL })
            check(dtype, { m: 9, n: 7, k: 1, a, b, after: { bias: true } })
          }
        check(dtype, { m: 12, n: 19, k: 8, after: { added: true, scale: 2 } })
        check(dtype, { m: 12, n: 19, k: 8, after: { bias: true, added: true, scale: 0.25 } })
        check(dtype, { m: 1, n: 40, k: 33, after: { activation: 'relu' } })
        check(dtype, { m: 40, n: 1, k: 33, after: { bias: true, dropout: 0.5 } })
        check(dtype, { m: 11, n: 10, k: 12, a: { step: 2 }, b: { step: 3, transposed: true }, after: ALL })
      })
      expect(by.length).toBeGreaterThan(16)
      expectTaken(by)
    })

  test('batches of one and several strides, shared operands, a residual in place', () => {
    const batches: readonly (readonly [readonly number[], readonly number[], boolean])[] = [
      [[3, 6, 8], [3, 8, 5], true],
      [[3, 1, 6, 8], [2, 8, 5], true],
      [[4, 1, 8], [4, 8, 5], true],
      [[2, 3, 6, 7], [7, 5], true],
      [[17, 1, 2, 3], [1, 18, 3, 2], false], // 17 calls
    ]
    for (const dtype of ['f32', 'bf16'] as const)
      for (const [sa, sb, taken] of batches) {
        const by = always(() => {
          const [a, b] = [ops.randn(sa).to(dtype), ops.randn(sb).to(dtype)] as [Tensor, Tensor]
          const exact = ops.matmul(a.to('f64'), b.to('f64'))
          const size = ops.matmul(ops.abs(a.to('f64')), ops.abs(b.to('f64')))
          close(`${sa} x ${sb}`, ops.matmul(a.to('cuda'), b.to('cuda')), exact, size, sa.at(-1) as number)
        })
        if (taken) expectTaken(by)
        else expect(by).toEqual([-1])
      }
    // Heads that lie between the rows: two strides.
    const by = always(() => {
      const q = ops.randn([2, 5, 3, 8])
      const turned = (t: Tensor): Tensor => ops.transpose(t, 1, 2)
      const on = turned(q.to('cuda') as Tensor)
      const wide = turned(q.to('f64') as Tensor)
      const size = ops.matmul(ops.abs(wide), ops.transpose(ops.abs(wide), -1, -2))
      close('heads', ops.matmul(on, ops.transpose(on, -1, -2)), ops.matmul(wide, ops.transpose(wide, -1, -2)), size, 8)
    })
    expectTaken(by)
    // y += a b: twice, so that a product that does not add shows.
    const into = always(() => {
      const [x, h] = [ops.randn([3, 4, 6]), ops.randn([3, 6])] as [Tensor, Tensor]
      const cell = new ops.Generator(3)
      const w = ops.randn([6, 6], { generator: cell }) as Tensor
      const run = (place: (t: Tensor) => Tensor): Tensor => {
        const wp = place(w).requiresGrad_()
        const y = ops.add(ops.matmul(place(h), wp), ops.matmul(ops.select(place(x), 1, 0), wp))
        return ops.grad(ops.sum(y), [wp])[0] as Tensor
      }
      const size = run((t) => ops.abs(t.to('f64') as Tensor))
      close(
        'gradients',
        run((t) => t.to('cuda') as Tensor),
        run((t) => t.to('f64') as Tensor),
        size,
        12,
      )
    })
    expectTaken(into)
  })

  test('nothing to multiply or to add up is no product for it', () => {
    expect(
      always(() => {
        for (const [m, n, k] of [
          [0, 4, 3],
          [4, 0, 3],
          [4, 3, 0],
        ] as const)
          check('f32', { m, n, k, after: { bias: true } })
      }).filter((by) => by >= 0),
    ).toEqual([])
  })

  test('f32 is f32, unless tf32 is asked for', () => {
    ops.scope(() => {
      const x = ops.mul(ops.eye(9, 9), 1 + 2 ** -13) as Tensor
      const check = (rows: number, value: number): void => {
        const by = always(() => {
          const part = ops.slice(x, 0, 0, rows).to('cuda') as Tensor
          expect(numbers(ops.matmul(part, ops.eye(9, 9, { device: 'cuda' })))[0]).toBe(value)
        })
        expectTaken(by)
      }
      check(9, 1 + 2 ** -13)
      cuda.matmulPrecision = 'tf32'
      try {
        check(9, 1)
        // What cuda.matmulPrecision says of few rows holds for the library, too.
        check(8, 1 + 2 ** -13)
      } finally {
        cuda.matmulPrecision = 'ieee'
      }
    })
  })

  test('off and auto leave products to our kernels, and other words are refused', () => {
    const product = (): void => check('f32', { m: 8, n: 16, k: 8 })
    expect(computedBy(product)).toEqual([-1])
    cuda.vendorLibraries = 'off'
    expect(cuda.vendorLibraries).toBe('off')
    expect(computedBy(product)).toEqual([-1])
    cuda.vendorLibraries = 'auto'
    expect(() => {
      cuda.vendorLibraries = 'on' as 'auto'
    }).toThrow("cuda.vendorLibraries: 'on' is not one of auto, off, always")
  })

  test.skipIf(!planted)('memory that is short is no error: our kernels take less', () => {
    ops.scope(() => {
      const a = ops.randn([24, 24], { device: 'cuda' }) as Tensor
      const wide = a.to('cpu').to('f64')
      const [exact, size] = [ops.matmul(wide, wide), ops.matmul(ops.abs(wide), ops.abs(wide))]
      engine.syncSync()
      cuda.emptyCache()
      // What is there, and not a MiB more.
      cuda.setMemoryLimit(cuda.memory().live + 64 * 1024)
      try {
        const by = always(() => close('short of memory', ops.matmul(a, a), exact, size, 24))
        expect(by).toEqual([-1])
      } finally {
        cuda.setMemoryLimit(0)
      }
    })
  })

  test.skipIf(!planted)('libraries say their versions', () => {
    expect(cuda.libraries()).toEqual([
      { name: 'cuBLASLt', version: '13.1.2', missing: '' },
      { name: 'cuSOLVER', version: 'of unknown version', missing: '' },
      { name: 'cuDNN', version: '9.24.0', missing: '' },
    ])
  })
})

describe.skipIf(!planted)('where cuBLASLt fails', () => {
  const product = (m: number) =>
    `const a = s.ones([${m}, 24], { device: 'cuda' }), b = s.ones([24, 40], { device: 'cuda' });` +
    `const y = s.matmul(a, b); console.log('y', (await y.data())[0]); for (const t of [a, b, y]) t.dispose();`

  test('a product that it does not take, or fails at, is our kernels’; which is said once', () => {
    for (const stage of full ? ['heuristic', 'matmul'] : ['matmul']) {
      const said = run(`s.cuda.vendorLibraries = 'always'; { ${product(16)} } { ${product(16)} } { ${product(17)} }`, {
        CUBLASLTSIM_REFUSE: `${stage}:40x16x24`,
      })
      expect(said.match(/y 24/g)).toHaveLength(3)
      expect(said.match(/sinter: /g), said).toHaveLength(1)
      expect(said).toMatch(
        /cuBLASLt 130102 did not take a product of f32, 16x40x24 \(status 1[35]\): kernels of sinter compute it/,
      )
    }
  })

  test('without it all goes on, and it is said why', () => {
    const env = { SINTER_CUBLASLT: '/nowhere/libcublasLt.so' }
    // By default it is not so much as looked for.
    const said = run(
      `{ ${product(16)} } console.log('now'); s.cuda.vendorLibraries = 'always'; { ${product(16)} } { ${product(16)} }
       console.log(s.cuda.libraries()[0].missing)
       await s.tuneCuda(['64x64x64']).catch((e) => console.log(e.name, e.message))`,
      env,
    )
    expect(said).toMatch(/^y 24\nnow\n/)
    expect(said.match(/y 24/g)).toHaveLength(3)
    expect(
      said.match(/sinter: cuBLASLt is not here \(.*nowhere.*\): kernels of sinter compute all products/g),
    ).toHaveLength(1)
    expect(said).toMatch(/DeviceError tuneCuda: cuBLASLt is not here \(.*nowhere.*\); SINTER_CUBLASLT names its file/)
  })
})

describe.skipIf(!planted)('tuneCuda', () => {
  const cache = process.env['SINTER_CACHE']
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sinter-tune-cuda-'))
    process.env['SINTER_CACHE'] = folder
  })
  afterEach(() => {
    clearTuning()
    rmSync(folder, { recursive: true })
    process.env['SINTER_CACHE'] = cache ?? ''
  })
  const by = (m: number): number[] => computedBy(() => check('f32', { m, n: 40, k: 24 }))

  test('keeps our kernels where they are faster', async () => {
    const told: string[] = []
    const results = await tuneCuda(['nt:16x40x24', 'bf16:2x9x16x8'], {
      budget: 0.001,
      onResult: ({ task }, done, total) => told.push(`${task} ${done}/${total}`),
    })
    // A launch is said to take 4 us, a copy 2: the stand-in copies three operands.
    expect(results.map(({ task, vendor, outcome, algorithms }) => [task, vendor, outcome, algorithms])).toEqual([
      ['f32:nt:16x40x24', 'cuBLASLt', 'own', 3],
      ['bf16:2x9x16x8', 'cuBLASLt', 'own', 3],
    ])
    expect(results[0]?.own).toBeCloseTo(0.004, 6)
    expect(results[0]?.library).toBeGreaterThan(0.006)
    expect(told).toEqual(['f32:nt:16x40x24 1/2', 'bf16:2x9x16x8 2/2'])
    expect(by(16)).toEqual([-1])
    expect(savedChoices().map(({ algorithm }) => algorithm)).toEqual([-1, -1])
  })

  test('has the library compute what it is faster at, by its fastest algorithm; a second process reads that', () => {
    const program = `
      const results = await s.tuneCuda(['nt:16x40x24', '64x40x24'], { budget: 0.001 })
      console.log(JSON.stringify(results.map(({ outcome, algorithm }) => [outcome, algorithm])))`
    // Launches are slow: the first algorithm fills its work memory eight times, the second has none.
    const slow = { SINTER_SIM_LAUNCH_NS: '1000000', SINTER_CACHE: folder }
    expect(run(program, slow)).toBe('[["library",1],["library",1]]\n')
    const [first, second] = savedChoices()
    expect([first?.algorithm, second?.algorithm, first?.library]).toEqual([1, 1, 'cuBLASLt 13.1.2'])
    const use = `
      const a = s.ones([16, 24], { device: 'cuda' }), w = s.ones([40, 24], { device: 'cuda' })
      console.log(loadNative().cudaVendorChoices(0), loadNative().cudaWatchVendor())
      const y = s.linear(a, w), z = s.linear(w, a)
      console.log((await y.data())[0], (await z.data())[0])
      console.log(...takeWatched().map(({ by }) => by))`
    expect(run(use, { SINTER_CACHE: folder })).toBe('2 true\n24 24\n1 -1\n')
    // Told to leave the file alone, with another driver, or without the library, it is as if nothing had been measured.
    const others: Record<string, string>[] = [
      { SINTER_SIM_DRIVER_VERSION: '12.8' },
      { SINTER_TUNING: 'off' },
      { SINTER_CUBLASLT: '/nowhere/libcublasLt.so' },
    ]
    for (const env of full ? others : others.slice(0, 1))
      expect(run(use, { SINTER_CACHE: folder, ...env })).toMatch(/^(0|-1) true\n24 24\n-1 -1\n$/)
  })

  test('what it cannot compute is refused, and what is measured again replaced', async () => {
    process.env['CUBLASLTSIM_REFUSE'] = 'heuristic:48x18x24'
    try {
      const [result] = await tuneCuda(['18x48x24'], { budget: 0.001 })
      expect([result?.outcome, result?.library, result?.algorithm]).toEqual(['refused', Number.NaN, -1])
    } finally {
      delete process.env['CUBLASLTSIM_REFUSE']
    }
    await tuneCuda(['18x48x24', '19x48x24'], { budget: 0.001 })
    await tuneCuda(['18x48x24'], { budget: 0.001, precision: 'tf32' })
    expect(savedChoices().map(({ task, precision }) => [formatTask(task), precision])).toEqual([
      ['f32:18x48x24', 'ieee'],
      ['f32:19x48x24', 'ieee'],
      ['f32:18x48x24', 'tf32'],
    ])
    expect(clearTuning()).toBe(3)
    expect(savedChoices()).toEqual([])
  })

  test('leaves settings as they were, and refuses what is none', async () => {
    cuda.vendorLibraries = 'off'
    try {
      await tuneCuda(['16x16x16'], { budget: 0.001, precision: 'tf32', save: false })
      expect([cuda.vendorLibraries, cuda.matmulPrecision]).toEqual(['off', 'ieee'])
    } finally {
      cuda.vendorLibraries = 'auto'
    }
    expect(savedChoices()).toEqual([])
    const running = tuneCuda(['16x16x16'], { budget: 0.001, save: false })
    await expect(tuneCuda(['16x16x16'])).rejects.toMatchObject({ code: 'SINTER_BUSY' })
    await running
    await expect(tuneCuda(['packed:4x5x6'])).rejects.toThrow(/packed/)
    await expect(tuneCuda(['4x5x6'], { budget: 0 })).rejects.toThrow(/budget of 0/)
    await expect(tuneCuda(['4x5x6'], { device: 'cpu' })).rejects.toThrow(/'cpu' is no CUDA device/)
  })

  test('the command line measures, tells and lists what there is', async () => {
    const written: string[] = []
    const write = (text: string | Uint8Array): boolean => written.push(String(text)) > 0
    const spies = [process.stdout, process.stderr].map((to) => vi.spyOn(to, 'write').mockImplementation(write))
    try {
      expect(await main(['tune', '--device', 'cuda', '--budget', '0.001', '--precision', 'tf32', 'nt:16x40x24'])).toBe(
        0,
      )
      expect(await main(['tune', '--clear'])).toBe(0)
      expect(await main(['info'])).toBe(0)
      expect(await main(['tune', '--device', 'cuda', '--threads', '2'])).toBe(2)
      expect(await main(['tune', '--device', 'cuda', '--precision', 'f16'])).toBe(2)
      expect(await main(['tune', '--precision', 'tf32'])).toBe(2)
    } finally {
      for (const spy of spies) spy.mockRestore()
    }
    const said = written.join('')
    expect(said).toMatch(
      /^\[1\/1\] f32:nt:16x40x24, tf32 +0\.00400 ms by our kernels, \S+ ms by cuBLASLt \(algorithm 2 of 3\): our kernels\n/,
    )
    expect(said).toContain("NVIDIA's libraries compute 0 of 1 tasks from now on; kept in ")
    expect(said).toContain('cleared 1 of ')
    expect(said).toMatch(/\n +cuBLASLt 13\.1\.2\n +cuSOLVER of unknown version\n +cuDNN 9\.24\.0\n/)
    expect(said).toContain("--threads is for the CPU's products")
    expect(said).toContain('--precision is f16, expected ieee or tf32')
    expect(said).toContain('--precision is for --device cuda')
  })

  test('entries that are none are left out', () => {
    const good = { device: 'd', driver: 13000, library: 'l', precision: 'ieee', task: 'f32:8x8x8', algorithm: 2 }
    const bad = [
      null,
      { ...good, task: 'packed:8x8x8' },
      { ...good, task: 'conv:f32:8x8x8' },
      { ...good, algorithm: 8 },
      { ...good, algorithm: -2 },
      { ...good, precision: 'f16' },
      { ...good, driver: 'x' },
    ]
    expect(readChoices([...bad, good])).toHaveLength(1)
    expect(readChoices({})).toEqual([])
    writeTuning(SECTION, 'nonsense')
    expect(savedChoices()).toEqual([])
    useChoices(0, readChoices([good]))
    expect(loadNative().cudaVendorChoices(0)).toBe(1)
  })
})
