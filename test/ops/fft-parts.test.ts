/** What OpSpecs do not say of Fourier transforms: frequencies, round trips of long signals, the bounded cache of tables. */
import { describe, expect, test } from 'vitest'
import { engine, fft, istft, ones, randn, scope, stft, type Tensor, tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'

const largest = (a: Tensor, b: Tensor): number => numbers(a.sub(b)).reduce((m, x) => Math.max(m, Math.abs(x)), 0)

describe.each(engine.info().devices)('%s', (device) => {
  test('frequencies', () => {
    scope(() => {
      expect(numbers(fft.fftfreq(5, 0.5, { dtype: 'f64', device }))).toEqual(
        Float64Array.from([0, 0.4, 0.8, -0.8, -0.4]),
      )
      expect([...fft.fftfreq(4, 1, { device }).dataSync()]).toEqual([0, 0.25, -0.5, -0.25])
      expect([...fft.rfftfreq(4, 1, { device }).dataSync()]).toEqual([0, 0.25, 0.5])
      expect([...fft.rfftfreq(2, 1, { device }).dataSync()]).toEqual([0, 0.5])
      expect(fft.rfftfreq(1, 1, { device }).shape).toEqual([1])
      expect(() => fft.fftfreq(0)).toThrow('fftfreq: length 0; lengths are at least 1')
    })
  })
})

describe('cpu', () => {
  test('round trips of long lines: powers of two, primes, twice a prime, odd lengths', () => {
    for (const n of [1 << 16, 65537, 2 * 10007, 3 ** 9]) {
      scope(() => {
        const x = randn([n], { dtype: 'f64' }) as Tensor
        expect(largest(fft.irfft(fft.rfft(x), { n }), x)).toBeLessThan(1e-13)
        const z = fft.ifft(fft.fft(x))
        expect(largest(z.real() as Tensor, x)).toBeLessThan(1e-13)
        expect(numbers(z.imag() as Tensor).every((v) => Math.abs(v) < 1e-13)).toBe(true)
      })
    }
  })

  test('the same bits with one thread and with several', () => {
    const threads = engine.threads
    try {
      scope(() => {
        for (const x of [randn([1 << 15]), randn([40, 1000]), randn([100, 70])] as Tensor[]) {
          const run = (n: number): number[] => {
            engine.setThreads(n)
            return [
              ...(fft.fft(x, { axis: 0 }).dataSync() as Float32Array),
              ...(fft.rfft(x).dataSync() as Float32Array),
            ]
          }
          expect(run(1)).toEqual(run(Math.max(2, threads)))
        }
      })
    } finally {
      engine.setThreads(threads)
    }
  })

  test('more lengths than the cache of tables holds', () => {
    scope(() => {
      const one = tensor([1]) as Tensor
      for (let n = 1; n <= 150; n++) expect(largest(fft.fft(one, { n }).real(), one)).toBeLessThan(1e-6)
    })
  })

  test('istft undoes stft', () => {
    scope(() => {
      const x = randn([3, 200], { dtype: 'f64' }) as Tensor
      const window = ones([32], { dtype: 'f64' }).mul(0.7) as Tensor
      expect(largest(istft(stft(x, 32, { window }), 32, { window, length: 200 }), x)).toBeLessThan(1e-13)
      for (const dtype of ['i64', 'bf16'] as const) {
        const other = ones([32], { dtype })
        const y = istft(stft(x, 32, { window: other }), 32, { window: other, length: 200 })
        expect(largest(y, x)).toBeLessThan(1e-13)
      }
    })
  })
})
