/** Shapes of factored second moments. Place in the whole: what Adafactor's step checks and its optimizer makes. */
import type { Shape } from '../tensor/shape.js'

/** The shapes of Adafactor's second moments of a parameter. */
export function factoredShapes(shape: Shape): { rows: Shape; columns: Shape } {
  const lead = shape.slice(0, -2)
  return { rows: [...lead, shape.at(-2) as number, 1], columns: [...lead, 1, shape.at(-1) as number] }
}
