/** What losses do with the values of their elements. Place in the whole: shared by the files of losses. */
import { ShapeError, ValueError } from '../errors.js'
import { type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { mean, sum } from './reduce.js'
import { softplus } from './unary.js'

export type Reduction = 'none' | 'mean' | 'sum'

export interface LossOptions {
  /** Default 'mean', over all elements. */
  reduction?: Reduction
}

export const REDUCTIONS: readonly Reduction[] = ['none', 'mean', 'sum']

export function checkReduction(op: string, reduction: string = 'mean', allowed: readonly string[] = REDUCTIONS): void {
  if (!allowed.includes(reduction))
    throw new ValueError(`${op}: reduction '${reduction}' is not one of ${allowed.join(', ')}`)
}

export function reduced(op: string, losses: Tensor, reduction: Reduction = 'mean'): Tensor {
  checkReduction(op, reduction)
  return reduction === 'mean' ? mean(losses) : reduction === 'sum' ? sum(losses) : losses
}

/** A target that broadcasts by accident makes a loss of the wrong pairs, so shapes must agree. */
export function checkSameShape(op: string, a: { shape: Shape }, b: { shape: Shape }): void {
  if (!sameShape(a.shape, b.shape)) throw new ShapeError(`${op}: shapes differ: ${show(a.shape)} and ${show(b.shape)}`)
}

/** ln(1 + e^x) to the last digit: from 40 on it is x. */
export const logOnePlusExp = (x: Tensor): Tensor => softplus(x, 1, 40)
