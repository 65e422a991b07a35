// Checks of layers' arguments. Place in the whole: constructors of lib/nn and lib/models.
import { ValueError } from '../errors.js'
import { unknownOption } from '../suggest.js'

/** @throws ValueError unless every named value is a whole number of at least 1 */
export function positive(layer: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new ValueError(`${layer}: ${name} is ${String(value)}, expected a whole number of at least 1`)
    }
  }
}

/** @throws ValueError for a key of `options` that is none of `keys` */
export function known(layer: string, options: object, keys: readonly string[]): void {
  const wrong = unknownOption(options, keys)
  if (wrong !== undefined) throw new ValueError(`${layer}: ${wrong}`)
}

/** @throws ValueError unless p lies in [0, 1] */
export function probability(layer: string, name: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ValueError(`${layer}: ${name} is ${p}, expected a probability from 0 to 1`)
}
