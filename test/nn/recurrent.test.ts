// Recurrent layers: names, shapes and initial values are PyTorch's, options do what they say. test/nn/recurrent-golden.test.ts has the
// numbers.
import { describe, expect, it } from 'vitest'
import {
  manualSeed,
  noGrad,
  packPaddedSequence,
  padPackedSequence,
  randn,
  scope,
  type Tensor,
  ValueError,
} from '#lib/index.js'
import { GRU, GRUCell, LSTM, LSTMCell, type Module, RNN, RNNCell } from '#lib/nn/index.js'
import { numbers } from '../helpers/compare.js'

const shapes = (m: Module): Record<string, readonly number[]> =>
  Object.fromEntries([...m.namedParameters()].map(([name, p]) => [name, p.shape]))
const list = (t: Tensor): number[] => Array.from(numbers(t))

/** With a layer that is disposed of at the end. */
function using<M extends Module>(make: () => M, f: (m: M) => void): void {
  scope(() => {
    const m = make()
    try {
      f(m)
    } finally {
      m.dispose()
    }
  })
}

describe('parameters', () => {
  it('have PyTorch’s names, order and shapes', () => {
    using(
      () => new LSTM(3, 4, { numLayers: 2, bidirectional: true, projSize: 2 }),
      (m) => {
        const side = (suffix: string, inputs: number) => ({
          [`weight_ih_${suffix}`]: [16, inputs],
          [`weight_hh_${suffix}`]: [16, 2],
          [`bias_ih_${suffix}`]: [16],
          [`bias_hh_${suffix}`]: [16],
          [`weight_hr_${suffix}`]: [2, 4],
        })
        const expected = { ...side('l0', 3), ...side('l0_reverse', 3), ...side('l1', 4), ...side('l1_reverse', 4) }
        expect(shapes(m)).toEqual(expected)
        expect(Object.keys(shapes(m))).toEqual(Object.keys(expected))
      },
    )
    using(
      () => new GRU(3, 4, { bias: false }),
      (m) => expect(shapes(m)).toEqual({ weight_ih_l0: [12, 3], weight_hh_l0: [12, 4] }),
    )
    using(
      () => new RNNCell(3, 4),
      (m) => expect(shapes(m)).toEqual({ weight_ih: [4, 3], weight_hh: [4, 4], bias_ih: [4], bias_hh: [4] }),
    )
  })

  it('are uniform within 1 / sqrt(hiddenSize)', () =>
    using(
      () => new LSTM(20, 25),
      (m) => {
        for (const p of m.parameters()) {
          const values = list(p)
          expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.2)
          expect(Math.max(...values)).toBeGreaterThan(0.15)
          expect(Math.min(...values)).toBeLessThan(-0.15)
        }
      },
    ))
})

describe('layers', () => {
  it('take and give all forms', () =>
    using(
      () => new LSTM(3, 4, { numLayers: 2, bidirectional: true, batchFirst: true }),
      (m) => {
        const x = randn([2, 5, 3])
        const [y, [h, c]] = m.call(x)
        expect([y, h, c].map((t) => t.shape)).toEqual([
          [2, 5, 8],
          [4, 2, 4],
          [4, 2, 4],
        ])
        const [one, [h1]] = m.forward(x.select(0, 1), [h.select(1, 1), c.select(1, 1)])
        expect([one.shape, h1.shape]).toEqual([
          [5, 8],
          [4, 4],
        ])
        const packed = m.call(packPaddedSequence(x, [5, 3], { batchFirst: true }))[0]
        expect(padPackedSequence(packed, { batchFirst: true })[0].shape).toEqual([2, 5, 8])
      },
    ))

  it('give the same whether gradients are recorded or not', () => {
    for (const make of [() => new LSTM(3, 5), () => new GRU(3, 5), () => new RNN(3, 5, { nonlinearity: 'relu' })])
      using(make as () => LSTM, (m) => {
        const x = randn([6, 2, 3])
        expect(list(noGrad(() => m.forward(x)[0]))).toEqual(list(m.forward(x)[0]))
      })
  })

  it('treat each packed sequence as it stands alone', () =>
    using(
      () => new GRU(3, 4, { bidirectional: true }),
      (m) => {
        const x = randn([5, 3, 3])
        const lengths = [2, 5, 3]
        const [packed, h] = m.forward(packPaddedSequence(x, lengths, { enforceSorted: false }))
        const [y] = padPackedSequence(packed)
        lengths.forEach((n, i) => {
          const [alone, own] = m.forward(x.select(1, i).narrow(0, 0, n))
          const [a, b] = [list(alone), list(y.select(1, i).narrow(0, 0, n))]
          a.forEach((v, k) => {
            expect(Math.abs(v - (b[k] as number))).toBeLessThan(4 * 2 ** -24)
          })
          list(own).forEach((v, k) => {
            expect(Math.abs(v - (list(h.select(1, i))[k] as number))).toBeLessThan(4 * 2 ** -24)
          })
        })
      },
    ))

  it('drop out between layers, in training alone', () =>
    using(
      () => new RNN(3, 4, { numLayers: 2, dropout: 0.5 }),
      (m) => {
        const x = randn([5, 2, 3])
        manualSeed(3)
        const [a, b] = [list(m.forward(x)[0]), list(m.forward(x)[0])]
        expect(a).not.toEqual(b)
        m.eval()
        expect(list(m.forward(x)[0])).toEqual(list(m.forward(x)[0]))
      },
    ))

  it('refuse what makes no network', () => {
    expect(() => new LSTM(0, 4)).toThrow(ValueError)
    expect(() => new LSTM(3, 4, { projSize: 4 })).toThrow('LSTM: projSize is 4, expected less than hiddenSize, 4')
    expect(() => new GRU(3, 4, { projSize: 2 } as never)).toThrow(ValueError)
    expect(() => new RNN(3, 4, { nonlinearity: 'elu' as never })).toThrow(ValueError)
    expect(() => new LSTM(3, 4, { dropout: 2 })).toThrow(ValueError)
  })
})

it('a cell is a layer’s step', () => {
  scope(() => {
    const pairs: [Module, Module][] = [
      [new LSTM(3, 4), new LSTMCell(3, 4)],
      [new GRU(3, 4), new GRUCell(3, 4)],
      [new RNN(3, 4), new RNNCell(3, 4)],
    ]
    for (const [layer, cell] of pairs) {
      const state = new Map([...layer.stateDict()].map(([name, t]) => [name.replace('_l0', ''), t]))
      cell.loadStateDict(state)
      const x = randn([2, 3])
      const [, h] = layer.forward(x.unsqueeze(0)) as [Tensor, Tensor | Tensor[]]
      const own = cell.forward(x) as Tensor | Tensor[]
      const flat = (t: Tensor | Tensor[]): number[] => (Array.isArray(t) ? t.flatMap(list) : list(t))
      expect(flat(own)).toEqual(flat(h))
      layer.dispose()
      cell.dispose()
    }
  })
})
