/** Operators from outside: composed in TypeScript, and from a shared object in C. */
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  AutogradError,
  type CustomOperator,
  DTypeError,
  defineOperator,
  type ExecutionError,
  loadOperators,
  type NativeKernel,
  noGrad,
  ones,
  ShapeError,
  scope,
  type Tensor,
  tensor,
} from '#lib/index.js'
import { checkOperator } from '#lib/testing/index.js'
import { nativeLibraries } from '../helpers/native-library.js'

const { compile, inline } = nativeLibraries()

describe('composed operators', () => {
  const swiglu = defineOperator<{ beta: number }>({
    name: 'swiglu',
    shape: ([a, b]) => {
      if (a?.shape.join() !== b?.shape.join()) throw new ShapeError('swiglu: two tensors of one shape')
      return { shape: a?.shape ?? [], dtype: a?.dtype ?? 'f32' }
    },
    compute: ([a, b], { beta }) => (a as Tensor).mul((a as Tensor).mul(beta).sigmoid()).mul(b as Tensor),
  })

  it('have the gradients of what they are composed of', () => {
    checkOperator({
      name: 'swiglu',
      call: swiglu,
      reference: ([a, b], { beta }) =>
        Float64Array.from(
          a as Float64Array,
          (v, i) => (v / (1 + Math.exp(-beta * v))) * ((b as Float64Array)[i] as number),
        ),
      samples: [
        { shapes: [[3], [3]], args: { beta: 1 } },
        {
          shapes: [
            [2, 5],
            [2, 5],
          ],
          args: { beta: 0.5 },
        },
        { shapes: [[0], [0]], args: { beta: 1 } },
      ],
    })
  })

  it('are held to their shape rule', () =>
    scope(() => {
      expect(() => swiglu([ones([2]), ones([3])], { beta: 1 })).toThrow(ShapeError)
      const wrong = defineOperator({
        name: 'wrong',
        shape: ([x]) => ({ shape: x?.shape ?? [], dtype: 'f64' }),
        compute: ([x]) => (x as Tensor).mul(2),
      })
      expect(() => wrong([ones([2])], undefined)).toThrow(DTypeError)
    }))
})

describe('operators of a shared object', () => {
  let kernels: ReadonlyMap<string, NativeKernel>
  let axpy: CustomOperator<{ a: number }>
  beforeAll(() => {
    const path = compile('axpy', fileURLToPath(new URL('axpy.c', import.meta.url)))
    kernels = loadOperators(path)
    expect(loadOperators(path)).toEqual(kernels)
    axpy = defineOperator<{ a: number }>({
      name: 'axpy',
      shape: ([x]) => ({ shape: x?.shape ?? [], dtype: x?.dtype ?? 'f32' }),
      compute: kernels.get('axpy') as NativeKernel,
      attributes: ({ a }) => [a],
      gradient: ({ args }, g) => [(g as Tensor).mul(args.a), g as Tensor],
    })
  })

  it('run like any other', () => {
    checkOperator({
      name: 'axpy',
      call: axpy,
      reference: ([x, y], { a }) =>
        Float64Array.from(x as Float64Array, (v, i) => a * v + ((y as Float64Array)[i] as number)),
      samples: [
        { shapes: [[7], [7]], args: { a: 0 } },
        {
          shapes: [
            [3, 4],
            [3, 4],
          ],
          args: { a: -1.5 },
        },
        { shapes: [[], []], args: { a: 2 } },
      ],
    })
    scope(() => {
      const x = ones([100_000])
      const [y] = axpy([x, x], { a: 2 })
      expect((y as Tensor).sum().itemSync()).toBe(300_000)
    })
  })

  it('may use scratch memory; without a gradient they say so', () =>
    scope(() => {
      const running = defineOperator({
        name: 'running',
        shape: ([x]) => ({ shape: x?.shape ?? [], dtype: 'f64' }),
        compute: kernels.get('running') as NativeKernel,
      })
      const x = tensor([1, 2, 3], { dtype: 'f64' }).requiresGrad_() as Tensor
      expect(Array.from((noGrad(() => running([x], undefined))[0] as Tensor).dataSync() as Float64Array)).toEqual([
        1, 3, 6,
      ])
      const [y] = running([x], undefined)
      expect(() => (y as Tensor).sum().backward()).toThrow(AutogradError)
    }))

  it('poison their results with the message that they give', async () => {
    const y = scope(() => axpy([ones([2], { dtype: 'i32' }), ones([2], { dtype: 'i32' })], { a: 1 })[0] as Tensor)
    const error = await y.data().then(
      () => null,
      (e: ExecutionError) => e,
    )
    expect([error?.code, error?.message]).toEqual(['SINTER_KERNEL', 'axpy: takes f32 or f64'])
    y.dispose()
  })

  it('are refused when the library is no such library', () => {
    expect(() => loadOperators('/nowhere/missing.so')).toThrow(/cannot open the operator library/)
    expect(() => loadOperators(inline('empty', 'int nothing;'))).toThrow(/has no sinter_operators/)
    const old = '#include "sinter_operator.h"\nstatic const sinter_operator_list l = {99, 0, NULL};\n'
    expect(() =>
      loadOperators(inline('old', `${old}const sinter_operator_list* sinter_operators(void) { return &l; }`)),
    ).toThrow(/made for operator interface 99, this Sinter has 1/)
  })
})
