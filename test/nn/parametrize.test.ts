// What a parametrized field is, and what becomes of it; the numbers are held against PyTorch by test/parity/parametrizations.test.ts.
import { describe, expect, it } from 'vitest'
import { add, eye, linalg, matmul, mul, noGrad, randn, type Tensor, tensor, tril, zeros } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { SGD } from '#lib/optim/index.js'

const { registerParametrization, removeParametrizations, isParametrized, parametrizations } = nn

/** A matrix that equals its transpose. */
class Symmetric extends nn.Module {
  override forward(...[x]: Tensor[]): Tensor {
    const lower = tril(x as Tensor)
    return add(lower, tril(x as Tensor, -1).transpose(0, 1))
  }

  rightInverse(value: Tensor): Tensor {
    return tril(value)
  }
}

class Doubled extends nn.Module {
  override forward(...[x]: Tensor[]): Tensor {
    return mul(x as Tensor, 2)
  }
}

const numbers = (t: Tensor): number[] => [...(t.dataSync() as Float64Array)]

/** Largest difference from the identity of what the fewer of rows and columns multiply to. */
function notOrthonormal(w: Tensor): number {
  const [rows, columns] = w.shape as [number, number]
  const gram = rows < columns ? matmul(w, w.transpose(0, 1)) : matmul(w.transpose(0, 1), w)
  const differences = numbers(gram.sub(eye(Math.min(rows, columns), undefined, { dtype: w.dtype })))
  return Math.max(...differences.map(Math.abs))
}

describe('registerParametrization', () => {
  it('makes a field a function of the original, which is trained under PyTorch’s names', () => {
    const layer = registerParametrization(new nn.Linear(3, 3), 'weight', new Symmetric())
    expect(numbers(layer.weight)).toEqual(numbers(layer.weight.transpose(0, 1)))
    expect([...layer.stateDict().keys()]).toEqual(['bias', 'parametrizations.weight.original'])
    expect(isParametrized(layer)).toBe(true)
    expect(isParametrized(layer, 'weight')).toBe(true)
    expect(isParametrized(layer, 'bias')).toBe(false)
    layer
      .call(randn([2, 3]))
      .sum()
      .backward()
    const original = layer.stateDict().get('parametrizations.weight.original') as nn.Parameter
    expect(numbers(original.grad as Tensor).filter((g) => g !== 0).length).toBe(6)
    layer.zeroGrad()
  })

  it('keeps the parameter that optimizers refer to', () => {
    const layer = new nn.Linear(2, 2, { bias: false })
    const { weight } = layer
    const optimizer = new SGD([weight], { lr: 1 })
    registerParametrization(layer, 'weight', new Symmetric())
    expect([...layer.parameters()]).toEqual([weight])
    const before = numbers(layer.weight)
    layer
      .call(zeros([1, 2]).add(1))
      .sum()
      .backward()
    optimizer.step()
    expect(numbers(layer.weight)).not.toEqual(before)
    layer.zeroGrad()
    expect(removeParametrizations(layer, 'weight').weight).toBe(weight)
  })

  it('chains', () => {
    const layer = new nn.Linear(2, 2)
    registerParametrization(layer, 'weight', new Symmetric())
    const symmetric = numbers(layer.weight)
    registerParametrization(layer, 'weight', new Doubled())
    expect(numbers(layer.weight)).toEqual(symmetric.map((x) => 2 * x))
    removeParametrizations(layer, 'weight', { leaveParametrized: false })
    expect(numbers(layer.weight)).toEqual([symmetric[0], 0, symmetric[2], symmetric[3]])
    expect(layer.weight).toBeInstanceOf(nn.Parameter)
    expect([...layer.stateDict().keys()].sort()).toEqual(['bias', 'weight'])
    expect('parametrizations' in layer).toBe(false)
  })

  it('takes assignments through the inverse', () => {
    const layer = registerParametrization(new nn.Linear(2, 2), 'weight', new Symmetric())
    layer.weight = tensor([
      [1, 2],
      [2, 3],
    ]) as nn.Parameter
    expect(numbers(layer.weight)).toEqual([1, 2, 2, 3])
  })

  it('holds for buffers, other fields of a module, casts and state dicts', () => {
    const norm = registerParametrization(new nn.BatchNorm1d(2), 'runningVar', new Doubled())
    expect([...norm.stateDict().keys()]).toContain('parametrizations.running_var.original')
    expect([...norm.buffers()]).toHaveLength(3)
    expect(numbers(norm.runningVar as Tensor)).toEqual([2, 2])
    const [a, b] = [0, 1].map(() => {
      const layer = parametrizations.weightNorm(new nn.LSTM(3, 2), 'weightHhL0')
      return parametrizations.weightNorm(layer, 'weightIhL0').to('f64')
    }) as [nn.LSTM, nn.LSTM]
    b.loadStateDict(a.stateDict())
    const x = randn([4, 1, 3], { dtype: 'f64' })
    expect(numbers(noGrad(() => b.call(x)[0]))).toEqual(numbers(noGrad(() => a.call(x)[0])))
  })

  it('leaves a layer in evaluation, which packs its weight, up to date', () => {
    const layer = parametrizations.weightNorm(new nn.Linear(128, 128, { bias: false })).eval()
    const x = randn([4, 128])
    const run = (): number[] => noGrad(() => numbers(layer.call(x) as Tensor))
    const first = run()
    expect(run()).toEqual(first)
    noGrad(() => (layer.stateDict().get('parametrizations.weight.original0') as Tensor).mul_(2))
    expect(run()).toEqual(first.map((y) => 2 * y))
  })

  it('refuses what does not fit', () => {
    const layer = new nn.Linear(2, 3)
    expect(() => registerParametrization(layer, 'wieght', new Doubled())).toThrow(
      /Linear has no parameter or buffer 'wieght'; did you mean "weight"\? \(it has weight, bias\)/,
    )
    expect(() => registerParametrization(layer, 'weight', new nn.Flatten(0) as unknown as nn.Parametrization)).toThrow(
      /Linear.weight is \(3, 2\), the parametrization gives \(6\)/,
    )
    expect(layer.weight).toBeInstanceOf(nn.Parameter)
    class Cast extends nn.Module {
      override forward(...[x]: Tensor[]): Tensor {
        return (x as Tensor).to('f64')
      }
    }
    expect(() => registerParametrization(layer, 'weight', new Cast())).toThrow(
      /weight is f32, the parametrization gives f64/,
    )
    expect(() => removeParametrizations(layer, 'weight')).toThrow(/Linear.weight is not parametrized/)
    expect(() => removeParametrizations(layer, 'weight', { keep: true } as never)).toThrow(/no such option: 'keep'/)
    parametrizations.weightNorm(layer)
    expect(() => removeParametrizations(layer, 'weight', { leaveParametrized: false })).toThrow(/made of 2 originals/)
    expect(() => parametrizations.spectralNorm(layer, 'wait')).toThrow(/no parameter 'wait'/)
    expect(() => parametrizations.spectralNorm(layer, 'bias', { iterations: 0 })).toThrow(/iterations is 0/)
    expect(() => parametrizations.orthogonal(layer, 'bias')).toThrow(/takes matrices \(..., n, k\), found \(3\)/)
    expect(() => parametrizations.orthogonal(layer, 'weight', { map: 'qr' } as never)).toThrow(
      /map is qr, expected one of/,
    )
  })
})

