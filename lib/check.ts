// Checks of arguments and options. Place in the whole: constructors and functions of every room above lib/ops.
import { ValueError } from './errors.js'
import { unknownOption } from './suggest.js'

/** @throws ValueError unless every named value is a whole number of at least `least` */
export function whole(caller: string, values: Readonly<Record<string, number>>, least: number): void {
  for (const [name, value] of Object.entries(values))
    if (!Number.isSafeInteger(value) || value < least)
      throw new ValueError(`${caller}: ${name} is ${String(value)}, expected a whole number of at least ${least}`)
}

/** @throws ValueError unless every named value is a whole number of at least 1 */
export const positive = (caller: string, values: Readonly<Record<string, number>>): void => whole(caller, values, 1)

/** @throws ValueError for a key of `options` that is none of `keys` */
export function known(layer: string, options: object, keys: readonly string[]): void {
  const wrong = unknownOption(options, keys)
  if (wrong !== undefined) throw new ValueError(`${layer}: ${wrong}`)
}

/** @throws ValueError unless p lies in [0, 1] */
export function probability(layer: string, name: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ValueError(`${layer}: ${name} is ${p}, expected a probability from 0 to 1`)
}
