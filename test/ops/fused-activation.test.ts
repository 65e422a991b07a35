/** One table of activations for every layer that applies one in its product's pass, whatever its weight is made of. */
import { expect, test } from 'vitest'
import { gelu, grad, type LinearActivation, linear, relu, scope, silu, type Tensor, tensor } from '#lib/index.js'
import {
  dynamicQuantizedLinear,
  Int8Weight,
  quantizedLinear,
  quantizeGroups,
  quantizeWeight,
  weightOnlyLinear,
} from '#lib/quant/index.js'
import { SparseMatrix, sparseLinear } from '#lib/sparse/index.js'
import { numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'

const [ROWS, OUT, INNER] = [5, 19, 40] as const
const ACTIVATIONS: Record<LinearActivation, (y: Tensor) => Tensor> = {
  none: (y) => y,
  relu,
  gelu: (y) => gelu(y),
  geluTanh: (y) => gelu(y, { approximate: 'tanh' }),
  silu,
}

type Layer = (x: Tensor, activation?: LinearActivation | null) => Tensor

/** The layers of one weight, each with what takes the place of x in it. */
function layers(): [string, Layer][] {
  const r = new Random('fused activations')
  const draw = (shape: number[]): Tensor =>
    tensor(
      r.array(
        shape.reduce((a, b) => a * b),
        (r) => r.uniform(-1, 1),
      ),
      { shape, dtype: 'f32' },
    )
  const [w, bias] = [draw([OUT, INNER]), draw([OUT])]
  const [bytes, groups, sparse] = [quantizeWeight(w), quantizeGroups(w), SparseMatrix.fromSync(w, { format: 'csr' })]
  const eight = Int8Weight.from(w.mul(100).round().to('i8'), tensor([0.01]))
  return [
    ['linear', (x, activation) => linear(x, w, bias, { activation })],
    ['dynamicQuantizedLinear', (x, activation) => dynamicQuantizedLinear(x, bytes, bias, { activation })],
    [
      'quantizedLinear',
      (x, activation) => quantizedLinear(x.detach().mul(50).round().to('i8'), eight, bias, { scale: 0.02, activation }),
    ],
    ['weightOnlyLinear', (x, activation) => weightOnlyLinear(x, groups, bias, { activation })],
    ['sparseLinear', (x, activation) => sparseLinear(x, sparse, bias, { activation, kernel: 'sparse' })],
  ]
}
const input = (): Tensor => {
  const r = new Random('input of fused activations')
  return tensor(
    r.array(ROWS * INNER, (r) => r.uniform(-2, 2)),
    { shape: [ROWS, INNER], dtype: 'f32' },
  )
}
const close = (found: Tensor, expected: Tensor): void => {
  const [a, b] = [numbers(found), numbers(expected)]
  expect(a.length).toBe(b.length)
  // Either side computes the activation in f32; a difference of units in the last places of it and of its argument.
  a.forEach((v, i) => {
    expect(Math.abs(v - (b[i] as number))).toBeLessThanOrEqual(16 * 2 ** -23 * (1 + Math.abs(v)))
  })
}

test('the five activations are those of the operators, in every layer', () => {
  scope(() => {
    const x = input()
    for (const [, layer] of layers()) {
      const plain = layer(x)
      expect(numbers(layer(x, null))).toEqual(numbers(plain))
      for (const name of Object.keys(ACTIVATIONS) as LinearActivation[]) close(layer(x, name), ACTIVATIONS[name](plain))
      // What the activations tell apart is there: some sums are below zero, some above.
      expect(Math.min(...numbers(plain))).toBeLessThan(-1)
      expect(Math.max(...numbers(plain))).toBeGreaterThan(1)
    }
  })
})

test('gradients go through them as through the operators', () => {
  scope(() => {
    for (const [name, layer] of layers().filter(([name]) => name !== 'quantizedLinear'))
      for (const activation of Object.keys(ACTIVATIONS) as LinearActivation[]) {
        const x = input().requiresGrad_()
        const found = grad(layer(x, activation).sum(), [x])[0] as Tensor
        const expected = grad(ACTIVATIONS[activation](layer(x)).sum(), [x])[0] as Tensor
        expect(found.shape, name).toEqual([ROWS, INNER])
        const [a, b] = [numbers(found), numbers(expected)]
        // Sums of OUT terms of magnitude 2 at most.
        a.forEach((v, i) => {
          expect(Math.abs(v - (b[i] as number)), name).toBeLessThanOrEqual(2 * OUT * 16 * 2 ** -23)
        })
      }
  })
})

test('an unknown name is refused in the same words', () => {
  scope(() => {
    const x = input()
    for (const [name, layer] of layers())
      for (const wrong of ['elu', 'toString', ''])
        expect(() => layer(x, wrong as LinearActivation)).toThrow(
          `${name}: activation '${wrong}' is not one of none, relu, gelu, geluTanh, silu`,
        )
  })
})
