/** Products of bytes against plain loops, exactly: every blocking edge, extremes, zero points; the dynamic form's formula. */
import { describe, expect, test } from 'vitest'
import { engine, grad, randn, scope, type Tensor, tensor, zeros } from '#lib/index.js'
import {
  dynamicQuantizedLinear,
  Int8Weight,
  intMatmul,
  quantizedLinear,
  quantizePerChannel,
  quantizePerTensor,
  quantizeWeight,
} from '#lib/quant/index.js'
import { numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'

const random = new Random('int8')
const signed = (n: number): Int8Array => Int8Array.from(random.array(n, (r) => r.int(-128, 128)))
const unsigned = (n: number): Uint8Array => Uint8Array.from(random.array(n, (r) => r.int(0, 256)))

type Bytes = Int8Array | Uint8Array
/** The product in plain integers. */
function loops(a: Bytes, b: Int8Array, [m, n, k]: readonly number[], za = 0, zb = 0): number[] {
  const [rows, cols, inner] = [m as number, n as number, k as number]
  const y: number[] = []
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) {
      let sum = 0
      for (let p = 0; p < inner; p++) sum += ((a[i * inner + p] as number) - za) * ((b[p * cols + j] as number) - zb)
      y.push(sum)
    }
  return y
}
const make = (values: Bytes, shape: readonly number[]): Tensor => tensor(values, { shape: [...shape] }) as Tensor

// Tiles have 6 or 12 rows and 8, 16 or 32 columns; a turn is 16 of k.
const ROWS = [1, 2, 5, 6, 7, 11, 12, 13, 25]
const COLUMNS = [1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 61]
const DEPTHS = [1, 3, 4, 5, 15, 16, 17, 33, 127]

describe('intMatmul', () => {
  test('equals plain loops around every blocking edge', () => {
    scope(() => {
      for (const m of ROWS)
        for (const n of COLUMNS)
          for (const k of m < 8 && n > 8 ? DEPTHS : [1, 17, 31]) {
            const [a, b] = [(m + k) % 2 ? signed(m * k) : unsigned(m * k), signed(k * n)]
            const y = intMatmul(make(a, [m, k]), make(b, [k, n]), { aZeroPoint: k % 3, bZeroPoint: n % 2 ? -7 : 0 })
            const truth = loops(a, b, [m, n, k], k % 3, n % 2 ? -7 : 0)
            expect([...numbers(y)], `${m}x${n}x${k}`).toEqual(truth)
          }
    })
  })

  test('extremes do not saturate', () => {
    scope(() => {
      const [m, n, k] = [7, 33, 1031]
      for (const [left, right] of [
        [new Uint8Array(m * k).fill(255), -128],
        [new Uint8Array(m * k).fill(255), 127],
        [new Int8Array(m * k).fill(-128), -128],
        [new Int8Array(m * k).fill(127), -128],
      ] as const) {
        const y = intMatmul(make(left, [m, k]), make(new Int8Array(k * n).fill(right), [k, n]))
        expect(new Set(numbers(y))).toEqual(new Set([(left[0] as number) * right * k]))
      }
    })
  })

  test('any views, batches that broadcast', () => {
    scope(() => {
      const [m, n, k] = [13, 35, 18]
      const [a, b] = [signed(m * k), signed(k * n)]
      const truth = loops(a, b, [m, n, k])
      const x = make(a, [m, k])
      const z = make(b, [k, n])
      const transposed = (t: Tensor): Tensor => t.transpose(0, 1).contiguous().transpose(0, 1)
      expect([...numbers(intMatmul(transposed(x), z))]).toEqual(truth)
      expect([...numbers(intMatmul(x, transposed(z)))]).toEqual(truth)
      const wide = zeros([k, 2 * n], { dtype: 'i8' })
      const stepped = wide.slice(1, 0, 2 * n, 2)
      stepped.copy_(z)
      expect([...numbers(intMatmul(x, stepped))]).toEqual(truth)
      const batched = intMatmul(x.expand([3, m, k]), z.expand([2, 1, k, n]))
      expect(batched.shape).toEqual([2, 3, m, n])
      expect([...numbers(batched)]).toEqual(Array.from({ length: 6 }, () => truth).flat())
    })
  })
})

