// Devices by name, where there is no CUDA device: test/cuda has the others.
import { expect, it } from 'vitest'
import { DeviceError } from '#lib/errors.js'
import { cuda, device, engine, mul, ones, sum, tensor } from '#lib/index.js'

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

it('copies from another device, recorded or not', async () => {
  const x = ones([2, 3])
  expect(x.copy_(tensor([1, 2, 3], { device: 'reference' }))).toBe(x)
  expect(x.device).toBe('cpu')
  expect(await x.toArray()).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ])
  const source = tensor([1, 2, 3], { device: 'reference', requiresGrad: true })
  const y = ones([2, 3])
  y.copy_(source)
  sum(mul(y, 2)).backward()
  expect(source.grad?.device).toBe('reference')
  expect(await source.grad?.toArray()).toEqual([4, 4, 4])
})
