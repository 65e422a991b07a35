/** Operands on the device for the programs beside. Place in the whole: what launches are measured on. */
import { randn } from '#lib/index.js'

/** Drawn on the CPU, so that only what is measured is launched, and a cast where one is needed. */
export const random = (shape, dtype = 'f32') => randn(shape).to(dtype).to('cuda')
export const leaf = (shape, dtype) => random(shape, dtype).requiresGrad_()

/** Waits for what computes the tensors. */
export function done(...tensors) {
  for (const it of tensors) it.dataSync()
}
