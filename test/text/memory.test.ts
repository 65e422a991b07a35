// What is remembered of texts is words, not the texts.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { trainWords } from '#lib/text/index.js'
import { countParts } from '#lib/text/train/count.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const heap = () => {
  collect()
  return process.memoryUsage().heapUsed
}

/** Texts of 100,000 characters, each with a long word of its own. */
function* texts(count: number): Generator<string> {
  const filling = `${'word'.repeat(12)}  `.repeat(2000)
  for (let i = 0; i < count; i++) yield Buffer.from(`${filling}averyveryverylongword${i}`).toString('latin1')
}

it('counting and encoding do not keep texts alive', async () => {
  const size = 400 * 100_000
  const before = heap()
  const counted = await countParts('test', texts(400), (part) => part.match(/\S+/g) ?? [])
  expect(heap() - before).toBeLessThan(size / 4)
  expect(counted.words).toHaveLength(401)
  const tokenizer = await trainWords('word')
  for (const text of texts(400)) tokenizer.encode(text)
  expect(heap() - before).toBeLessThan(size / 4)
  expect(tokenizer.size).toBe(2)
})
