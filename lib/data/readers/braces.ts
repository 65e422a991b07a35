// Lists of files in short. Place in the whole: streams over shards; the notation is the shell's, as WebDataset uses it.
import { DataError } from '../errors.js'

/** Against typing errors such as {0..99999999}. */
const MOST = 1_000_000

/**
 * `train-{000..003}.tar` becomes four names, `{a,b}-{1..2}` too. Numbers keep the digits of the one that has more of them; a brace that is
 * no such list stays as it is.
 */
export function expandBraces(pattern: string): string[] {
  const [, before, list, after] = /^(.*?)\{([^{}]*(?:,|\.\.)[^{}]*)\}(.*)$/s.exec(pattern) ?? []
  if (list === undefined) return [pattern]
  const rest = expandBraces(after as string)
  const first = choices(list, pattern)
  if (first.length * rest.length > MOST) throw new DataError('DATA_OPTIONS', `${pattern} names more than ${MOST} files`)
  return first.flatMap((choice) => rest.map((end) => `${before}${choice}${end}`))
}

function choices(list: string, pattern: string): string[] {
  const range = /^(\d+)\.\.(\d+)$/.exec(list)
  if (range === null) return list.includes(',') ? list.split(',') : [`{${list}}`]
  const [first, last] = [Number(range[1]), Number(range[2])]
  const count = Math.abs(last - first) + 1
  if (count > MOST) throw new DataError('DATA_OPTIONS', `${pattern} names more than ${MOST} files`)
  const padded = [range[1], range[2]].some(
    (digits) => (digits as string).length > 1 && (digits as string).startsWith('0'),
  )
  const digits = padded ? Math.max((range[1] as string).length, (range[2] as string).length) : 0
  const step = last < first ? -1 : 1
  return Array.from({ length: count }, (_, i) => String(first + i * step).padStart(digits, '0'))
}
