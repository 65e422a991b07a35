// Where the test runner's program is. Place in the whole: for every script that runs tests.

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
