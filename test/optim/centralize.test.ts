// Gradient centralisation: Yong et al. 2020, equation 1.
import { expect, it } from 'vitest'
import { tensor, zeros } from '#lib/index.js'
import { Parameter } from '#lib/nn/index.js'
import { centralizeGrad } from '#lib/optim/index.js'

it('takes every row’s mean from the gradients of matrices and kernels, and leaves vectors alone', async () => {
  const params = [[2, 2], [2], [1, 2, 1, 1], [3, 3]].map((shape) => new Parameter(zeros(shape)))
  const [matrix, bias, kernel] = params as unknown as [Parameter, Parameter, Parameter]
  matrix.grad = tensor([
    [1, 3],
    [-2, 4],
  ])
  bias.grad = tensor([5, 7])
  kernel.grad = tensor([[[[1]], [[5]]]])
  centralizeGrad(params, { minRank: 3 })
  expect(await matrix.grad.data()).toEqual(Float32Array.of(1, 3, -2, 4))
  expect(await kernel.grad.data()).toEqual(Float32Array.of(-2, 2))
  centralizeGrad(params)
  expect(await matrix.grad.data()).toEqual(Float32Array.of(-1, 1, -3, 3))
  expect(await bias.grad.data()).toEqual(Float32Array.of(5, 7))
})
