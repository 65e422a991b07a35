/** docs/operators.md is what scripts/operators-doc.mjs writes, and no public name of PyTorch is left unexplained. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
// @ts-expect-error a script without types
import { render } from '../../scripts/operators-doc.mjs'

test('the page of operators is up to date and complete', async () => {
  const { text, unknown } = (await render()) as { text: string; unknown: string[] }
  expect(unknown).toEqual([])
  expect(readFileSync(new URL('../../docs/operators.md', import.meta.url), 'utf8')).toBe(text)
})
