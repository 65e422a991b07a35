/** No operator without the fuzzer: what is exported is in the catalogue, or on the list of what is left out. */
import { expect, test } from 'vitest'
import * as audio from '#lib/audio/index.js'
import * as image from '#lib/image/index.js'
import * as ops from '#lib/ops/index.js'
import * as quant from '#lib/quant/index.js'
import * as sparse from '#lib/sparse/index.js'
import { Tensor } from '#lib/tensor/tensor.js'
import { CATALOG, LEFT_OUT } from './catalog/index.js'

const called = new Set(CATALOG.flatMap((entry) => entry.name.split(', ')))
const functionsOf = (room: object, prefix = ''): string[] =>
  Object.entries(room).flatMap(([name, value]) => (typeof value === 'function' ? [prefix + name] : []))
/** linalg repeats some functions from outside it: either name counts. */
const outside: Record<string, unknown> = { ...ops }
const isCalled = (name: string): boolean => {
  const inner = name.replace('linalg.', '')
  return called.has(name) || (called.has(inner) && outside[inner] === (ops.linalg as Record<string, unknown>)[inner])
}
const inPlace = Object.getOwnPropertyNames(Tensor.prototype).filter(
  (name) => name.endsWith('_') && !name.startsWith('_'),
)

test('the catalogue has every operator, and only what exists', () => {
  const operators = [
    ...functionsOf(ops),
    ...functionsOf(ops.linalg, 'linalg.'),
    ...functionsOf(ops.fft, 'fft.'),
    ...functionsOf(ops.masked, 'masked.'),
    ...functionsOf(quant, 'quant.'),
    ...functionsOf(sparse),
    ...functionsOf(image, 'image.'),
    ...functionsOf(audio, 'audio.'),
    ...inPlace,
  ]
  expect(operators.filter((name) => !isCalled(name) && !(name in LEFT_OUT))).toEqual([])
  expect([...called, ...Object.keys(LEFT_OUT)].filter((name) => !operators.includes(name))).toEqual([])
  expect(Object.keys(LEFT_OUT).filter((name) => called.has(name))).toEqual([])
})
