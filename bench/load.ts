/**
 * How busy others keep the machine. Place in the whole: every row says it, since a neighbour moves every figure.
 */
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

/** Returns the mean number of processors that processes other than ours used since it was started; NaN without /proc. */
export type LoadMeter = () => number

/** Linux's USER_HZ, the unit of /proc's times; 100 on every architecture that Node runs on. */
const TICKS = 100

/** CPU seconds that the whole machine has spent, guests and waiting excluded. */
function machineSeconds(): number {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] as string
  const [user, nice, system, , , irq, softirq] = line.split(/\s+/).slice(1).map(Number) as number[]
  return ((user ?? 0) + (nice ?? 0) + (system ?? 0) + (irq ?? 0) + (softirq ?? 0)) / TICKS
}

/** CPU seconds of one process, all its threads; 0 when it has ended. */
function processSeconds(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ') // the name before may hold spaces
    return (Number(fields[11]) + Number(fields[12])) / TICKS
  } catch {
    return 0
  }
}

export function startLoadMeter(ours: readonly number[]): LoadMeter {
  const own = (): number => ours.reduce((sum, pid) => sum + processSeconds(pid), 0)
  try {
    const machine = machineSeconds()
    const mine = own()
    const begin = performance.now()
    return () => Math.max(0, (machineSeconds() - machine - (own() - mine)) / ((performance.now() - begin) / 1e3))
  } catch {
    return () => Number.NaN
  }
}
