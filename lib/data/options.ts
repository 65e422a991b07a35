// Checks of options. Place in the whole: constructors and functions of lib/data, before anything starts.
import { unknownOption } from '../suggest.js'
import { DataError } from './errors.js'

/** @throws DataError DATA_OPTIONS unless the value is a whole number of at least `least` */
export function whole(where: string, name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new DataError('DATA_OPTIONS', `${where}: ${name} is ${value}, expected a whole number of at least ${least}`)
}

/** @throws DataError DATA_OPTIONS for a key of `options` that is none of `known` */
export function checkOptions(where: string, options: object, known: readonly string[]): void {
  const wrong = unknownOption(options, known)
  if (wrong !== undefined) throw new DataError('DATA_OPTIONS', `${where}: ${wrong}`)
}
