// Checks of options. Place in the whole: constructors and functions of lib/data, before anything starts.
import { didYouMean } from '../suggest.js'
import { DataError } from './errors.js'

/** @throws DataError DATA_OPTIONS unless the value is a whole number of at least `least` */
export function whole(where: string, name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new DataError('DATA_OPTIONS', `${where}: ${name} is ${value}, expected a whole number of at least ${least}`)
}

/** @throws DataError DATA_OPTIONS for a key of `options` that is none of `known` */
export function checkOptions(where: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue
    const meant = didYouMean(key, known)
    throw new DataError(
      'DATA_OPTIONS',
      `${where}: no such option: '${key}'${meant} (its options are ${known.join(', ')})`,
    )
  }
}
