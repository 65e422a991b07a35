// What the type checker knows of shapes and dtypes. Place in the whole: no test runs this; `npm run check` compiles it, and a
// line marked as an error that is none fails there.
import { matmul, ones, randn, type Shape, type Tensor, tensor } from '#lib/index.js'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Same<A, B>): void => undefined

export function shapes(): void {
  const a = ones([2, 3])
  const b = ones([3, 4])
  same<(typeof a)['shape'], readonly [2, 3]>(true)

  // Literal shapes flow through pointwise operators, products and transposition.
  const relu: Tensor<'f32', readonly [2, 3]> = a.relu()
  const sum: Tensor<'f32', readonly [2, 3]> = a.add(ones([1, 3]))
  const product: Tensor<'f32', readonly [2, 4]> = a.matmul(b)
  const flipped: Tensor<'f32', readonly [3, 2]> = a.transpose()
  const reshaped: Tensor<'f32', readonly [6]> = a.reshape([6])

  // @ts-expect-error inner dimensions differ: 3 and 2
  a.matmul(a)

  // A tensor with a shape is a tensor.
  const any: Tensor[] = [a, b, relu, sum, product, flipped, reshaped]
  const open: Tensor<'f32', Shape> = a
  open.matmul(b)
  matmul(a, b)

  // dtypes are checked and give the element types of what is read.
  const i = tensor([1n, 2n], { dtype: 'i64' })
  same<ReturnType<typeof i.dataSync>, BigInt64Array>(true)
  const half = randn([2], { dtype: 'bf16' })
  same<ReturnType<typeof half.dataSync>, Float32Array>(true)
  // @ts-expect-error there is no such dtype
  ones([1], { dtype: 'f8' })
  void any
}
