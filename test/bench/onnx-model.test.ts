/** The models that the bench gives to onnxruntime. */
import { expect, it } from 'vitest'
import { network, oneOperator, type Value } from '../../bench/peers/onnx-model.js'

const value = (name: string, dims: number[], constant?: Uint8Array): Value => ({
  name,
  element: 'f32',
  dims,
  ...(constant && { constant }),
})

it('are the bytes that the onnx package writes for the same model', () => {
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

it('of several nodes have attributes of every kind', () => {
  const w = new Uint8Array(Float32Array.of(1, 2).buffer)
  const model = network(
    [
      { operator: 'Conv', inputs: ['x', 'w'], outputs: ['c'], attributes: { kernel_shape: [1, 1], strides: [2, 2] } },
      { operator: 'LeakyRelu', inputs: ['c'], outputs: ['y'], attributes: { alpha: { float: 0.5 } } },
    ],
    [value('x', [1, 2, 3, 3]), value('w', [1, 2, 1, 1], w)],
    [value('y', [1, 1, 2, 2])],
  )
  // As above; the package's checker, with shape inference, has nothing to say against it.
  expect(model.toString('hex')).toBe(
    [
      '080a3ab6010a380a01780a01771201632204436f6e762a150a0c6b65726e656c5f736861706540014001a001072a100a0773747269646573',
      '40024002a001070a220a016312017922094c65616b7952656c752a0f0a05616c706861150000003fa0010112036f6e652a17080108020801',
      '080110014201774a080000803f000000405a1b0a017812160a14080112100a0208010a0208020a0208030a020803621b0a017912160a1408',
      '0112100a0208010a0208010a0208020a02080242021015',
    ].join(''),
  )
})