describe('weightNorm', () => {
  it('begins with the weight, has lengths of the shapes that PyTorch has, and goes', () => {
    const layer = new nn.Conv2d(2, 3, 2).to('f64')
    const before = numbers(layer.weight)
    for (const [axis, shape] of [
      [0, [3, 1, 1, 1]],
      [1, [1, 2, 1, 1]],
      [-1, [1, 1, 1, 2]],
      [null, []],
    ] as const) {
      parametrizations.weightNorm(layer, 'weight', { axis })
      expect(layer.stateDict().get('parametrizations.weight.original0')?.shape).toEqual(shape)
      const now = numbers(layer.weight)
      // A quotient and a product of what was rounded, of numbers below 1.
      for (const [i, x] of before.entries()) expect(Math.abs((now[i] as number) - x)).toBeLessThanOrEqual(4 * 2 ** -53)
      removeParametrizations(layer, 'weight')
      noGrad(() => layer.weight.copy_(tensor(before, { dtype: 'f64' }).reshape([3, 2, 2, 2])))
    }
  })
})

describe('spectralNorm', () => {
  it('comes to a largest singular value of 1 while it trains, and stays in evaluation', () => {
    const layer = parametrizations.spectralNorm(new nn.Linear(6, 4).to('f64'), 'weight', { iterations: 200 })
    const largest = (): number => Math.max(...numbers(noGrad(() => linalg.svdvals(layer.weight))))
    layer.call(randn([1, 6], { dtype: 'f64' })) // one use, 200 steps
    // The power method's error shrinks as the square of the ratio of singular values, here far below rounding.
    expect(Math.abs(largest() - 1)).toBeLessThan(1e-9)
    layer.eval()
    const u = layer.stateDict().get('parametrizations.weight.0._u') as Tensor
    const before = numbers(u)
    noGrad(() => layer.call(randn([2, 6], { dtype: 'f64' })))
    expect(numbers(u)).toEqual(before)
  })

  it('goes through two calls before backward, as a discriminator’s do', () => {
    const layer = parametrizations.spectralNorm(new nn.Linear(3, 2))
    const [a, b] = [layer.call(randn([2, 3])), layer.call(randn([2, 3]))]
    a.sum().sub(b.sum()).backward()
    expect(layer.stateDict().get('parametrizations.weight.original')?.grad).not.toBeNull()
    layer.zeroGrad()
  })
})

