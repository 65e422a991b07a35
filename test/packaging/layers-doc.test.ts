/** docs/layers.md is what scripts/layers-doc.mjs writes, and no public class of torch.nn is left unexplained. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
// @ts-expect-error a script without types
import { render } from '../../scripts/layers-doc.mjs'

test('the page of layers is up to date and complete', async () => {
  const { text, unknown } = (await render()) as { text: string; unknown: string[] }
  expect(unknown).toEqual([])
  expect(readFileSync(new URL('../../docs/layers.md', import.meta.url), 'utf8')).toBe(text)
})
