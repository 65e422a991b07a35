/** Anomaly mode: where a NaN first appeared. */
import { expect, test } from 'vitest'
import {
  AnomalyError,
  defineFunction,
  detectAnomaly,
  log,
  scope,
  setDetectAnomaly,
  sqrt,
  type Tensor,
  tensor,
} from '#lib/index.js'

const caught = (fn: () => unknown): Error => {
  try {
    fn()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

test('names the operator and the line of a forward NaN', () =>
  scope(() => {
    const error = caught(() => detectAnomaly(() => log(tensor([1, -1])).add(1)))
    expect(error).toBeInstanceOf(AnomalyError)
    expect((error as AnomalyError).op).toBe('log')
    expect(error.message).toMatch(/^log: a NaN first appeared in its result \(2\), at .*anomaly\.test\.ts:\d+/)
  }))

test('leaves alone what only hands a NaN on', () =>
  scope(() => {
    const x = tensor([Number.NaN])
    expect(detectAnomaly(() => x.add(1).mul(2)).dataSync()[0]).toBeNaN()
    expect(log(tensor([-1])).dataSync()[0]).toBeNaN()
  }))

test('names the forward call whose gradient has the NaN', () =>
  scope(() => {
    const x = tensor([0, 4], { requiresGrad: true }) as Tensor
    const error = caught(() =>
      detectAnomaly(() =>
        sqrt(x)
          .mul(tensor([0, 1]))
          .sum()
          .backward(),
      ),
    )
    expect(error).toBeInstanceOf(AnomalyError)
    // 0 / (2 sqrt 0)
    expect(error.message).toMatch(/in the gradient of sqrt, which was called at .*anomaly\.test\.ts:\d+/s)
  }))

test('sees a NaN that a custom backward hands over', () =>
  scope(() => {
    const bad = defineFunction({
      name: 'bad',
      forward: (_, a: Tensor) => a.mul(2),
      backward: () => tensor([Number.NaN]) as Tensor,
    })
    const before = setDetectAnomaly(true)
    try {
      const y = bad(tensor([1], { requiresGrad: true }) as Tensor)
      expect(caught(() => y.backward()).message).toMatch(/^backward: the gradient of operand 0 of bad holds a NaN/)
    } finally {
      setDetectAnomaly(before)
    }
  }))
