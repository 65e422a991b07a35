// Checks of layers' arguments. Place in the whole: constructors of lib/nn.
import { ValueError } from '../errors.js'

/** @throws ValueError unless every named value is a whole number of at least 1 */
export function positive(layer: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new ValueError(`${layer}: ${name} is ${String(value)}, expected a whole number of at least 1`)
    }
  }
}
