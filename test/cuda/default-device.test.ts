// setDefaultDevice: tensors and parameters that no device is named for.
import { afterEach, expect, test } from 'vitest'
import { arange, defaultDevice, randn, randperm, setDefaultDevice, tensor, zeros } from '#lib/index.js'
import { Linear } from '#lib/nn/index.js'

const device = process.env['SINTER_OPS_DEVICE']
const other = device?.startsWith('cuda') ? device : 'reference'

afterEach(() => setDefaultDevice('cpu'))

test('new tensors and parameters are made there, named devices win, operands keep theirs', async () => {
  const before = zeros([2])
  setDefaultDevice(other)
  expect(defaultDevice()).toBe(other)
  const made = [zeros([3]), tensor([1, 2]), randn([4]), arange(3), randperm(5), ...new Linear(2, 3).parameters()]
  expect(new Set(made.map((t) => t.device))).toEqual(new Set([other]))
  const named = zeros([2], { device: 'cpu' })
  expect([named.device, before.device, before.add(1).device]).toEqual(['cpu', 'cpu', 'cpu'])
  expect(await tensor([1, 2]).add(1).toArray()).toEqual([2, 3])
  setDefaultDevice('cpu')
  expect(zeros([1]).device).toBe('cpu')
})

test('a device that is not there is an error and changes nothing', () => {
  expect(() => setDefaultDevice('tpu')).toThrow("device 'tpu' is unknown")
  expect(() => setDefaultDevice('cuda:99')).toThrow('is not available')
  expect(defaultDevice()).toBe('cpu')
})
