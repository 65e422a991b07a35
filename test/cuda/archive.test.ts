/**
 * The module that users get, whose kernels are packed, on the stand-in driver. Place in the whole: everything else in test/cuda runs on
 * the test module, which holds PTX as text. The stand-in takes no machine code, so the packed PTX is what runs there.there.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const driver = process.env['SINTER_CUDA_DRIVER'] ?? path('build/cuda/libcudasim.so')
const there = existsSync(path('build/Release/sinter.node')) && (!driver.includes('/') || existsSync(driver))

const PROGRAM = `
import { cuda, matmul, tensor } from '${path('dist/index.js')}'
const last = 'cuda:' + (cuda.deviceCount() - 1)
const [a, b] = ['cuda', last].map((device) => tensor([[1, 2], [3, 4]], { device }))
console.log(JSON.stringify([await matmul(a, a).toArray(), await b.add(1).toArray()]))
`

test.skipIf(!there)('the module for users unpacks its kernels', () => {
  const env = { ...process.env, SINTER_CUDA_DRIVER: driver, SINTER_SIM_DEVICES: '2' }
  delete (env as NodeJS.ProcessEnv)['SINTER_BUILD']
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM], { env, encoding: 'utf8' })
  expect(JSON.parse(output)).toEqual([
    [
      [7, 10],
      [15, 22],
    ],
    [
      [2, 3],
      [4, 5],
    ],
  ])
})
