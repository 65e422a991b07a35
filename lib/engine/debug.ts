/**
 * Debug mode: SINTER_DEBUG. Place in the whole: read once at start; the stream notes call sites, the allocator (natively) poisons
 * what is freed, anomaly mode looks for NaNs, and what is left at exit is reported.
 *
 *   SINTER_DEBUG=1                 sites, leaks, poison
 *   SINTER_DEBUG=all               and nan
 *   SINTER_DEBUG=sites,nan         just these
 *   SINTER_DEBUG=guard             (by name only, natively) a kernel that reads or writes past a buffer, or into a freed one, ends the
 *                                  process with SIGSEGV; see native/engine/guard.h
 *   SINTER_DEBUG=far               (by name only, natively) CUDA kernels find elements as in tensors of more than 2^31; see
 *                                  cuda/kernels/far_places.h
 */
import { fileURLToPath } from 'node:url'
import { ValueError } from '../errors.js'

const FLAGS = ['sites', 'leaks', 'nan', 'poison', 'guard', 'far'] as const
type Flag = (typeof FLAGS)[number]
/** `all` leaves out what takes a mapping for every block, and what only tests of kernels are after. */
const ALL = FLAGS.filter((flag) => flag !== 'guard' && flag !== 'far')

function parse(text: string): Record<Flag, boolean> {
  const on = new Set<string>()
  for (const word of text.split(',').map((w) => w.trim())) {
    if (word === '1') for (const flag of ['sites', 'leaks', 'poison']) on.add(flag)
    else if (word === 'all') for (const flag of ALL) on.add(flag)
    else if ((FLAGS as readonly string[]).includes(word)) on.add(word)
    else if (word !== '' && word !== '0') {
      throw new ValueError(`SINTER_DEBUG=${text}: '${word}' is not 1, all, or one of ${FLAGS.join(', ')}`)
    }
  }
  return Object.fromEntries(FLAGS.map((flag) => [flag, on.has(flag)])) as Record<Flag, boolean>
}

export const debug: Readonly<Record<Flag, boolean>> = parse(process.env['SINTER_DEBUG'] ?? '')

const library = [new URL('..', import.meta.url).href, fileURLToPath(new URL('..', import.meta.url))]

/** The lines of a stack that are not the library's own, or all of them where there are no others; at most `n`. */
export function outsideLibrary(stack: string, n = 6): string {
  const lines = stack.split('\n').filter((line) => line.trimStart().startsWith('at '))
  const outside = lines.filter((line) => !library.some((place) => line.includes(place)))
  return (outside.length > 0 ? outside : lines)
    .slice(0, n)
    .map((line) => line.trim())
    .join('\n    ')
}
