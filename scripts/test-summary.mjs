// Closes a CI run: prints `N passed, N failed` from vitest's JSON report and exits 1 unless tests ran and none failed.
// Place in the whole: called by .ci/run after `npm test`, whose report vitest.config.ts places.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const path = join(dirname(fileURLToPath(import.meta.url)), '..', 'build-cmake/test-report.json')

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
} catch {
  console.error('no test report: the tests did not run to their end')
  failed = 1
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = passed > 0 && failed === 0 ? 0 : 1
