// Writes and hashes files on a thread of their own. Place in the whole: checkpoint-writer.ts hands it the copies that it took; their memory
// moves over without being copied again.
import { Worker } from 'node:worker_threads'
import { SinterError } from '../errors.js'
import type { TypedArray } from '../tensor/dtype.js'
import type { FileAnswer, FileRequest } from './file-thread.js'

interface Waiting {
  readonly resolve: (answer: FileAnswer) => void
  readonly reject: (error: Error) => void
}

export class FileWriter {
  #thread: Worker | undefined
  readonly #waiting: Waiting[] = []

  /**
   * Writes a new file; one at a time. The arrays must not be used afterwards.
   * @returns the sha256 of its bytes
   * @throws SinterError SINTER_CHECKPOINT_WRITE, whose cause is what the file system says
   */
  async write(path: string, chunks: Iterable<() => Promise<TypedArray>>): Promise<string> {
    await this.#ask({ open: path })
    for (const chunk of chunks) {
      const { buffer, byteOffset, byteLength } = await chunk()
      if (byteLength > 0) await this.#ask({ bytes: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength) })
    }
    return (await this.#ask({ close: true })).sha256 as string
  }

  /** Ends the thread; the next file starts another. */
  async close(): Promise<void> {
    const thread = this.#thread
    this.#thread = undefined
    await thread?.terminate()
  }

  async #ask(request: FileRequest): Promise<{ readonly sha256?: string }> {
    this.#thread ??= this.#start()
    const thread = this.#thread
    // A process stays while a file is being written, and not for an idle thread.
    thread.ref()
    const answer = await new Promise<FileAnswer>((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      thread.postMessage(request, 'bytes' in request ? [request.bytes.buffer as ArrayBuffer] : [])
    }).finally(() => thread.unref())
    if ('error' in answer) {
      // What crosses threads loses its class and its code.
      const { message, code } = answer.error
      const cause = Object.assign(new Error(message), { code })
      throw new SinterError('SINTER_CHECKPOINT_WRITE', `a checkpoint's file was not written: ${message}`, { cause })
    }
    return answer
  }

  #start(): Worker {
    const thread = new Worker(new URL('./file-thread.js', import.meta.url), { name: 'sinter-files' })
    thread.on('message', (answer: FileAnswer) => this.#waiting.shift()?.resolve(answer))
    const fail = (what: string, cause?: Error) => {
      if (this.#thread === thread) this.#thread = undefined
      const message = `the thread that writes checkpoints ${what}`
      for (const { reject } of this.#waiting.splice(0))
        reject(new SinterError('SINTER_CHECKPOINT_WRITE', message, cause === undefined ? {} : { cause }))
    }
    thread.on('error', (cause: Error) => fail(`failed: ${cause.message}`, cause))
    thread.on('exit', (code) => fail(`ended with exit code ${code}`))
    return thread
  }
}
