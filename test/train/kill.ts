// Runs that are killed (SIGKILL) at random moments, resumed until they end, and compared with one that was left alone. Place in the whole:
// kill.test.ts kills some, kill.full.test.ts many.
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { Random } from '#lib/data/index.js'

const SCRIPT = fileURLToPath(new URL('killed-run.mjs', import.meta.url))

interface Ended {
  readonly killed: boolean
  /** Milliseconds from the first step to the end. */
  readonly ran: number
}

/** Starts or resumes the run; `after` milliseconds into its steps it is killed (undefined: left alone). */
function start(out: string, steps: number, after: number | undefined): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = fork(SCRIPT, [out, String(steps)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    let [began, killed] = [performance.now(), false]
    child.on('message', () => {
      began = performance.now()
      if (after !== undefined)
        setTimeout(() => {
          killed = child.kill('SIGKILL')
        }, after)
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      const ran = performance.now() - began
      if (code === 0) resolve({ killed: false, ran })
      else if (killed && signal === 'SIGKILL') resolve({ killed: true, ran })
      else reject(new Error(`the run ended with ${signal ?? `exit code ${code}`}`))
    })
  })
}

/** Kills a run `kills` times at moments drawn by `seed`; its final weights must be those of an uninterrupted run, bit for bit. */
export async function killAndCompare(kills: number, steps: number, seed: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sinter-kill-'))
  try {
    const alone = join(folder, 'alone')
    const { ran } = await start(alone, steps, undefined)
    const random = new Random(seed)
    const interrupted = join(folder, 'killed')
    let done = 0
    while (done < kills) {
      // A run that ends before its moment begins anew: there are enough moments in one to be killed often.
      const { killed } = await start(interrupted, steps, random.uniform() * (ran / 4))
      if (killed) done++
      else {
        await compare(alone, interrupted)
        await rm(interrupted, { recursive: true })
      }
    }
    await start(interrupted, steps, undefined)
    await compare(alone, interrupted)
    // Nothing of the killed writers is left: the two checkpoints, the weights and the mark.
    const names = (await readdir(interrupted)).filter((name) => !name.startsWith('step-'))
    expect(names.sort()).toEqual(['done', 'final.safetensors'])
    expect((await readdir(interrupted)).filter((name) => name.startsWith('step-')).length).toBe(2)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function compare(a: string, b: string): Promise<void> {
  const [x, y] = await Promise.all([a, b].map((folder) => readFile(join(folder, 'final.safetensors'))))
  expect((x as Buffer).equals(y as Buffer)).toBe(true)
}

/** Damages the newest checkpoint of a folder: one bit of its weights. */
export async function damage(checkpoint: string): Promise<void> {
  const file = join(checkpoint, 'model.safetensors')
  const bytes = await readFile(file)
  const last = bytes.length - 1
  bytes[last] = (bytes[last] as number) ^ 1
  await writeFile(file, bytes)
}
