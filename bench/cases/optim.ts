/**
 * One optimizer step over 50 million parameters in ten matrices. The peer's AdamW has a fused kernel and a tensor-by-tensor one; we
 * have one. Bytes are what a step cannot do without: parameters read and written, gradients read, state read and written.
 */
import { randn } from 'sinter'
import { Parameter } from 'sinter/nn'
import {
  Adadelta,
  Adafactor,
  Adagrad,
  Adamax,
  AdamW,
  AdamW8bit,
  centralizeGrad,
  clipGradNorm,
  Lamb,
  Lars,
  Lion,
  NAdam,
  type Optimizer,
  RAdam,
  RMSprop,
  SGD,
} from 'sinter/optim'
import type { Case } from '../case.js'

const TENSORS = 10
const ELEMENTS = 5_000_000
const ROWS = 5000

function parametersWithGradients(): Parameter[] {
  const shape = [ROWS, ELEMENTS / ROWS]
  const parameters = Array.from({ length: TENSORS }, () => new Parameter(randn(shape)))
  for (const p of parameters) p.grad = randn(shape)
  return parameters
}

function stepCase(name: string, bytesPerElement: number, make: (p: Parameter[]) => Optimizer<any>): Case {
  return {
    name: `${name}.50m`,
    dtype: 'f32',
    bytes: TENSORS * ELEMENTS * bytesPerElement,
    prepare() {
      const optimizer = make(parametersWithGradients())
      return () => optimizer.step()
    },
  }
}

const adamw = (p: Parameter[]): Optimizer<any> => new AdamW(p)

export const optim: readonly Case[] = [
  stepCase('adamw.fused', 4 * 7, adamw),
  stepCase('adamw.foreach_off', 4 * 7, adamw),
  stepCase('optim.sgd_momentum', 4 * 5, (p) => new SGD(p, { lr: 1e-3, momentum: 0.9 })),
  stepCase('optim.adagrad', 4 * 5, (p) => new Adagrad(p)),
  stepCase('optim.rmsprop', 4 * 5, (p) => new RMSprop(p)),
  stepCase('optim.rmsprop_centered', 4 * 9, (p) => new RMSprop(p, { momentum: 0.9, centered: true })),
  stepCase('optim.lion', 4 * 5, (p) => new Lion(p)),
  stepCase('optim.nadam', 4 * 7, (p) => new NAdam(p)),
  stepCase('optim.radam', 4 * 7, (p) => new RAdam(p)),
  stepCase('optim.adamax', 4 * 7, (p) => new Adamax(p)),
  stepCase('optim.adadelta', 4 * 7, (p) => new Adadelta(p)),
  // The norms need a pass before the step: p and g are read twice.
  stepCase('optim.lars', 4 * 7, (p) => new Lars(p, { lr: 1 })),
  // The norms need a pass before the step: p, m and v are read twice.
  stepCase('optim.lamb', 4 * 10, (p) => new Lamb(p)),
  // The gradient is read three times: for the moments, for the step's size, for the step.
  stepCase('optim.adafactor', 4 * 6, (p) => new Adafactor(p)),
  stepCase('optim.adamw_8bit', 4 * 3 + 4 + 8 / 256, (p) => new AdamW8bit(p)),
  {
    name: 'optim.centralize_grad.50m',
    dtype: 'f32',
    // Rows are read for their means, and once more from the nearest cache.
    bytes: TENSORS * ELEMENTS * 4 * 2,
    prepare() {
      const parameters = parametersWithGradients()
      return () => centralizeGrad(parameters)
    },
  },
  {
    name: 'optim.clip_grad_norm.50m',
    dtype: 'f32',
    bytes: TENSORS * ELEMENTS * 4 * 3,
    prepare() {
      const parameters = parametersWithGradients()
      // Below what the last clip left, so that every call scales.
      let most = 1
      return () => {
        clipGradNorm(parameters, most).dispose()
        most *= 0.999
      }
    },
  },
]
