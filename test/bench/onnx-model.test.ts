/** The models that the bench gives to onnxruntime. */
import { expect, it } from 'vitest'
import { oneOperator, type Value } from '../../bench/peers/onnx-model.js'

it('are the bytes that the onnx package writes for the same model', () => {
  const value = (name: string, dims: number[], constant?: Uint8Array): Value => ({
    name,
    element: 'f32',
    dims,
    ...(constant && { constant }),
  })
  const b = new Uint8Array(Float32Array.of(1, -2).buffer)
  const model = oneOperator('Gemm', [value('a', [2, 300]), value('b', [2, 1], b)], value('y', [300, 1]), {
    transA: 1,
    transB: 0,
  })
  // onnx 1.23: load_from_string(model).SerializeToString().hex(), after a look at what it had understood.
  expect(model.toString('hex')).toBe(
    [
      '080a3a750a2d0a01610a0162120179220447656d6d2a0d0a067472616e73411801a001022a0d0a067472616e73421800a0010212036f6e65',
      '2a130802080110014201624a080000803f000000c05a140a0161120f0a0d080112090a0208020a0308ac0262140a0179120f0a0d08011209',
      '0a0308ac020a02080142021015',
    ].join(''),
  )
})
