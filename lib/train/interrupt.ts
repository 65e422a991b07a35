// Ctrl-C during a training run. Place in the whole: the Trainer asks after each step whether to stop.

/** The exit code of a run that was stopped by Ctrl-C: 128 + SIGINT. */
export const INTERRUPTED = 130

/**
 * Calls `stop` at the first SIGINT or SIGTERM; at the second the process exits at once. Returns the function that takes
 * the handlers away.
 */
export function onInterrupt(stop: (signal: string) => void): () => void {
  let asked = false
  const handler = (signal: NodeJS.Signals) => {
    if (asked) process.exit(INTERRUPTED)
    asked = true
    stop(signal)
  }
  process.on('SIGINT', handler)
  process.on('SIGTERM', handler)
  return () => {
    process.off('SIGINT', handler)
    process.off('SIGTERM', handler)
  }
}
