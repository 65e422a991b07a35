import { expect, test } from 'vitest'
import { complex, linalg, scope, tensor, viewAsReal } from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './complex-linalg.spec.js'

testOps(specs)

test('a divisor next to the largest number', () =>
  scope(() => {
    const part = (x: number) => tensor([[x]], { dtype: 'f64' })
    const number = (re: number, im: number) => complex(part(re), part(im))
    const x = linalg.solveTriangular(number(1.2e308, 1.2e308), number(1.2e308, 0), { upper: true })
    expect(Array.from(viewAsReal(x).dataSync() as Float64Array)).toEqual([0.5, -0.5])
  }))
