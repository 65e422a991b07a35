import { expect, test } from 'vitest'
import { allcloseSync, DeviceError, engine, roll, ShapeError, scope, zeros } from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './numbers.spec.js'

testOps(specs)

test('operators that refuse a call after their first steps leave nothing behind', () => {
  scope(() => {
    const [x, other] = [zeros([3], { dtype: 'bf16' }), zeros([3], { device: 'reference' })]
    engine.syncSync()
    const before = engine.memory().tensors
    expect(() => allcloseSync(x, other)).toThrow(DeviceError)
    expect(() => roll(x, [1, 1], [0, 3])).toThrow(ShapeError)
    engine.syncSync()
    expect(engine.memory().tensors).toBe(before)
  })
})
