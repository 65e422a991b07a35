/**
 * Convolutions and attention by cuDNN (cuda/vendor/cudnn.h, cuda/kernels/conv and attention/by_library.cpp) on a stand-in for it
 * (test/cuda/cudnn): what it is told, which engines are used, what is remembered, and what happens where it is not there, refuses, or
 * memory is short.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { savedChoices, taskLibrary, useChoices } from '#lib/engine/library-tuning.js'
import { formatTask, parseTask } from '#lib/engine/vendor-task.js'
import * as ops from '#lib/index.js'
import { clearTuning, cuda, engine, type Tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'
import * as attentions from './attentions.js'
import * as convs from './convs.js'
import { close } from './products.js'
import { always, computedBy, run } from './watched.js'

const standIn = fileURLToPath(new URL('../../build/cuda/libcudnnsim.so', import.meta.url))
const onDevice = engine.info().devices.includes('cuda:0')
/** The stand-in, which takes what it is told; else, on a card, the library itself, where it is. */
const planted = onDevice && existsSync(standIn) && process.env['SINTER_CUDNN'] === standIn
const present = planted || (onDevice && taskLibrary('cuDNN').missing === '')
if (!present) console.log('neither a device nor cuDNN here, real or simulated: what it computes is not tested')
const full = process.env['SINTER_TEST_FULL'] === '1'

const HALVES = ['bf16', 'f16'] as const
const DTYPES = ['f32', ...HALVES] as const

/** The convolutions and attention among what was watched were the library's. */
function expectTaken(by: readonly number[], least: number): void {
  expect(by.length).toBeGreaterThanOrEqual(least)
  if (planted) expect(by).toEqual(by.map(() => 0))
  else expect(by).toContain(0)
}

