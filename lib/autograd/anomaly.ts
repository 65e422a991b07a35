/**
 * Anomaly mode: names the operator and the line where a NaN first appears. Place in the whole: read by every operator
 * (lib/ops/emit.ts) and by the backward pass; each result is read back, so it is for finding an error, not for working.
 */
import { debug, outsideLibrary } from '../engine/debug.js'
import { AnomalyError } from '../errors.js'
import { isFloating } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { GradNode } from './node.js'

class Anomaly {
  /** Whether operators are checked: by detectAnomaly, setDetectAnomaly, or SINTER_DEBUG=nan. */
  enabled: boolean = debug.nan
  /** Set by lib/ops/backward.ts: whether a tensor holds a NaN; waits for it. */
  holdsNaN: (t: Tensor) => boolean = () => false
  /** While a rule runs: the operator whose gradient it computes. */
  #inRule: GradNode | null = null
  readonly #sites = new WeakMap<GradNode, string>()

  /** Notes where an operator was called. */
  noteSite(node: GradNode): void {
    this.#sites.set(node, callSite())
  }

  /** @throws AnomalyError when a result holds a NaN and no operand does */
  checkResult(op: string, result: Tensor, operands: readonly (Tensor | null | undefined)[]): void {
    if (!this.#holds(result) || operands.some((t) => t && this.#holds(t))) return
    const node = this.#inRule
    const where = node ? ` in the gradient of ${node.op}, which was called ${this.#siteOf(node)}` : ` ${callSite()}`
    throw new AnomalyError(op, `${op}: a NaN first appeared in its result ${show(result.shape)},${where}`)
  }

  /** Runs a gradient rule's check around `grads`. @throws AnomalyError naming operator and call site */
  checkGradients(node: GradNode, grads: readonly (Tensor | null)[]): void {
    grads.forEach((g, i) => {
      if (g && node.inputs[i] && this.#holds(g)) {
        throw new AnomalyError(
          node.op,
          `backward: the gradient of operand ${i} of ${node.op} holds a NaN; the operator was called ${this.#siteOf(node)}`,
        )
      }
    })
  }

  /** Marks that results now come from the rule of `node`. */
  inRule<T>(node: GradNode, fn: () => T): T {
    const outer = this.#inRule
    this.#inRule = node
    try {
      return fn()
    } finally {
      this.#inRule = outer
    }
  }

  #siteOf(node: GradNode): string {
    return this.#sites.get(node) ?? 'outside anomaly mode'
  }

  #holds(t: Tensor): boolean {
    if (t._id === 0 || !isFloating(t.dtype)) return false
    this.enabled = false // the check's own operators are not checked
    try {
      return this.holdsNaN(t)
    } finally {
      this.enabled = true
    }
  }
}

export const anomaly: Anomaly = new Anomaly()

const callSite = (): string => outsideLibrary(new Error().stack ?? '', 4)

/**
 * Runs `fn` in anomaly mode: an operator whose result holds a NaN though its operands hold none, or whose gradient does,
 * throws AnomalyError with its name and the line that called it. Each operator waits for its result: slow.
 */
export function detectAnomaly<T>(fn: () => T): T {
  const before = anomaly.enabled
  anomaly.enabled = true
  try {
    return fn()
  } finally {
    anomaly.enabled = before
  }
}

/** Switches anomaly mode on or off for good; returns what it was. */
export function setDetectAnomaly(on: boolean): boolean {
  const before = anomaly.enabled
  anomaly.enabled = on
  return before
}
