import { expect, test } from 'vitest'
import { Generator, normal } from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './random.spec.js'

testOps(specs)

test('normal: f32 has the same bits on every instruction set', async () => {
  const x = await normal([4099], 0.5, 1.75, { generator: new Generator(11) }).data()
  let hash = 0
  for (const word of new Int32Array(x.buffer, x.byteOffset, x.length)) hash = (Math.imul(hash, 31) + word) | 0
  expect(hash).toBe(196936855)
})
