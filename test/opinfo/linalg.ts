/** Products and linear algebra. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { LeftOut, type Mapping, map } from './mapping.js'

const binary = (f: (a: any, b: any) => Tensor): Mapping => map('input other', ({ input, other }) => f(input, other))
const swapped = (f: (a: any, b: any) => Tensor): Mapping => map('input other', ({ input, other }) => f(other, input))

export const linalg: Readonly<Record<string, Mapping>> = {
  matmul: binary(ops.matmul),
  mm: binary(ops.matmul),
  bmm: binary(ops.matmul),
  mv: binary(ops.matmul),
  dot: binary(ops.matmul),
  __rmatmul__: swapped(ops.matmul),
  'nn.functional.linear': map('input weight bias', ({ input, weight, bias }) => {
    if (weight.rank !== 2) throw new LeftOut('a weight that is a vector')
    return ops.linear(input, weight, bias)
  }),
}
