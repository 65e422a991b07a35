// A run survives kill -9 at any moment, and a checkpoint that lost a bit is left out.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import * as nn from '#lib/nn/index.js'
import { SGD } from '#lib/optim/index.js'
import { listCheckpoints, loadCheckpoint, silentProgress, Trainer } from '#lib/train/index.js'
import { damage, killAndCompare } from './kill.js'

it('killed five times and resumed, it ends with the bits of a run that was left alone', () => killAndCompare(5, 120, 1))

it('a checkpoint that lost a bit is named and left out, and no whole one is an error', async () => {
  const out = await mkdtemp(join(tmpdir(), 'sinter-damage-'))
  const model = new nn.Linear(3, 1)
  const lines: string[] = []
  const trainer = (): Trainer<number> =>
    new Trainer({
      model,
      optimizer: new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }),
      data: endless(),
      loss: () => model.weight.sum(),
      steps: 6,
      checkpointEvery: 2,
      keep: 3,
      out,
      progress: { ...silentProgress, line: (text) => lines.push(text) },
    })
  try {
    await trainer().fit()
    const [first, second, third] = (await listCheckpoints(out)) as [string, string, string]
    await damage(third)
    const resumed = trainer()
    await resumed.resume()
    expect(resumed.step).toBe(4)
    expect(lines.join('\n')).toContain(
      `${third} is left out: ${join(third, 'model.safetensors')} is damaged: found sha256`,
    )
    await expect(loadCheckpoint(third)).rejects.toThrow('is damaged')
    await damage(first)
    await damage(second)
    await expect(loadCheckpoint(out)).rejects.toMatchObject({ code: 'SINTER_CHECKPOINT_INVALID' })
  } finally {
    await rm(out, { recursive: true })
  }
})

async function* endless(): AsyncGenerator<number> {
  for (let i = 0; ; i++) yield i
}
