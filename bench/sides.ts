/**
 * The processes that run cases: ours (worker.ts) here, the peers in peers.ts. Place in the whole: all of them speak the same lines of
 * JSON, so that protocol.ts can let them take turns. Each side is a process of its own: neither shares an allocator, a heap or a
 * compiler's profile with the other, and both are bound to the same processors.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Side } from './protocol.js'

const here = dirname(fileURLToPath(import.meta.url))

/** Processors that this process may use, from the kernel's list such as "0-3,8". */
function allowedCpus(): number[] {
  try {
    const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
    return list.split(',').flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number) as [number, number?]
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    })
  } catch {
    return Array.from({ length: availableParallelism() }, (_, i) => i)
  }
}

/** The first `threads` processors for every side, or none where `taskset` is missing or there are too few. */
export function chooseCpus(threads: number): number[] {
  const cpus = allowedCpus()
  const bound = spawnSync('taskset', ['-c', cpus.join(','), 'true']).status === 0
  return bound && cpus.length >= threads ? cpus.slice(0, threads) : []
}

export type Answer = { error?: string } & Record<string, unknown>

/** A child that answers one line with one line. */
export class Conversation {
  readonly #child: ChildProcess
  readonly #waiting: ((answer: Answer) => void)[] = []
  #ended: string | undefined

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] })
    const end = (reason: string): void => {
      this.#ended ??= reason
      for (const resolve of this.#waiting.splice(0)) resolve({ error: this.#ended })
    }
    this.#child.on('error', (error) => end(error.message))
    this.#child.on('close', (code, signal) => end(`the process ended (${signal ?? `status ${code}`})`))
    this.#child.stdin?.on('error', () => {}) // the close event tells more
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      this.#waiting.shift()?.(JSON.parse(line) as Answer)
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The next line that the child writes. */
  next(): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.resolve({ error: this.#ended })
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Sends a message; throws what the child reports as its error. */
  async ask(message: object): Promise<Answer> {
    const answer = this.next()
    if (this.#ended === undefined) this.#child.stdin?.write(`${JSON.stringify(message)}\n`)
    const { error, ...rest } = await answer
    if (error !== undefined) throw new Error(error)
    return rest
  }

  close(): void {
    this.#child.stdin?.end()
    this.#child.kill()
  }
}

/** A case loaded in a process. */
export interface LoadedSide extends Side {
  /** The layout that the peer chose, where it had a choice. */
  readonly variant: string
}

export async function loadCase(conversation: Conversation, name: string): Promise<LoadedSide> {
  const { estimateMs, variant } = await conversation.ask({ cmd: 'load', case: name })
  return {
    pid: conversation.pid,
    estimateMs: Math.max(1e-5, Number(estimateMs)),
    variant: String(variant ?? ''),
    run: async (samples, inner, warmup) =>
      (await conversation.ask({ cmd: 'run', samples, inner, warmup })).ms as number[],
  }
}

export interface Binding {
  threads: number
  cpus: readonly number[]
  /** Where cases compute: 'cpu', 'cuda:0', .... */
  device: string
  /** Our side's calls are launches of a CUDA graph. */
  graphs?: boolean
}

/** Our side. A fresh process a case: one case's types and caches must not shape the next one's figures. */
export function startOurs(binding: Binding, env: NodeJS.ProcessEnv = {}): Conversation {
  return startNode('worker.js', binding, env)
}

/**
 * A script of this folder in a Node process of its own, which gets the number of threads, the device and 'graphs' or 'calls' as
 * arguments.
 */
export function startNode(script: string, binding: Binding, env: NodeJS.ProcessEnv): Conversation {
  const args = [String(binding.threads), binding.device, binding.graphs ? 'graphs' : 'calls']
  const command = [process.execPath, '--expose-gc', join(here, script), ...args]
  if (binding.cpus.length > 0) command.unshift('taskset', '-c', binding.cpus.join(','))
  return new Conversation(command[0] as string, command.slice(1), env)
}

export interface OurSide extends LoadedSide {
  close(): void
}

export async function loadOurs(name: string, binding: Binding, env: NodeJS.ProcessEnv = {}): Promise<OurSide> {
  const conversation = startOurs(binding, env)
  try {
    return { ...(await loadCase(conversation, name)), close: () => conversation.close() }
  } catch (error) {
    conversation.close()
    throw error
  }
}
