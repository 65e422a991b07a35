// `sinter search <file>`. Place in the whole: prints what runSearch of lib/search finds, a line a trial.
import { runSearch } from '../search/file.js'
import { resultTable, trialLine } from '../search/report.js'
import { INTERRUPTED, onInterrupt } from '../train/interrupt.js'
import { changesOf } from './train.js'
import { FAILED } from './usage.js'

/** Searches, or goes on with a search; returns the exit code. */
export async function search(file: string, options: Readonly<Record<string, unknown>>): Promise<number> {
  const abort = new AbortController()
  const release = onInterrupt((signal) => {
    process.stdout.write(`${signal}: the trials that run save checkpoints; once more to quit at once\n`)
    abort.abort()
  })
  const { out: folder } = options
  try {
    const { config, trials, best, bestRun, stopped, out } = await runSearch(file, {
      set: changesOf(options),
      ...(folder === undefined ? {} : { out: String(folder) }),
      signal: abort.signal,
      onTrial: (trial, { metric = 'loss' }) => process.stdout.write(`${trialLine(trial, metric)}\n`),
    })
    const { metric = 'loss', mode = 'min' } = config
    process.stdout.write(`\n${resultTable(trials, metric, mode)}`)
    if (bestRun !== undefined) process.stdout.write(`the best one's run directory: ${bestRun}; all of them: ${out}\n`)
    if (stopped) {
      process.stdout.write('stopped: the same command goes on with the search\n')
      return INTERRUPTED
    }
    return best === undefined ? FAILED : 0
  } finally {
    release()
  }
}
