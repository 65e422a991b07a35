/** The arithmetic of shape-types.ts on literals. Place in the whole: checked by `npm run check` (tsc), never run. */

import { type Tensor, zeros } from '#lib/index.js'
import { Linear } from '#lib/nn/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type {
  Broadcast,
  LastDim,
  MatMul,
  Reduced,
  Reshape,
  ShapeMismatch,
  Transposed,
} from '#lib/tensor/shape-types.js'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(_: Same<A, B>): void {}

same<Broadcast<[2, 3], [3]>, [2, 3]>(true)
same<Broadcast<[5, 1, 4], [3, 1]>, [5, 3, 4]>(true)
same<Broadcast<[number, 3], [1]>, [number, 3]>(true)
same<Broadcast<[2, 3], [4]>, ShapeMismatch<'shapes (2, 3) and (4) do not broadcast'>>(true)
same<Broadcast<[2, 3], [2]>, ShapeMismatch<'shapes (2, 3) and (2) do not broadcast'>>(true)

same<MatMul<[5, 1, 2, 3], [6, 3, 4]>, [5, 6, 2, 4]>(true)
same<MatMul<[2, 3], [4, 5]>, ShapeMismatch<'matmul: inner dimensions differ: 3 and 4'>>(true)
same<MatMul<[2, 4, 3], [3, 3, 5]>, ShapeMismatch<'matmul: batches (2) and (3) do not broadcast'>>(true)
same<Transposed<[5, 2, 3]>, [5, 3, 2]>(true)

same<LastDim<[7, 768], 768, 3072>, [7, 3072]>(true)
same<LastDim<[7, 512], 768, 3072>, ShapeMismatch<'the last dimension is 512, the layer takes 768'>>(true)
same<LastDim<Shape, 768, 3072>, Shape>(true)

same<Reduced<[2, 3, 4], 1>, [2, 4]>(true)
same<Reduced<[2, 3, 4], -1>, [2, 3]>(true)
same<Reduced<[2, 3, 4], -3, true>, [1, 3, 4]>(true)
same<Reduced<[2, 3, 4], [0, -1]>, [3]>(true)
same<Reduced<[2, 3, 4], undefined>, []>(true)
same<Reduced<[2, 3], 2>, ShapeMismatch<'axis 2 is out of range for (2, 3)'>>(true)
same<Reduced<[2, 3], number>, Shape>(true)
same<Reduced<Shape, 0>, Shape>(true)

same<Reshape<[2, 3], [6]>, [6]>(true)
same<Reshape<[768, 3072], [2359296]>, [2359296]>(true)
same<Reshape<[12, 64, 50257], [768, 50257]>, [768, 50257]>(true)
same<Reshape<[99, 99], [9801]>, [9801]>(true)
same<Reshape<[2, 3], [4]>, ShapeMismatch<'reshape: (2, 3) has 6 elements, (4) has 4'>>(true)
same<Reshape<[0, 3], [5, 0]>, [5, 0]>(true)
same<Reshape<[2, 3], [-1, 2]>, [number, 2]>(true)
same<Reshape<number[], [4]>, [4]>(true)
same<Reshape<[], [1, 1]>, [1, 1]>(true)

// ---- as methods and layers see it
const a = zeros([2, 3])
const layer = new Linear(3, 5)
a.add(zeros([2, 1])).shape satisfies readonly [2, 3]
// @ts-expect-error shapes (2, 3) and (4) do not broadcast
a.add(zeros([4]))
// @ts-expect-error reshape: (2, 3) has 6 elements, (4) has 4
a.reshape([4])
a.reshape([3, 2]).shape satisfies readonly [3, 2]
a.reshape([-1, 2]).shape satisfies readonly [number, 2]
layer.call(a).shape satisfies readonly [2, 5]
// @ts-expect-error the last dimension is 2, the layer takes 3
layer.call(zeros([3, 2]))
const anyLinear: Linear = layer
anyLinear.call(a) satisfies Tensor
