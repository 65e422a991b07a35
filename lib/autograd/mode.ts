/** Whether operators record gradients. Place in the whole: read by every operator, set by noGrad and by backward. */

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
