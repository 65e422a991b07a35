/**
 * Whether operators record gradients, and whether some are cast. Place in the whole: read by operators, set by noGrad, autocast and
 * backward.
 */

export const gradMode: { enabled: boolean } = { enabled: true }

/** Runs `fn` without recording gradients. For async functions only the synchronous part until the first await is covered. */
export function noGrad<T>(fn: () => T): T {
  return withGradMode(false, fn)
}

/** Runs `fn` with recording on, inside a noGrad. */
export function enableGrad<T>(fn: () => T): T {
  return withGradMode(true, fn)
}

export function withGradMode<T>(enabled: boolean, fn: () => T): T {
  const before = gradMode.enabled
  gradMode.enabled = enabled
  try {
    return fn()
  } finally {
    gradMode.enabled = before
  }
}

export const isGradEnabled = (): boolean => gradMode.enabled

/** An open autocast (lib/ops/autocast.ts). */
export interface AutocastFrame {
  readonly dtype: 'bf16' | 'f16'
  readonly cache: boolean
  /** What is computed otherwise than by default, by operator. */
  readonly exceptions: ReadonlyMap<string, 'lower' | 'full' | 'promote'> | null
}

export const autocasting: { frame: AutocastFrame | null } = { frame: null }
