/**
 * Shapes at type level. Place in the whole: checked by `npm run check` (tsc), never run. Literal shapes give literal results;
 * a misfit is a compile error that reads as a sentence; shapes that are not known give plain arrays.
 */
import { type Tensor, tensor, zeros } from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Broadcast, MatMul, ShapeMismatch, Transposed } from '#lib/tensor/shape-types.js'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Fails to compile unless the two are one type. */
function same<A, B>(_: Same<A, B>): void {}
const shapeOf = <S extends Shape>(t: Tensor<any, S>): S => t.shape

const a = zeros([2, 3])
const b = zeros([3, 4])
const row = zeros([3])
const some: Tensor = a

// ---- creation
same<typeof a, Tensor<'f32', readonly [2, 3]>>(true)
const half = zeros([2], { dtype: 'f16' })
same<typeof half.dtype, 'f16'>(true)
const ids = tensor(BigInt64Array.of(1n, 2n), { dtype: 'i64', shape: [2] })
same<typeof ids, Tensor<'i64', readonly [2]>>(true)

// ---- pointwise, with broadcasting
same<Broadcast<[2, 3], [3]>, [2, 3]>(true)
same<Broadcast<[2, 1], [3]>, [2, 3]>(true)
same<Broadcast<[5, 1, 4], [3, 1]>, [5, 3, 4]>(true)
same<Broadcast<[], [3]>, [3]>(true)
same<Broadcast<number[], [3]>, Shape>(true)
const sum = a.add(row)
shapeOf(sum) satisfies readonly [2, 3]
same<typeof sum.dtype, 'f32'>(true)
shapeOf(a.mul(2)) satisfies readonly [2, 3]
shapeOf(a.relu()) satisfies readonly [2, 3]
// Another dtype: decided at run time.
const mixed = a.add(zeros([2, 3], { dtype: 'f64' }))
mixed satisfies Tensor
// @ts-expect-error the result has shape (2, 3)
shapeOf(a.add(row)) satisfies readonly [3, 3]

// ---- matrix products
same<MatMul<[2, 3], [3, 4]>, [2, 4]>(true)
same<MatMul<[5, 2, 3], [3, 4]>, [5, 2, 4]>(true)
same<MatMul<[5, 1, 2, 3], [6, 3, 4]>, [5, 6, 2, 4]>(true)
same<MatMul<[3], [3]>, []>(true)
same<MatMul<[2, 3], [3]>, [2]>(true)
same<MatMul<[3], [3, 4]>, [4]>(true)
same<MatMul<[2, 3], [4, 5]>, ShapeMismatch<'matmul: inner dimensions differ: 3 and 4'>>(true)
same<MatMul<number[], [3, 4]>, Shape>(true)
shapeOf(a.matmul(b)) satisfies readonly [2, 4]
shapeOf(some.matmul(b)) satisfies Shape
// @ts-expect-error inner dimensions differ: 4 and 2
b.matmul(a)

// ---- views
shapeOf(a.reshape([3, 2])) satisfies readonly [3, 2]
shapeOf(a.view([6])) satisfies readonly [6]
// @ts-expect-error the result has shape (6)
shapeOf(a.reshape([6])) satisfies readonly [3, 2]
same<Transposed<[5, 2, 3]>, [5, 3, 2]>(true)
shapeOf(a.transpose()) satisfies readonly [3, 2]
shapeOf(a.transpose().matmul(a)) satisfies readonly [3, 3]
shapeOf(a.transpose(0, 1)) satisfies Shape

// ---- reductions, dtypes, reading
shapeOf(a.sum()) satisfies readonly []
shapeOf(a.sum(0)) satisfies readonly [3]
a.eq(b) satisfies Tensor<'bool'>
const cast = a.to('bf16')
same<typeof cast, Tensor<'bf16', readonly [2, 3]>>(true)
a.data() satisfies Promise<Float32Array>
ids.dataSync() satisfies BigInt64Array
zeros([1], { dtype: 'bool' }).dataSync() satisfies Uint8Array
// @ts-expect-error i64 reads as a BigInt64Array
ids.dataSync() satisfies Float32Array

// ---- any tensor takes every tensor
const take = (t: Tensor): Tensor => t
take(a)
take(ids)