/** Weights by what their products could do in 16 bits: nothing is safe, sums of two are, sums of four are. */
const WEIGHTS = {
  any: (n: number) => signed(n),
  least: (n: number) => new Int8Array(n).fill(-128),
  seven: (n: number) => Int8Array.from(random.array(n, (r) => r.int(-64, 64))),
  small: (n: number) => Int8Array.from(random.array(n, (r) => r.int(-31, 32))),
}

/** The definition of dynamicQuantizedLinear, in f32 where bytes are decided, else exact. */
function formula(x: Float32Array, w: Int8Array, scales: Float32Array, [m, n, k]: readonly number[], top: number) {
  const f = Math.fround
  const even = (v: number): number => {
    const r = Math.round(v)
    return Math.abs(v % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r
  }
  const y: number[] = []
  for (let i = 0; i < (m as number); i++) {
    const row = x.subarray(i * (k as number), (i + 1) * (k as number))
    const [lo, hi] = [Math.min(0, ...row), Math.max(0, ...row)]
    const scale = f(f(hi / top) - f(lo / top))
    const zero = even(f(-lo / scale))
    const inverse = f(1 / scale)
    const q = row.map((v) => Math.min(top, Math.max(0, even(f(v * inverse)) + zero)))
    for (let j = 0; j < (n as number); j++) {
      let sum = 0
      for (let p = 0; p < (k as number); p++) sum += ((q[p] as number) - zero) * (w[j * (k as number) + p] as number)
      y.push(sum * scale * (scales[j] as number))
    }
  }
  return y
}

describe('dynamicQuantizedLinear', () => {
  for (const [kind, draw] of Object.entries(WEIGHTS)) {
    test(`is its formula around every blocking edge: weights ${kind}`, () => {
      scope(() => {
        for (const [m, n, k] of [...ROWS.map((m) => [m, 33, 35]), ...COLUMNS.map((n) => [7, n, 64]), [3, 40, 515]] as [
          number,
          number,
          number,
        ][]) {
          for (const reduceRange of [false, true]) {
            const x = Float32Array.from(random.array(m * k, (r) => r.uniform(-2, 3)))
            const [w, scales] = [draw(n * k), Float32Array.from(random.array(n, (r) => r.uniform(0.01, 0.02)))]
            const weight = Int8Weight.from(make(w, [n, k]), tensor(scales))
            const y = numbers(dynamicQuantizedLinear(tensor(x, { shape: [m, k] }), weight, null, { reduceRange }))
            const truth = formula(x, w, scales, [m, n, k], reduceRange ? 127 : 255)
            // Sum to f32, two scales, their product.
            const tolerance = 4 * 2 ** -24
            const wrong = y.findIndex(
              (v, i) => !(Math.abs(v - (truth[i] as number)) <= tolerance * Math.abs(truth[i] as number)),
            )
            expect(wrong < 0 ? '' : `${m}x${n}x${k} ${wrong}: ${y[wrong]}, not ${truth[wrong]}`).toBe('')
          }
        }
      })
    })
  }

  test('comes near the product of numbers', () => {
    scope(() => {
      const [x, w] = [randn([16, 256]), randn([48, 256])]
      const y = dynamicQuantizedLinear(x, quantizeWeight(w))
      const truth = x.matmul(w.transpose(0, 1))
      const error = y.sub(truth).square().mean().sqrt().itemSync()
      // Steps of about 6 / 255 of each operand's deviation, uniform: sqrt(256 / 12) times that, for both.
      expect(error).toBeLessThan(Math.sqrt(256 / 6) * (7 / 255))
    })
  })

  test('a straight-through gradient', () => {
    scope(() => {
      const x = randn([5, 12]).requiresGrad_()
      const bias = randn([7]).requiresGrad_()
      const weight = quantizeWeight(randn([7, 12]), { symmetric: false })
      const g = randn([5, 7])
      const y = dynamicQuantizedLinear(x, weight, bias)
      const [gx, gb] = grad([y.mul(g).sum()], [x, bias])
      expect([...numbers(gx as Tensor)]).toEqual([...numbers(g.matmul(weight.dequantize()))])
      expect([...numbers(gb as Tensor)]).toEqual([...numbers(g.sum(0))])
    })
  })
})

/** Neighbours that add up to more than 128: with 8-bit activations sums of their products pass 16 bits, and must not saturate. */
describe('large neighbours', () => {
  const EXTREMES = [
    [127, 127],
    [-128, -128],
    [127, 2],
    [-1, -128],
    [100, 29],
    [-64, -65],
  ] as const
  const spilling = (n: number, k: number, thousandths: number): Int8Array => {
    const w = Int8Array.from(random.array(n * k, (r) => r.int(-60, 61)))
    for (let j = 0; j < n; j++)
      for (let p = 0; p + 1 < k; p += 2)
        if (random.int(0, 1000) < thousandths) {
          const [x, y] = EXTREMES[random.int(0, EXTREMES.length)] as (typeof EXTREMES)[number]
          w.set([x, y], j * k + p)
        }
    return w
  }
  for (const thousandths of [10, 200])
    test(`${thousandths} in a thousand`, () => {
      scope(() => {
        for (const [m, n, k] of [
          ...[1, 23, 24, 25, 47, 49, 95, 96, 97, 200].map((m) => [m, 33, 260]),
          ...[1, 7, 8, 9, 15, 16, 17, 31, 32, 70].map((n) => [30, n, 300]),
          ...[2, 3, 5, 15, 16, 17, 129, 1025].map((k) => [26, 20, k]),
        ] as [number, number, number][])
          for (const bytes of [unsigned(m * k).map((v, i) => (i % 3 ? 255 : v)), signed(m * k)]) {
            const w = spilling(n, k, thousandths)
            const weight = Int8Weight.from(make(w, [n, k]), tensor([1]))
            const y = numbers(quantizedLinear(make(bytes, [m, k]), weight, null, { scale: 1, zeroPoint: 3 }))
            const columns = Int8Array.from({ length: k * n }, (_, i) => w[(i % n) * k + Math.floor(i / n)] as number)
            const truth = loops(bytes, columns, [m, n, k], 3)
            const wrong = y.findIndex((v, i) => v !== Math.fround(truth[i] as number))
            expect(wrong < 0 ? '' : `${m}x${n}x${k} ${wrong}: ${y[wrong]}, not ${truth[wrong]}`).toBe('')
          }
      })
    })

  test('the same bits with one thread and with two', () => {
    const threads = engine.threads
    scope(() => {
      const [x, weight] = [randn([130, 600]), quantizeWeight(randn([150, 600]))]
      engine.setThreads(1)
      const one = [...numbers(dynamicQuantizedLinear(x, weight))]
      engine.setThreads(2)
      expect([...numbers(dynamicQuantizedLinear(x, weight))]).toEqual(one)
    })
    engine.setThreads(threads)
  })
})

describe('quantizeWeight', () => {
  test('steps are half a scale at most, bytes within their range', () => {
    scope(() => {
      const w = randn([9, 50])
      for (const scheme of ['perChannel', 'perTensor'] as const)
        for (const symmetric of [true, false])
          for (const reduceRange of [true, false]) {
            const weight = quantizeWeight(w, { scheme, symmetric, reduceRange })
            expect(weight.scales.shape).toEqual([scheme === 'perChannel' ? 9 : 1])
            const bytes = numbers(weight.values())
            const [low, high] = reduceRange ? [-64, 63] : [-128, 127]
            expect(Math.min(...bytes)).toBeGreaterThanOrEqual(low as number)
            expect(Math.max(...bytes)).toBeLessThanOrEqual(high as number)
            const [a, b, scales] = [numbers(w), numbers(weight.dequantize()), numbers(weight.scales)]
            // Where the range's ends round outwards the zero point moves by up to half a step too.
            const steps = symmetric ? 0.5001 : 1.0001
            const wrong = a.findIndex((v, i) => {
              const scale = scales[scheme === 'perChannel' ? Math.floor(i / 50) : 0] as number
              return !(Math.abs(v - (b[i] as number)) <= scale * steps)
            })
            expect(wrong < 0 ? '' : `${scheme} ${symmetric} ${wrong}: ${b[wrong]} for ${a[wrong]}`).toBe('')
          }
    })
  })

  test('zeros, NaN, no inputs', () => {
    scope(() => {
      const w = tensor([0, 0, 1, Number.NaN, 2, -4], { shape: [3, 2] })
      const weight = quantizeWeight(w)
      const y = numbers(weight.dequantize())
      expect([...y.subarray(0, 2)]).toEqual([0, 0])
      expect([...y.subarray(2, 4)].every(Number.isNaN)).toBe(true)
      expect(y[5]).toBeCloseTo(-4, 5)
      expect(numbers(dynamicQuantizedLinear(zeros([2, 0]), quantizeWeight(zeros([3, 0])))).every((v) => v === 0)).toBe(
        true,
      )
    })
  })

  test('lives in scopes like a tensor', () => {
    engine.syncSync()
    const before = engine.memory().tensors
    const weight = scope(() => {
      quantizeWeight(randn([4, 4]))
      return quantizeWeight(randn([4, 4]))
    })
    expect(engine.memory().tensors - before).toBe(weight.ownedTensors().length)
    expect(weight.isDisposed).toBe(false)
    weight.dispose()
    expect(engine.memory().tensors).toBe(before)
    expect(() => dynamicQuantizedLinear(zeros([1, 4]), weight)).toThrow('the weight was disposed of')
    expect(() => weight.dequantize()).toThrow('the weight was disposed of')
  })

  test('a refused call leaves nothing behind', () => {
    scope(() => {
      const weight = quantizeWeight(randn([4, 4]))
      weight.scales.dispose()
      engine.syncSync()
      const before = engine.memory().tensors
      expect(() => weight.dequantize()).toThrow('was disposed of')
      expect(engine.memory().tensors).toBe(before)
    })
  })
})

/** PyTorch 2.13; the linear layer's are those of its engines onednn and fbgemm alike. */
const GOLDEN = {
  tensor: [0, 8, 10, 10, 12, 12, 13, 138, 255, 0],
  channel: [0, 2, 2, -4, -6, 127],
  linear: [105, 55, 63, 112, 111, 66],
}

test('golden values of torch.quantize_per_tensor and quantize_per_channel', () => {
  scope(() => {
    const x = tensor([-1.05, -0.25, 0, 0.05, 0.15, 0.25, 0.34999, 12.75, 100, -100])
    expect([...numbers(quantizePerTensor(x, 0.1, 10, 'u8'))]).toEqual(GOLDEN.tensor)
    const y = tensor([0.5, 1.5, 2.5, -0.5, -1.5, 1000], { shape: [2, 3] })
    const scales = tensor([1, 0.5])
    const zeros = tensor(Int32Array.of(0, -3))
    expect([...numbers(quantizePerChannel(y, scales, zeros, 0, 'i8'))]).toEqual(GOLDEN.channel)
  })
})

test('golden values of torch.ops.quantized.linear', () => {
  scope(() => {
    const x = make(
      Uint8Array.from({ length: 6 }, (_, i) => i * 40),
      [2, 3],
    )
    const w = make(Int8Array.from([1, -2, 3, 40, 50, -60, 127, -128, 5]), [3, 3])
    const weight = Int8Weight.from(w, tensor([0.5, 0.25, 0.125]))
    const options = { scale: 0.5, zeroPoint: 3, outDtype: 'u8', outScale: 8, outZeroPoint: 100 } as const
    const y = quantizedLinear(x, weight, tensor([1, 2, -3]), options)
    expect([...numbers(y)]).toEqual(GOLDEN.linear)
  })
})
