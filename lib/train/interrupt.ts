// Ctrl-C during a training run. Place in the whole: the Trainer asks after each step whether to stop.

/** The exit code of a run that was stopped by Ctrl-C: 128 + SIGINT. */
export const INTERRUPTED = 130

/** npm passes a terminal's Ctrl-C on to programs that have it already: what comes so soon after is the same one. */
const ECHO_MS = 500

/**
 * Calls `stop` at the first SIGINT or SIGTERM; at the second the process exits at once. Returns the function that takes
 * the handlers away.
 */
export function onInterrupt(stop: (signal: string) => void): () => void {
  let first: number | undefined
  const handler = (signal: NodeJS.Signals) => {
    if (first === undefined) {
      first = performance.now()
      stop(signal)
    } else if (performance.now() - first > ECHO_MS) process.exit(INTERRUPTED)
  }
  process.on('SIGINT', handler)
  process.on('SIGTERM', handler)
  return () => {
    process.off('SIGINT', handler)
    process.off('SIGTERM', handler)
  }
}
