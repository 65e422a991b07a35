// What modules say when something does not fit: where in the model, and in state dicts.
import { describe, expect, it } from 'vitest'
import { ones, ShapeError, type Tensor, ValueError, zeros } from '#lib/index.js'
import { Bert } from '#lib/models/index.js'
import * as nn from '#lib/nn/index.js'

const message = (fn: () => unknown): string => {
  try {
    fn()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

class Failing extends nn.Module {
  error: Error
  constructor(error: Error) {
    super()
    this.error = error
  }
  override forward(): never {
    throw this.error
  }
}

describe('an error in a module', () => {
  it('says where in the model, once', () => {
    const model = new Bert({ vocabSize: 9, positions: 4, channels: 4, layers: 2, heads: 2 })
    const { layer } = model.encoder
    const block = layer.at(1)
    if (block) block.attention.self.query = new nn.Linear(3, 4)
    const text = message(() => model.call(zeros([1, 2], { dtype: 'i32' })))
    expect(text).toMatch(/^linear: .*\(in encoder\.layer\.1\.attention\.self\.query, a Linear of Bert\)$/)
    expect(text.match(/\(in /g)).toHaveLength(1)
    model.dispose()
  })

  it('counts from the module that was called, and says nothing of that module itself', () => {
    const inner = new nn.Sequential(new nn.ReLU(), new Failing(new ValueError('no')))
    const model = new nn.Sequential(inner)
    expect(message(() => model.call(zeros([1])))).toBe('no (in 0.1, a Failing of Sequential)')
    expect(message(() => new Failing(new ValueError('no')).call())).toBe('no')
    expect(message(() => new nn.Sequential(inner.at(1) as Failing).call(zeros([1])))).toBe(
      'no (in 0.1, a Failing of Sequential)', // the same error again
    )
  })

  it('is still the same error, with the place in its stack', () => {
    const error = new ShapeError('bad: shapes')
    const model = new nn.Sequential(new Failing(error))
    expect(() => model.call(zeros([1]))).toThrow(error)
    expect(error.stack?.split('\n')[0]).toBe('ShapeError: bad: shapes (in 0, a Failing of Sequential)')
  })

  it('names the class where the module is no part of the one that called it', () => {
    const other = new Failing(new ValueError('no'))
    class Outer extends nn.Module {
      override forward(): void {
        other.call()
      }
    }
    expect(message(() => new Outer().call())).toBe('no (in a Failing called by Outer)')
  })

  it('may be caught on the way', () => {
    class Tolerant extends nn.Module {
      inner = new Failing(new ValueError('no'))
      override forward(x: Tensor): Tensor {
        try {
          this.inner.call()
        } catch {}
        return x
      }
    }
    const model = new Tolerant()
    model.call(zeros([1]))
    expect(model.inner.error.message).toBe('no')
  })

  it('of another kind is left alone', () => {
    expect(message(() => new nn.Sequential(new Failing(new TypeError('x is not a function'))).call(zeros([1])))).toBe(
      'x is not a function',
    )
  })
})

describe('a state dict that does not fit', () => {
  const model = (): nn.Sequential => new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3))
  const renamed = (from: nn.Module, name: (name: string) => string): Map<string, Tensor> =>
    new Map([...from.stateDict()].map(([key, t]) => [name(key), t]))
  const failure = (state: Parameters<nn.Module['loadStateDict']>[0], options = {}): nn.StateDictError => {
    try {
      model().loadStateDict(state, options)
    } catch (error) {
      return error as nn.StateDictError
    }
    throw new Error('nothing was thrown')
  }

  it('is told the names that may be meant', () => {
    const error = failure(renamed(model(), (name) => name.replace('running_mean', 'running_men')))
    expect(error).toBeInstanceOf(nn.StateDictError)
    expect(error).toMatchObject({ missing: ['1.running_mean'], unexpected: ['1.running_men'] })
    expect(error.message).toContain('unexpected: 1.running_men (did you mean 1.running_mean?)')
  })

  it('of a wrapped model is told the prefix', () => {
    expect(failure(renamed(model(), (name) => `module.${name}`)).message).toContain(
      "begin with 'module.', as those of PyTorch’s DataParallel do: take that away",
    )
    expect(failure(renamed(model(), (name) => `_orig_mod.${name}`)).message).toContain('torch.compile')
    expect(failure(renamed(model(), (name) => `a.b.${name}`)).message).toContain("begin with 'a.b.':")
    const outer = new nn.ModuleDict({ backbone: model() })
    expect(message(() => outer.loadStateDict(model().stateDict()))).toContain(
      "the module’s names begin with 'backbone.'",
    )
  })

  it('is refused for values that are no tensors, and for other kinds of numbers', () => {
    const state = model().stateDict()
    const with_ = (name: string, value: unknown): Map<string, Tensor> => new Map(state).set(name, value as Tensor)
    expect(failure(with_('0.bias', 3)).message).toContain('value of 0.bias: found number, expected a tensor')
    expect(failure(with_('0.bias', [1, 2, 3])).message).toContain('value of 0.bias: found Array, expected a tensor')
    expect(failure(with_('0.bias', null)).message).toContain('value of 0.bias: found null')
    const eight = failure(with_('0.weight', zeros([3, 2], { dtype: 'i8' })), { strict: false })
    expect(eight.message).toContain('dtype of 0.weight: found i8, expected f32 or another floating-point dtype')
    expect(failure(with_('1.num_batches_tracked', zeros([]))).message).toContain(
      'found f32, expected i64 or another integer',
    )
    model().loadStateDict(with_('0.weight', zeros([3, 2], { dtype: 'f64' })))
    model().loadStateDict(with_('1.num_batches_tracked', zeros([], { dtype: 'i32' })))
  })

  it('lists a dozen of many', () => {
    const many = new nn.Sequential(...Array.from({ length: 20 }, () => new nn.Linear(2, 2, { bias: false })))
    expect(message(() => many.loadStateDict({}))).toMatch(/missing: 0\.weight, .*11\.weight and 8 more$/m)
    const wrong = new Map([...many.stateDict().keys()].map((name) => [name, zeros([1])]))
    expect(message(() => many.loadStateDict(wrong)).split('\n')).toHaveLength(14)
  })

  it('may hold a tied tensor once', () => {
    const [a, b] = [new nn.Linear(2, 2, { bias: false }), new nn.Linear(2, 2, { bias: false })]
    b.weight = a.weight
    const tied = new nn.Sequential(a, b)
    for (const name of ['0.weight', '1.weight'])
      expect(tied.loadStateDict({ [name]: ones([2, 2]) })).toEqual({ missing: [], unexpected: [] })
    expect(message(() => tied.loadStateDict({}))).toContain('missing: 0.weight, 1.weight')
  })
})