describe.skipIf(!present)('convolutions by cuDNN', () => {
  // Of what the stand-in can compute, in double and one by one, in little time.
  const few = new Set([
    'ragged everywhere',
    'a stem',
    'strides unlike',
    'strides with dilations in common',
    'strides beyond the kernel',
    'more padding than image',
    'thin groups',
    'depthwise, strided',
    'pointwise, strided',
    '1d',
    '3d, strided',
  ])
  test.each(DTYPES)('%s: results and gradients', (dtype) => {
    const cases = convs.CASES.filter(([name]) => full || few.has(name))
    const by = always(() => {
      for (const c of cases) convs.check(dtype, convs.FORWARD[c[1].length] as convs.Run, c, c[2][0] as number)
    })
    // Windows that end a stride or more before the image does are nothing that padding can say: those are our kernels'.
    expect(by.filter((engine) => engine < 0).length).toBeLessThanOrEqual(3)
    expectTaken(
      by.filter((engine) => engine >= 0),
      3 * (cases.length - 2),
    )
  })

  test('transposed ones', () => {
    const by = always(() => {
      for (const c of convs.TRANSPOSED_CASES)
        convs.check('f32', convs.TRANSPOSED[c[1].length] as convs.Run, c, (c[2][1] as number) * (c[3].groups ?? 1))
    })
    expectTaken(
      by.filter((engine) => engine >= 0),
      8,
    )
  })

  test('what is done to the sums, channels first and last', () => {
    const by = always(() => {
      for (const dtype of DTYPES)
        for (const last of [false, true])
          for (const [activation, bias, added] of [
            ['relu', true, true],
            ['gelu', true, false],
            ['geluTanh', false, true],
            ['silu', false, false],
            ['none', true, false],
            ['none', false, true],
          ] as const) {
            const stored = ops.randn(last ? [2, 7, 6, 8] : [2, 8, 7, 6]).to(dtype) as Tensor
            const lie = (t: Tensor): Tensor => (last ? ops.permute(t, [0, 3, 1, 2]) : t)
            const w = ops.randn([5, 8, 3, 3]).to(dtype) as Tensor
            const b = bias ? (ops.randn([5]).to(dtype) as Tensor) : null
            const r = added ? (ops.randn([2, 5, 7, 6]).to(dtype) as Tensor) : null
            const compute = (place: (t: Tensor) => Tensor): Tensor =>
              ops.noGrad(() =>
                ops.conv2d(lie(place(stored)), place(w), b && place(b), {
                  padding: 1,
                  activation,
                  residual: r && place(r),
                }),
              )
            const sizes = ops.add(
              ops.conv2d(ops.abs(lie(stored.to('f64'))), ops.abs(w.to('f64')), null, { padding: 1 }),
              4,
            )
            close(
              `${dtype} ${activation} ${last}`,
              compute((t) => t.to('cuda')),
              compute((t) => t.to('f64')),
              sizes,
              72,
            )
          }
    })
    expectTaken(by, 36)
  })

  test('what is no number stays none', () => {
    const by = always(() => {
      const x = ops.full([1, 1, 2, 2], Number.NaN, { device: 'cuda' })
      const y = ops.conv2d(x, ops.ones([1, 1, 1, 1], { device: 'cuda' }), ops.zeros([1], { device: 'cuda' }), {
        activation: 'relu',
      })
      expect([...numbers(y)]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
    })
    expectTaken(by, 1)
  })

  test('f64, and nothing to convolve, are our kernels’', () => {
    const by = always(() => {
      const x = ops.ones([1, 2, 4, 4], { dtype: 'f64', device: 'cuda' })
      ops.conv2d(x, ops.ones([2, 2, 3, 3], { dtype: 'f64', device: 'cuda' }))
      ops.conv2d(ops.ones([1, 0, 4, 4], { device: 'cuda' }), ops.ones([2, 0, 3, 3], { device: 'cuda' }))
    })
    expect(by).toEqual([-1, -1])
  })
})

describe.skipIf(!present)('attention by cuDNN', () => {
  test.each(HALVES)('%s: results and gradients', (dtype) => {
    const by = always(() => {
      attentions.check(dtype, [2, 3, 3, 9, 9, 16, 16], { causal: true })
      attentions.check(dtype, [1, 4, 2, 11, 7, 24, 8])
      attentions.check(dtype, [2, 4, 1, 6, 10, 8, 16], { causal: 'upperLeft', scale: -0.3 })
      attentions.check(dtype, [1, 2, 2, 5, 5, 8, 8], { rows: true, causal: true })
      attentions.check(dtype, [2, 1, 1, 1, 12, 40, 40], { rows: true })
    })
    expectTaken(by, 10)
  })

  // What one writes for the gradient the other reads.
  test.each(['forward', 'backward'])('only %s by it', (which) => {
    const by = computedBy(() => {
      const operands = [ops.randn([1, 2, 9, 16]), ops.randn([1, 2, 9, 16]), ops.randn([1, 2, 9, 16])].map((t) =>
        t.to('bf16'),
      )
      const g = ops.randn([1, 2, 9, 16]).to('bf16')
      const gradients = (device: string, dtype: 'bf16' | 'f64', mixed: boolean): Tensor[] => {
        const [q, k, v] = operands.map((t: Tensor) => (t.to(device).to(dtype) as Tensor).requiresGrad_()) as [
          Tensor,
          Tensor,
          Tensor,
        ]
        const use = (library: boolean): void => {
          engine.syncSync()
          cuda.vendorLibraries = mixed && library ? 'always' : 'auto'
        }
        use(which === 'forward')
        const y = ops.scaledDotProductAttention(q, k, v, { causal: true })
        use(which === 'backward')
        const found = ops.grad(y, [q, k, v], { gradOutputs: g.to(device).to(dtype) })
        use(false)
        return found
      }
      const exact = gradients('cpu', 'f64', false)
      for (const [i, found] of gradients('cuda', 'bf16', true).entries())
        attentions.close(`gradient ${i}`, found, exact[i] as Tensor, 'bf16')
    })
    expect(by).toEqual(which === 'forward' ? [0, -1] : [-1, 0])
  })

  test('what its graph does not say is our kernels’', () => {
    const by = always(() => {
      for (const form of [
        { mask: 'added' },
        { alibi: true },
        { softcap: 2 },
        { dropout: 0.2 },
        { window: [3, 0] },
        { causal: 'lowerRight' },
      ] as const)
        attentions.check('bf16', [1, 2, 2, 5, 9, 8, 8], form)
      attentions.check('f32', [1, 2, 2, 5, 5, 8, 8])
    })
    expect(by.filter((engine) => engine >= 0)).toEqual([])
  })

  test('keys of one memory for all batches are our kernels’', () => {
    const by = always(() => {
      const q = ops.randn([2, 2, 4, 8], { dtype: 'bf16', device: 'cuda' })
      const k = ops.expand(ops.randn([1, 2, 4, 8], { dtype: 'bf16', device: 'cuda' }), [2, 2, 4, 8])
      ops.scaledDotProductAttention(q, k, k)
    })
    expect(by.filter((engine) => engine >= 0)).toEqual([])
  })
})

describe.skipIf(!planted)('engines', () => {
  const conv = (dtype: string): string =>
    `{ const x = s.ones([1, 4, 5, 5], { dtype: '${dtype}', device: 'cuda' })
       const w = s.ones([2, 4, 3, 3], { dtype: '${dtype}', device: 'cuda' })
       const y = s.conv2d(x, w); console.log('y', (await y.data())[0]); for (const t of [x, w, y]) t.dispose() }`

  test('only those that keep f32 as it is, sum in f32 and give the same result in every run', () => {
    const said = run(`s.cuda.vendorLibraries = 'always'; ${conv('f32')} ${conv('bf16')}`, { CUDNNSIM_SAY: '1' })
    expect(said).toBe(
      'cudnnsim: engine 4 computed 1 operations\ny 36\ncudnnsim: engine 1 computed 1 operations\ny 36\n',
    )
  })

  test('that fail are our kernels’, which is said once', () => {
    for (const stage of full ? ['graph', 'heuristics', 'plan', 'execute'] : ['heuristics', 'execute']) {
      const said = run(`s.cuda.vendorLibraries = 'always'; ${conv('f32')} ${conv('f32')} ${conv('bf16')}`, {
        CUDNNSIM_REFUSE: stage,
      })
      expect(said.match(/y 36/g)).toHaveLength(3)
      expect(said.match(/sinter: /g), said).toHaveLength(1)
      expect(said).toMatch(
        /cuDNN 92400 did not take a convolution of f32, 1x4x5x5 with weights 2x4x3x3 \(.*\): kernels of sinter compute it/,
      )
    }
  })

  test('without the library all goes on, and it is said why', () => {
    const said = run(
      `${conv('f32')} console.log('now'); s.cuda.vendorLibraries = 'always'; ${conv('f32')} ${conv('f32')}
       console.log(s.cuda.libraries()[2].missing)
       await s.tuneCuda(['conv:1x2x3x3:2x2x1x1']).catch((e) => console.log(e.name, e.message))`,
      { SINTER_CUDNN: '/nowhere/libcudnn.so' },
    )
    expect(said).toMatch(/^y 36\nnow\n/)
    expect(said.match(/y 36/g)).toHaveLength(3)
    expect(
      said.match(/sinter: cuDNN is not here \(.*nowhere.*\): kernels of sinter compute convolutions and attention/g),
    ).toHaveLength(1)
    expect(said).toMatch(/DeviceError tuneCuda: cuDNN is not here \(.*nowhere.*\); SINTER_CUDNN names its file/)
  })
})

describe.skipIf(!planted)('tuneCuda', () => {
  const cache = process.env['SINTER_CACHE']
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sinter-tune-cudnn-'))
    process.env['SINTER_CACHE'] = folder
  })
  afterEach(() => {
    clearTuning()
    rmSync(folder, { recursive: true })
    process.env['SINTER_CACHE'] = cache ?? ''
  })
  const TASKS = [
    'conv:f32:1x2x4x3:4x1x3x3:stride=2:padding=1:groups=2:bias:activation=relu',
    'conv:bf16:1x3x3x2:2x3x2x2:last:residual',
    'convInputGrad:f16:1x2x5:2x2x2:dilation=2',
    'convWeightGrad:f32:1x1x2x2x3:2x1x2x1x2',
    'attention:bf16:1x2x2x8:keyHeads=1:keys=3:valueWidth=16',
    'attentionBackward:f16:1x1x2x8:causal',
  ]

  // Launches are slow, the stand-in's copies are not.
  const slow = { SINTER_SIM_LAUNCH_NS: '1000000' }

  test('measures every kind of task, named as native code does; a second process uses what was found', () => {
    const said = run(
      `const results = await s.tuneCuda(${JSON.stringify(TASKS)}, { budget: 0.001 })
       console.log(JSON.stringify(results.map(({ task, vendor, outcome, algorithms }) => [task, vendor, outcome, algorithms])))`,
      { ...slow, SINTER_CACHE: folder },
    )
    // bf16 and f16 have three engines that are welcome, f32 one.
    const engines = [1, 3, 3, 1, 3, 3]
    expect(JSON.parse(said)).toEqual(TASKS.map((task, i) => [task, 'cuDNN', 'library', engines[i]]))
    expect(savedChoices().map(({ task }) => formatTask(task))).toEqual(TASKS)
    const use = `
      const q = s.ones([1, 2, 2, 8], { dtype: 'bf16', device: 'cuda' })
      const [k, v] = [[1, 1, 3, 8], [1, 1, 3, 16]].map((shape) => s.ones(shape, { dtype: 'bf16', device: 'cuda' }))
      console.log(loadNative().cudaVendorChoices(0), loadNative().cudaWatchVendor())
      s.scaledDotProductAttention(q, k, v, { enableGqa: true })
      s.scaledDotProductAttention(q, q, q)
      s.engine.syncSync()
      console.log(...takeWatched().map(({ by }) => Math.sign(by + 1)))`
    expect(run(use, { SINTER_CACHE: folder })).toBe('6 true\n1 0\n')
    const without = { SINTER_CACHE: folder, SINTER_CUDNN: '/nowhere/libcudnn.so' }
    if (full) expect(run(use, without)).toBe('0 true\n0 0\n')
  })

  test('memory that is short is no error: our kernels take less', () => {
    const task = parseTask('conv:bf16:1x4x6x6:4x4x3x3')
    // The second engine that is welcome wants 64 KiB of work memory.
    useChoices(0, [{ device: '', driver: 0, library: '', precision: 'ieee', task, algorithm: 1 }])
    ops.scope(() => {
      const x = ops.randn([1, 4, 6, 6], { dtype: 'bf16', device: 'cuda' })
      const w = ops.randn([4, 4, 3, 3], { dtype: 'bf16', device: 'cuda' })
      const [wideX, wideW] = [x as Tensor, w as Tensor].map((t) => t.to('cpu').to('f64') as Tensor) as [Tensor, Tensor]
      const [exact, size] = [ops.conv2d(wideX, wideW), ops.conv2d(ops.abs(wideX), ops.abs(wideW))]
      const by = (): number[] => computedBy(() => close('conv', ops.conv2d(x, w), exact, size, 36))
      expect(by()).toEqual([1])
      engine.syncSync()
      cuda.emptyCache()
      cuda.setMemoryLimit(cuda.memory().live + 48 * 1024)
      try {
        expect(by()).toEqual([-1])
      } finally {
        cuda.setMemoryLimit(0)
      }
    })
  })
})

