/**
 * The libraries that we are measured against. Place in the whole: main.ts starts those that were named and are installed; each has a
 * script in peers/ that knows its cases by our cases' names. None of them is a dependency.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Binding, Conversation, type LoadedSide, loadCase, startNode } from './sides.js'

/** The package's root: the nearest folder above with a package.json (this file runs from dist/). */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}

/** glibc keeps freed memory instead of giving it back: large outputs then cost no page faults. */
const KEEP_MEMORY = {
  MALLOC_TRIM_THRESHOLD_: '17179869184',
  MALLOC_MMAP_THRESHOLD_: '8589934592',
  MALLOC_TOP_PAD_: '268435456',
}

interface Library {
  start(binding: Binding, env: NodeJS.ProcessEnv): Conversation
  /** Whether large results come straight from malloc: a second process then shows what the allocator costs. */
  readonly tuned: boolean
  /** Whether it computes on CUDA devices too. */
  readonly devices: boolean
}

/** A library in Python: SINTER_PEER_PYTHON, else python3. */
function inPython(script: string, module: string, own: { tuned: boolean; devices: boolean }): Library {
  return {
    ...own,
    start(binding, env) {
      const python = process.env['SINTER_PEER_PYTHON'] || 'python3'
      const probe = spawnSync(python, ['-c', `import ${module}`], { encoding: 'utf8' })
      if (probe.status !== 0) {
        const why = probe.error?.message ?? probe.stderr.trim().split('\n').pop()
        throw new Error(`${python} has no ${module} (${why}); name another Python with SINTER_PEER_PYTHON`)
      }
      const file = join(packageRoot(), 'bench/peers', script)
      const on = ['--cpus', binding.cpus.join(','), '--device', binding.device]
      const args = ['-B', file, '--threads', String(binding.threads), ...on]
      return new Conversation(python, args, env)
    },
  }
}

const LIBRARIES: Record<string, Library> = {
  torch: inPython('torch_peer.py', 'torch', { tuned: true, devices: true }),
  onnxruntime: {
    tuned: false,
    devices: false,
    start: (binding, env) => startNode('peers/onnxruntime-peer.js', binding, env),
  },
  openblas: inPython('openblas_peer.py', 'numpy', { tuned: false, devices: false }),
}
export const PEERS: readonly string[] = Object.keys(LIBRARIES)

export interface LoadedPeer {
  plain: LoadedSide
  /** null where the allocator has no part in the figures. */
  tuned: LoadedSide | null
}

/** A peer library: a process as installed, and perhaps one with its allocator tuned. */
export class Peer {
  /** As the command line has it. */
  readonly key: string
  /** With the version. */
  readonly name: string
  readonly #start: () => Conversation
  readonly #plain: Conversation
  readonly #tuned: Conversation | null

  private constructor(
    key: string,
    name: string,
    start: () => Conversation,
    plain: Conversation,
    tuned: Conversation | null,
  ) {
    this.key = key
    this.name = name
    this.#start = start
    this.#plain = plain
    this.#tuned = tuned
  }

  get hasTuned(): boolean {
    return this.#tuned !== null
  }

  /** Starts its processes; throws a sentence when the library is not there. */
  static async start(key: string, binding: Binding): Promise<Peer> {
    const library = LIBRARIES[key]
    if (!library) throw new Error(`there is no peer called ${key}; known: ${PEERS.join(', ')}`)
    if (binding.device !== 'cpu' && !library.devices) throw new Error(`${key} is compared on the CPU alone`)
    const plain = library.start(binding, {})
    const tuned = library.tuned && binding.device === 'cpu' ? library.start(binding, KEEP_MEMORY) : null
    const hellos = await Promise.all([plain, tuned].map((side) => side?.next()))
    const error = hellos.find((hello) => hello?.error !== undefined)?.error
    if (error !== undefined) {
      plain.close()
      tuned?.close()
      throw new Error(error)
    }
    return new Peer(key, String(hellos[0]?.['name']), () => library.start(binding, {}), plain, tuned)
  }

  /** The case in each process, one after the other, so that neither warms up beside the other. */
  async load(name: string): Promise<LoadedPeer> {
    const plain = await loadCase(this.#plain, name)
    return { plain, tuned: this.#tuned && (await loadCase(this.#tuned, name)) }
  }

  /** Another process, as installed, which has said its hello. */
  async fresh(): Promise<Conversation> {
    const conversation = this.#start()
    await conversation.next()
    return conversation
  }

  /** Frees the case's memory. A process that has died shows at the next load. */
  async unload(): Promise<void> {
    await Promise.allSettled([this.#plain, this.#tuned].map((side) => side?.ask({ cmd: 'unload' })))
  }

  close(): void {
    this.#plain.close()
    this.#tuned?.close()
  }
}
