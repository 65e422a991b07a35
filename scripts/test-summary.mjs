// Closes a CI run: prints from vitest's JSON report what failed and why (the end of a long log is what people see first), then
// `N passed, N failed`, and exits 1 unless tests ran and none failed.
// Place in the whole: called by .ci/run after `npm test`, whose report vitest.config.ts places.

import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const path = join(root, 'build-cmake/test-report.json')

/** As much of a failure as tells which it is. */
const MOST = 2000

let passed = 0
let failed = 0
try {
  const report = JSON.parse(readFileSync(path, 'utf8'))
  passed = report.numPassedTests
  // A file that cannot be loaded, or a failing hook, has no failed test of its own.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  failed = report.numFailedTests + brokenFiles.length
  for (const file of brokenFiles) console.log(`FAILED: ${relative(root, file.name)}: ${file.message.slice(0, MOST)}`)
  for (const file of report.testResults) {
    for (const test of file.assertionResults.filter((test) => test.status === 'failed')) {
      console.log(
        `FAILED: ${relative(root, file.name)}: ${test.fullName}\n${test.failureMessages.join('\n').slice(0, MOST)}`,
      )
    }
  }
} catch {
  console.error('no test report: the tests did not run to their end')
  failed = 1
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = passed > 0 && failed === 0 ? 0 : 1