/**
 * The library itself, for whose checks and heuristics a card is described: `SINTER_CUDNN_REAL=/path/to/libcudnn.so.9`, with LD_LIBRARY_PATH
 * for cublasLt, NVRTC and any libcuda.so.1 with the symbols that it looks for.
 */
const card = fileURLToPath(new URL('../../build/cuda/libcudnncard.so', import.meta.url))
describe.skipIf(!planted || process.env['SINTER_CUDNN_REAL'] === undefined)('cuDNN without a card', () => {
  /** Whether it accepts the graphs of each task. */
  function accepts(tasks: readonly string[]): boolean[] {
    const said = run(
      `const { prepare } = await import('#lib/tune/vendor-work.js'), { parseTask } = await import('#lib/engine/vendor-task.js')
       for (const text of ${JSON.stringify(tasks)}) {
         const { run, dispose } = prepare(parseTask(text), 'cuda')
         s.engine.syncSync(); process.stderr.write('== '); s.cuda.vendorLibraries = 'always'
         for (const result of run()) result.dispose()
         s.engine.syncSync(); s.cuda.vendorLibraries = 'off'
         dispose()
       }`,
      { SINTER_CUDNN: card },
    )
    return said
      .split('== ')
      .slice(1)
      .map((of) => of.includes('accepted'))
  }

  test('convolutions', () => {
    const shapes = [
      '2x8x6x6:8x8x3x3:padding=1',
      '1x3x9x9:4x3x7x7:stride=2:padding=3',
      '1x8x6x6:8x2x3x3:groups=4',
      '1x8x6x6:8x1x3x3:groups=8:padding=1',
      '1x8x9:4x8x3:dilation=2',
      '1x4x4x4x4:4x4x2x2x2',
    ]
    const tasks = DTYPES.flatMap((dtype) => [
      ...['conv', 'convInputGrad', 'convWeightGrad'].flatMap((form) => shapes.map((x) => `${form}:${dtype}:${x}`)),
      ...['bias', 'bias:activation=relu', 'last', 'last:bias:activation=relu'].map(
        (then) => `conv:${dtype}:2x8x6x6:8x8x3x3:padding=1:${then}`,
      ),
    ])
    const then = HALVES.flatMap((dtype) =>
      ['residual:activation=relu', 'activation=gelu', 'activation=geluTanh', 'activation=silu'].map(
        (then) => `conv:${dtype}:2x8x6x6:8x8x3x3:padding=1:last:bias:${then}`,
      ),
    )
    const all = [...tasks, ...then]
    const accepted = accepts(all)
    expect(all.filter((_, i) => !accepted[i])).toEqual([])
  })

  test('attention', () => {
    const shapes = ['2x4x16x16', '1x4x9x64:keyHeads=2:keys=13', '1x2x20x128:causal', '1x2x1x64:keys=40']
    const all = HALVES.flatMap((dtype) =>
      ['attention', 'attentionBackward'].flatMap((form) => shapes.map((q) => `${form}:${dtype}:${q}`)),
    )
    const accepted = accepts(all)
    expect(all.filter((_, i) => !accepted[i])).toEqual([])
  })
})

