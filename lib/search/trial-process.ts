// The process of one trial. Place in the whole: started by trial-runs.ts, which sends a TrialTask and gets a TrialOutcome. It ends with the
// search: when the channel closes, whoever killed the search, nothing may go on writing where its successor will.
import { loadRun } from '../config/run.js'
import { SinterError } from '../errors.js'
import { hasCheckpoint } from '../train/trainer.js'
import type { TrialOutcome, TrialTask } from './trial-runs.js'

/** Failures of the machine, not of the run: another time they may not happen. */
const CHANCE = /^(ENOSPC|EMFILE|ENOMEM|EIO)$/

async function run({ file, set, out }: TrialTask): Promise<TrialOutcome> {
  try {
    const loaded = await loadRun(file, { set })
    const { history, stopped } = await loaded.train({ out, resume: await hasCheckpoint(out), handleSignals: true })
    return { history, stopped }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    const { code, message } = error as { code?: unknown; message?: string }
    const again = !(error instanceof SinterError) && CHANCE.test(String(code))
    return { error: message ?? String(error), again }
  }
}

process.once('message', (task: TrialTask) => {
  process.once('disconnect', () => process.exit(1))
  void run(task).then((outcome) => {
    process.send?.(outcome, () => {
      process.removeAllListeners('disconnect')
      process.disconnect()
    })
  })
})