describe('orthogonal', () => {
  const shapes = [
    [4, 4],
    [6, 3],
    [3, 6],
    [1, 5],
  ] as const
  for (const map of ['matrixExp', 'cayley', 'householder'] as const)
    it.each(shapes)(`${map} of (%i, %i) is orthonormal, and stays so when trained`, (rows, columns) => {
      const layer = new nn.Linear(columns, rows, { bias: false }).to('f64')
      parametrizations.orthogonal(layer, 'weight', { map })
      // Some tens of products and sums of numbers up to 1.
      const most = 100 * 2 ** -52
      expect(notOrthonormal(noGrad(() => layer.weight))).toBeLessThan(most)
      const optimizer = new SGD(layer.parameters(), { lr: 0.1 })
      for (let i = 0; i < 3; i++) {
        layer
          .call(randn([5, columns], { dtype: 'f64' }))
          .square()
          .mul(randn([rows], { dtype: 'f64' }))
          .sum()
          .backward()
        optimizer.step()
        layer.zeroGrad()
      }
      expect(notOrthonormal(noGrad(() => layer.weight))).toBeLessThan(most)
    })

  it('begins with a weight that is orthogonal already, and takes assignments', () => {
    const layer = new nn.Linear(3, 3, { bias: false }).to('f64')
    nn.init.orthogonal(layer.weight)
    const before = numbers(layer.weight)
    parametrizations.orthogonal(layer)
    expect(numbers(noGrad(() => layer.weight))).toEqual(before)
    const other: Tensor = nn.init.orthogonal(zeros([3, 3], { dtype: 'f64' }))
    layer.weight = other as nn.Parameter
    expect(numbers(noGrad(() => layer.weight))).toEqual(numbers(other))
    removeParametrizations(layer, 'weight')
    parametrizations.orthogonal(layer, 'weight', { useTrivialization: false })
    expect(() => {
      layer.weight = other as nn.Parameter
    }).toThrow(/nothing can be assigned/)
  })

  it.each(['bf16', 'f16'] as const)('of %s is computed in f32 and rounded', (dtype) => {
    const layer = parametrizations.orthogonal(new nn.Linear(3, 3).to(dtype))
    expect(layer.weight.dtype).toBe(dtype)
    // Columns of length 1 to the rounding of their elements and of the base's.
    const most = 8 * (dtype === 'bf16' ? 2 ** -8 : 2 ** -11)
    expect(notOrthonormal(noGrad(() => layer.weight.to('f64')))).toBeLessThan(most)
  })

  it('of Householder’s reflectors is PyTorch’s', () => {
    const layer = new nn.Linear(3, 2, { bias: false }).to('f64')
    noGrad(() =>
      layer.weight.copy_(tensor(Float64Array.from({ length: 6 }, (_, i) => Math.sin(0.7 * i))).reshape([2, 3])),
    )
    parametrizations.orthogonal(layer, 'weight', { useTrivialization: false })
    const close = (t: Tensor, expected: readonly number[]): void => {
      for (const [i, x] of numbers(t).entries()) expect(x).toBeCloseTo(expected[i] as number, 12)
    }
    const original = layer.stateDict().get('parametrizations.weight.original') as nn.Parameter
    close(original, [-1, 0.5471810380599083, 0.8370142839806743, 0.1103114084169804, 1, 0.9245977933532449])
    close(
      layer.weight,
      [0, 0.5471810380599084, 0.8370142839806746, 0.8772580946185433, 0.4017827552797251, -0.2626572918958765],
    )
    layer.weight
      .mul(tensor([0, 1, 2, 3, 4, 5], { dtype: 'f64' }).reshape([2, 3]))
      .sum()
      .backward()
    close(original.grad as Tensor, [0, -0.47260081190168357, 6.98920206490248, 0, 0, -0.973692324686739])
    layer.zeroGrad()
  })
})
