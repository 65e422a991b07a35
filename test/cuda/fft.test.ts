/**
 * Fourier transforms and signals on CUDA (cuda/kernels/fft, cuda/kernels/signal) against the CPU's in f64: every radix, blocks of many lines
 * and of one, lengths that take two passes, three, a convolution in a block and one through memory, along any axis. Place in the whole: the
 * operator tests have the semantics; here is what they have no shapes for.
 */
import { describe, expect, test } from 'vitest'
import * as audio from '#lib/audio/index.js'
import * as ops from '#lib/index.js'
import { engine, type FftOptions, fft, type StftOptions, type Tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'

const present = engine.info().devices.includes('cuda:0')
if (!present) console.log('no CUDA device here, real or simulated: Fourier transforms on CUDA are not tested')

const WIDTHS = [
  ['f32', 'c64', 2 ** -24],
  ['f64', 'c128', 2 ** -53],
] as const

const parts = (t: Tensor): Float64Array => numbers(t.dtype.startsWith('c') ? ops.viewAsReal(t) : t)

/** Errors of at most some roundings of what an element is on average, and of itself; a transform of n has log n stages. */
function close(what: string, found: Tensor, exact: Tensor, unit: number, n: number): void {
  expect(found.shape, what).toEqual(exact.shape)
  const [a, b] = [parts(found), parts(exact)]
  const rms = Math.sqrt(b.reduce((sum, v) => sum + v * v, 0) / Math.max(1, b.length))
  const average = unit * rms * (8 + 4 * Math.log2(n))
  let worst = 0
  for (let i = 0; i < a.length; i++) {
    const tolerance = average + 8 * unit * Math.abs(b[i] as number)
    if (!(Math.abs((a[i] as number) - (b[i] as number)) <= tolerance) && worst++ < 3)
      expect.soft(a[i], `${what}: number ${i} of ${a.length}, tolerance ${tolerance}`).toBe(b[i])
  }
  expect(worst, `${what}: numbers that are wrong`).toBe(0)
}

type Case = readonly [shape: readonly number[], options?: FftOptions]

/** What each is there for: see plan.cpp. A block's longest line has 4096 elements, 2048 of c128. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  'every radix and several': [2, 3, 4, 5, 7, 8, 11, 13, 16, 64, 90, 77, 2310, 1001].map((n): Case => [[3, n]]),
  'one element': [[[5, 1]], [[1, 1, 4], { axis: 1 }]],
  'more lines than a block takes': [[[301, 6]], [[67, 30]], [[2, 12, 67], { axis: 1 }], [[5, 4, 3, 3], { axis: 1 }]],
  'the longest lines of a block': [[[2048]], [[4096]], [[2, 2048, 3], { axis: 1 }]],
  'convolutions in a block': [
    [[3, 17]],
    [[2, 1021]],
    [[2, 1018]],
    [[3, 34, 5], { axis: 1, norm: 'ortho' }],
    [[2, 19], { n: 23 }],
  ],
  'two passes': [
    [[4100]],
    [[2, 6000]],
    [[2, 4160, 3], { axis: 1, norm: 'forward' }],
    [[5000], { n: 8192 }],
    [[9000], { n: 4608 }],
  ],
  'three passes': [[[11 ** 5]]],
  'convolutions through memory': [[[10006]], [[2, 2053, 2], { axis: 1 }], [[4000], { n: 4099, norm: 'ortho' }]],
}

describe.skipIf(!present)('Fourier transforms on CUDA', () => {
  for (const [real, complex, unit] of WIDTHS)
    for (const [name, cases] of Object.entries(CASES))
      test(`${complex}: ${name}`, () => {
        for (const [shape, options = {}] of cases)
          ops.scope(() => {
            const n = options.n ?? (shape[options.axis ?? shape.length - 1] as number)
            const what = `${shape} ${JSON.stringify(options)}`
            const x = ops.randn(shape).to(real) as Tensor
            const z = ops.complex(x, ops.randn(shape).to(real) as Tensor)
            const on = (t: Tensor): Tensor => t.to('cuda:0') as Tensor
            const wide = (t: Tensor): Tensor => t.to(t.dtype.startsWith('c') ? 'c128' : 'f64') as Tensor
            // As many elements as x has are the first half of twice as many; of odd lengths too.
            // The other directions are the same passes; long ones are simulated once.
            const few = n > 2500
            for (const f of few ? (['fft'] as const) : (['fft', 'ifft'] as const))
              close(`${f} ${what}`, fft[f](on(z), options), fft[f](wide(z), options), unit, n)
            if (n > 20_000) return
            for (const f of few ? (['rfft'] as const) : (['rfft', 'ihfft'] as const))
              close(`${f} ${what}`, fft[f](on(x), options), fft[f](wide(x), options), unit, n)
            for (const f of few ? (['irfft'] as const) : (['hfft', 'irfft'] as const))
              close(`${f} ${what}`, fft[f](on(z), { ...options, n }), fft[f](wide(z), { ...options, n }), unit, n)
          })
      })

  test('gradients of long and short lines, even and odd', () => {
    for (const [real, complex, unit] of WIDTHS)
      for (const n of [12, 15, 37, 8300])
        for (const [axis, shape] of [
          [1, [2, n - 3]],
          [0, [n + 2, 2]],
        ] as const)
          ops.scope(() => {
            const x = ops.randn(shape).to(real) as Tensor
            const spectrum = shape.map((d, i) => (i === axis ? Math.floor(n / 2) + 1 : d))
            const g = ops.complex(ops.randn(spectrum).to(real) as Tensor, ops.randn(spectrum).to(real) as Tensor)
            const signal = ops.randn(shape.map((d, i) => (i === axis ? n : d))).to(real) as Tensor
            const run = (place: (t: Tensor) => Tensor): Tensor[] => {
              const own = place(x).detach().requiresGrad_(true) as Tensor
              const y = fft.rfft(own, { n, axis })
              const weights = ops.viewAsReal(place(g))
              ops.sum(ops.mul(ops.viewAsReal(y), weights)).backward()
              const half = place(g).detach().requiresGrad_(true) as Tensor
              ops.sum(ops.mul(fft.irfft(half, { n, axis }), place(signal))).backward()
              return [own.grad as Tensor, half.grad as Tensor]
            }
            const found = run((t) => t.to('cuda:0') as Tensor)
            const wanted = run((t) => t.to(t.dtype.startsWith('c') ? 'c128' : 'f64') as Tensor)
            const what = `${complex} ${shape} n ${n}`
            close(`${what}: of x`, found[0] as Tensor, wanted[0] as Tensor, unit, n)
            close(`${what}: of a spectrum`, found[1] as Tensor, wanted[1] as Tensor, unit, n)
          })
  })

  test('the same bits in every run', () => {
    ops.scope(() => {
      for (const n of [600, 1021, 6000, 10007]) {
        const x = ops.randn([2, n]).to('cuda:0') as Tensor
        const [a, b] = [parts(fft.rfft(x)), parts(fft.rfft(x))]
        expect(a.findIndex((v, i) => v !== b[i])).toBe(-1)
      }
    })
  })
})

describe.skipIf(!present)('signals on CUDA', () => {
  for (const [real, , unit] of WIDTHS)
    test(`stft and back, ${real}`, () => {
      const run = (n: number, size: number, options: StftOptions & { windowed?: boolean }): void =>
        ops.scope(() => {
          const { windowed = true, ...others } = options
          const x = ops.randn([2, n]).to(real) as Tensor
          const window = ops.add(ops.rand([options.winLength ?? size]), 0.1).to(real) as Tensor
          const both = (place: (t: Tensor) => Tensor): [Tensor, Tensor] => {
            const all = { ...others, window: windowed ? place(window) : null }
            const y = ops.stft(place(x), size, all)
            return [y, options.center === false ? y : ops.istft(y, size, { ...all, length: n })]
          }
          const [y, back] = both((t) => t.to('cuda:0') as Tensor)
          const [exact, exactBack] = both((t) => t.to('f64') as Tensor)
          const what = `${n} elements, ${size}, ${JSON.stringify(options)}`
          close(what, y, exact, unit, size)
          // Where few windows meet, what is divided by is small.
          close(`${what}: back`, back, exactBack, 64 * unit, size)
        })
      for (const padMode of ['reflect', 'constant', 'replicate', 'circular'] as const) {
        run(333, 64, { padMode, hopLength: 13 })
        run(90, 33, { padMode, winLength: 20 })
      }
      run(500, 38, { hopLength: 7, windowed: false })
      run(700, 37, { hopLength: 9, normalized: true })
      run(3000, 1018, {})
      run(9000, 4400, { hopLength: 1100 })
      run(21000, 10007, { hopLength: 5000, center: false })
    })

  test('powers of spectra, bands', () => {
    for (const [real, , unit] of WIDTHS)
      for (const power of [1, 2, 0.7, 3])
        ops.scope(() => {
          const x = ops.randn([3, 800]).to(real) as Tensor
          const y = audio.spectrogram(x.to('cuda:0') as Tensor, { nFft: 100, power })
          close(`power ${power}`, y, audio.spectrogram(x.to('f64') as Tensor, { nFft: 100, power }), 4 * unit, 100)
        })
    for (const [real, , unit] of WIDTHS)
      for (const [k, m, t] of [
        [201, 80, 33],
        [7, 3, 1],
        [70, 65, 300],
      ] as const)
        ops.scope(() => {
          const x = ops.randn([2, k, t]).to(real) as Tensor
          const bank = Float64Array.from({ length: k * m }, (_, i) => {
            const [row, band] = [Math.floor(i / m), i % m]
            if (band === 1) return 0
            return band === 2 || Math.abs((row * m) / k - band) < 2 ? ((i * 37) % 11) / 11 : 0
          })
          const a = ops.tensor(bank, { dtype: 'f64' }).reshape([k, m]).to(real) as Tensor
          const y = audio.melScale(x.to('cuda:0') as Tensor, a.to('cuda:0') as Tensor)
          close(`${k}, ${m}, ${t}`, y, audio.melScale(x.to('f64') as Tensor, a.to('f64') as Tensor), 2 * unit, k)
        })
  })

  test('bands leave out what lies beyond them, whatever it is', () => {
    ops.scope(() => {
      const x = ops.tensor([[Number.NaN], [1], [2], [Number.POSITIVE_INFINITY]], { device: 'cuda:0' }) as Tensor
      const a = ops.tensor([[0], [3], [4], [0]], { device: 'cuda:0' }) as Tensor
      expect([...numbers(audio.melScale(x, a))]).toEqual([11])
    })
  })
})
