/** Whether the device here is the stand-in driver's (cuda/sim). Place in the whole: for tests that count on it, or that it cannot fail. */
import { engine } from '#lib/index.js'

export const simulated: boolean =
  process.env['SINTER_CUDA_DRIVER']?.endsWith('libcudasim.so') === true && engine.info().devices.includes('cuda:0')

/** Whether it checks every access. */
export const checked: boolean = simulated && process.env['SINTER_SIM_CHECK'] === '1'
