// Where and of what a run was made. Place in the whole: written into the run directory, for whoever wants to repeat it.
import { execFile } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { promisify } from 'node:util'
import { engine } from '../engine/engine.js'
import type { Json } from './callback.js'

/** Processor, memory, Node and what engine.info() says; JSON. */
export function environment(): Json {
  const processors = cpus()
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memory: totalmem(),
    arguments: process.argv.slice(1),
    engine: JSON.parse(JSON.stringify(engine.info())) as Json,
  }
}

export interface GitState {
  readonly revision: string
  /** Files differ from that revision. */
  readonly dirty: boolean
}

/** The revision of the working directory, or null where there is no git or no repository. */
export async function gitState(folder: string = process.cwd()): Promise<GitState | null> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', args, { cwd: folder })).stdout.trim()
  try {
    const revision = await git('rev-parse', 'HEAD')
    return { revision, dirty: (await git('status', '--porcelain', '--untracked-files=no')) !== '' }
  } catch {
    return null
  }
}