describe('tasks as text', () => {
  test('are read and written', () => {
    for (const text of [
      'f32:8x9x10',
      'conv:bf16:16x64x56x56:64x64x3x3:padding=1',
      'conv:f32:1x3x9:6x3x3:stride=2:bias:activation=silu',
      'attention:f16:1x8x5x16:keyHeads=2:causal',
    ])
      expect(formatTask(parseTask(text))).toBe(text)
    expect(formatTask(parseTask('conv:1x2x3x3:2x2x1x1'))).toBe('conv:bf16:1x2x3x3:2x2x1x1')
    expect(formatTask(parseTask('attention:1x2x3x4:keys=3'))).toBe('attention:bf16:1x2x3x4')
  })

  test.each([
    'conv:bf16:1x2x3x3',
    'conv:f64:1x2x3x3:2x2x1x1',
    'conv:1x2x3x3:2x3x1x1',
    'conv:1x2x3x3:2x2x5x5',
    'conv:1x2x3x3:2x2x1x1:padding=x',
    'conv:1x2x3x3:2x2x1x1:padding=1:padding=1',
    'conv:1x2x3x3:2x2x1x1:activation=tanh',
    'convInputGrad:1x2x3x3:2x2x1x1:bias',
    'convWeightGrad:1x2x3x3:2x2x1x1:last',
  ])('%s is no convolution', (text) => expect(() => parseTask(text)).toThrow(`"${text}" is no convolution`))

  test.each([
    'attention:bf16:1x2x3',
    'attention:1x3x4x8:keyHeads=2',
    'attention:1x2x4x8:keys=0',
    'attention:1x2x3x4:last',
  ])('%s is no attention', (text) => expect(() => parseTask(text)).toThrow(`"${text}" is no attention`))
})
