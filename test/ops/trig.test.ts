import { expect, test } from 'vitest'
import { grad, sinc, sphericalBesselJ0, sum, type Tensor, tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './trig.spec.js'

testOps(specs)

// (cos(t) - sin(t) / t) / t loses all of f32's digits there.
test.each(['f32', 'f64'] as const)('gradients of sin(t) / t keep their digits near 0, %s', (dtype) => {
  const points = [1e-5, 1e-3, 0.01, 0.05].map((x) => (dtype === 'f32' ? Math.fround(x) : x))
  const slopes = (f: (x: Tensor) => Tensor): number[] => {
    const x = tensor(points, { dtype }).requiresGrad_()
    return [...numbers(grad([sum(f(x))], [x])[0] as Tensor)]
  }
  const series = (t: number): number =>
    -t / 3 + t ** 3 / 30 - t ** 5 / 840 + t ** 7 / 45360 - t ** 9 / 3991680 + t ** 11 / 518918400
  const eps = dtype === 'f32' ? 2 ** -22 : 2 ** -51
  slopes(sphericalBesselJ0).forEach((y, i) => {
    const expected = series(points[i]!)
    expect(Math.abs(y / expected - 1)).toBeLessThan(eps)
  })
  slopes(sinc).forEach((y, i) => {
    const expected = Math.PI * series(Math.PI * points[i]!)
    expect(Math.abs(y / expected - 1)).toBeLessThan(2 * eps)
  })
})
