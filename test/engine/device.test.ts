// Devices by name, where there is no CUDA device: test/cuda has the others.
import { expect, it } from 'vitest'
import { DeviceError } from '#lib/errors.js'
import { cuda, device, engine, ones } from '#lib/index.js'

it('names devices, and says of those that are not there what is', () => {
  expect(device('cpu')).toBe('cpu')
  expect(device('reference')).toBe('reference')
  for (const name of ['gpu', 'cuda:', 'cuda:x', 'cuda:01', 'cuda:-1', 'CUDA', ''])
    expect(() => device(name), name).toThrow(
      new DeviceError(`device '${name}' is unknown: there are 'cpu', 'cuda' (which is 'cuda:0'), 'cuda:1', ...`),
    )
})

it.skipIf(cuda.isAvailable())('explains in every place why CUDA is not available', () => {
  expect(cuda.deviceCount()).toBe(0)
  expect(cuda.reason).toMatch(/\w/)
  expect(engine.info().cuda).toBe(cuda.reason)
  expect(engine.info().devices.filter((d) => d.startsWith('cuda'))).toEqual([])
  const gone = `device 'cuda' is not available: ${cuda.reason}`
  const uses = [
    () => device('cuda'),
    () => ones([2], { device: 'cuda' }),
    () => cuda.properties(),
    () => cuda.memory(),
    () => cuda.emptyCache(),
    () => cuda.resetPeak(),
    () => cuda.setMemoryLimit(0),
  ]
  for (const use of uses) expect(use).toThrow(new DeviceError(gone))
  expect(() => cuda.setMemoryLimit(-1)).toThrow(/-1 is not a number of bytes/)
})
