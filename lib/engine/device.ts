/** Devices by name. Place in the whole: what every `device` option and `to('...')` goes through before a stream opens. */
import { DeviceError } from '../errors.js'
import { loadNative } from '../native/load.js'

/**
 * The name that a device's tensors carry: 'cpu'; 'cuda:0' for 'cuda'; 'cuda:1', .... Does not open it.
 *
 * @throws DeviceError for a name that no build knows, and for a device that is not there, with the reason
 */
export function device(name: string): string {
  if (name === 'cpu') return name
  if (name === 'reference') {
    if (loadNative().info().reference) return name
    throw new DeviceError("device 'reference' exists in test builds only (SINTER_BUILD=test)")
  }
  const ordinal = name === 'cuda' ? 0 : ordinalOf(name)
  if (ordinal === undefined) {
    throw new DeviceError(`device '${name}' is unknown: there are 'cpu', 'cuda' (which is 'cuda:0'), 'cuda:1', ...`)
  }
  const { devices, reason } = loadNative().probeCuda()
  if (devices === 0) throw new DeviceError(`device '${name}' is not available: ${reason}`)
  if (ordinal >= devices) {
    const last = devices === 1 ? "'cuda:0' alone" : `'cuda:0' to 'cuda:${devices - 1}'`
    throw new DeviceError(`device '${name}' is not available: this machine has ${last}`)
  }
  return `cuda:${ordinal}`
}

let byDefault = 'cpu'

/** Where tensors are made that no `device` is named for: 'cpu', or what `setDefaultDevice` chose. */
export const defaultDevice = (): string => byDefault

/**
 * Makes new tensors, and with them the parameters of new modules, on another device where none is named, as torch.set_default_device does.
 * Holds for this thread. Tensors that exist stay where they are.
 *
 * @throws DeviceError for a device that is not there, with the reason
 */
export function setDefaultDevice(name: string): void {
  byDefault = device(name)
}

/** N of 'cuda:N'; undefined for any other name. */
export function ordinalOf(name: string): number | undefined {
  const digits = /^cuda:(0|[1-9]\d{0,2})$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
