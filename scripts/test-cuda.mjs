// `npm run test:cuda`: the operators, and what else runs on any device, on the CUDA device of this machine. Place in the whole: `npm test`
// runs the same files on the stand-in driver; this is for the day that there is a card. Needs a driver, and nvcc for the build.
//
//   npm run test:cuda [-- ARGUMENTS OF VITEST]
//
// SINTER_CUDA_DRIVER names another driver. Writes test-cuda.md: what was tested, on what, and what failed.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { vitest } from './vitest.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const REPORT = join(root, 'test-cuda.md')
const RESULTS = join(root, 'build-cmake/test-report.json') // vitest.config.ts says so
/** Failures in full, at most. */
const MOST = 100

const status = await build({ test: true })
if (status !== 0) process.exit(status)

const environment = {
  ...process.env,
  SINTER_CUDA_DRIVER: process.env.SINTER_CUDA_DRIVER ?? 'libcuda.so.1',
  SINTER_OPS_DEVICE: 'cuda:0',
  SINTER_TEST_FULL: '1', // a card is fast enough for all of them
}

/** What the device is, from a process of its own; its reason on standard error where there is none. */
function describe() {
  const program = `
    import { cuda } from ${JSON.stringify(join(root, 'dist/index.js'))}
    if (!cuda.isAvailable()) { console.error(cuda.reason); process.exit(1) }
    console.log(JSON.stringify({ ...cuda.properties(), reason: cuda.reason }))`
  const options = { env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }
  const asked = spawnSync(process.execPath, ['--input-type=module', '-e', program], options)
  return asked.status === 0 ? JSON.parse(asked.stdout) : undefined
}

const device = describe()
if (!device) {
  console.error('test:cuda: there is no CUDA device to test on; the line above says why')
  process.exit(1)
}
const what = `${device.name}, compute capability ${device.major}.${device.minor}, ${device.reason}`
console.log(`testing on ${what}`)

const files = ['test/ops/', 'test/cuda/']
const chosen = process.argv.slice(2)
rmSync(RESULTS, { force: true }) // of an earlier run
const child = spawn(process.execPath, [vitest, 'run', '--project', 'cpu', ...files, ...chosen], {
  cwd: root,
  stdio: 'inherit',
  env: environment,
})
child.on('close', (code) => {
  if (!existsSync(RESULTS)) {
    console.error('test:cuda: the tests did not run to their end')
    process.exitCode = 1
    return
  }
  const report = JSON.parse(readFileSync(RESULTS, 'utf8'))
  const failed = report.testResults.flatMap((file) =>
    file.assertionResults
      .filter((test) => test.status === 'failed')
      .map(
        (test) =>
          `- ${relative(root, file.name)}: ${test.fullName}\n\n      ${test.failureMessages.join('\n').replaceAll('\n', '\n      ')}`,
      ),
  )
  const lines = [
    `# Tests on ${what}`,
    '',
    `${report.numPassedTests} passed, ${report.numFailedTests} failed, ${report.numPendingTests} skipped, ${new Date().toISOString().slice(0, 10)}.`,
    '',
    ...failed.slice(0, MOST),
    ...(failed.length > MOST ? [`- and ${failed.length - MOST} more`] : []),
    '',
  ]
  writeFileSync(REPORT, lines.join('\n'))
  console.log(`wrote ${relative(process.cwd(), REPORT)}`)
  process.exitCode = code ?? 1
})
