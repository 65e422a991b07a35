/** What is still held, and where it was made. Place in the whole: debug mode's report at exit, and `engine.leakReport()`. */
import { debug, outsideLibrary } from './debug.js'
import { collect } from './net.js'
import { openStreams } from './stream.js'

export interface LeakSite {
  /** Lines of the stack where the tensors were made. */
  site: string
  tensors: number
  bytes: number
}

/** Live tensors of this thread by the place where they were made, most bytes first. Needs SINTER_DEBUG=1 or leaks. */
export function leakReport(): LeakSite[] {
  collect()
  const sites = new Map<string, LeakSite>()
  for (const stream of openStreams()) {
    for (const { stack, bytes } of stream.sites()) {
      const site = outsideLibrary(stack)
      const entry = sites.get(site) ?? { site, tensors: 0, bytes: 0 }
      entry.tensors++
      entry.bytes += bytes
      sites.set(site, entry)
    }
  }
  return [...sites.values()].sort((a, b) => b.bytes - a.bytes || b.tensors - a.tensors)
}

const SHOWN = 20

if (debug.leaks) {
  process.on('exit', () => {
    const report = leakReport()
    if (report.length === 0) return
    const total = report.reduce((n, s) => n + s.tensors, 0)
    const lines = report.slice(0, SHOWN).map((s) => `${s.tensors} tensors, ${s.bytes} bytes, made\n    ${s.site}`)
    const more = report.length > SHOWN ? `\nand ${report.length - SHOWN} more places` : ''
    process.stderr.write(`sinter: ${total} tensors were not released at exit:\n${lines.join('\n')}${more}\n`)
  })
}
