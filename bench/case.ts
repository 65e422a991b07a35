/**
 * What a case is. Place in the whole: cases/ lists them, worker.ts runs them, main.ts needs only their names and their work.
 */
import { type DType, randn, scope, type Tensor } from 'sinter'

export interface Case {
  /** Dotted; the peers' cases are found by the same name. */
  readonly name: string
  readonly dtype: DType
  /** Floating-point operations of one call, by the usual count (padded taps and masked scores of a causal half excepted). */
  readonly flops?: number
  /** Bytes of one call, each operand and result counted once: the speed is then held against bandwidth, or with `flops` against both. */
  readonly bytes?: number
  /** Operators in one call, where their overhead is the question. */
  readonly items?: number
  /** Other names under which a filter finds it. */
  readonly aliases?: readonly string[]
  /** The ratio that is asked for against torch, by the number of threads; 1 without it. */
  bar?(threads: number): number
  /** Whose summary it belongs to; without it the name's first part. */
  readonly family?: string
  /** Takes seconds a call: left out when quick. */
  readonly long?: boolean
  /** Makes the operands; returns the call that is timed. The call may return before its results are complete: the worker waits. */
  prepare(): () => void
}

/** A case's call without gradients: makes fresh results through the public interface and frees them. */
export function forwardOnly(call: () => unknown): () => void {
  return () =>
    scope(() => {
      call()
    })
}

/** Forward, and backward from a fixed output gradient into fresh gradients of the leaves. */
export function withBackward(forward: () => Tensor, leaves: readonly Tensor[]): () => void {
  for (const leaf of leaves) leaf.requiresGrad_()
  const gradient = scope(() => {
    const { shape, dtype } = forward()
    return randn(shape).to(dtype)
  })
  return () =>
    scope(() => {
      for (const leaf of leaves) {
        leaf.grad?.dispose()
        leaf.grad = null
      }
      forward().backward({ gradient })
    })
}

export function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1)
}
