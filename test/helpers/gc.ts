/** Full collections on demand, whatever flags Node was started with. */
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** Collects, and lets finalizers run, which takes some turns of the event loop. Weak references live to the end of a turn. */
export async function collectGarbage(): Promise<void> {
  await turn()
  gc()
  await turn()
  await turn()
}
