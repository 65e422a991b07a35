import { appendFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PUBLISHED } from './published/index.js'

test.each(PUBLISHED)('$name has $parameters parameters', ({ name, source, parameters, count }) => {
  const ours = count()
  const report = process.env['SINTER_PARITY_REPORT']
  if (report) appendFileSync(report, `${JSON.stringify({ published: name, source, parameters, ours })}\n`)
  expect(ours).toBe(parameters)
})
