// Entry of the thread that writes checkpoints' files. Place in the whole: started by file-writer.ts; writes the bytes that it is sent, one
// file at a time, and hashes them on the way, so that the training thread does neither.
import { createHash, type Hash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'

export type FileRequest = { readonly open: string } | { readonly bytes: Uint8Array } | { readonly close: true }
/** One a request, in order; closing a file gives its sha256. */
export type FileAnswer =
  | { readonly sha256?: string }
  | { readonly error: { readonly message: string; readonly code: string | undefined } }

let file: { readonly descriptor: number; readonly hash: Hash } | undefined

function serve(request: FileRequest): FileAnswer {
  if ('open' in request) {
    file = { descriptor: openSync(request.open, 'wx'), hash: createHash('sha256') }
    return {}
  }
  if (file === undefined) throw new Error('no file is open')
  const { descriptor, hash } = file
  if ('bytes' in request) {
    const { bytes } = request
    hash.update(bytes)
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
    return {}
  }
  fsyncSync(descriptor)
  closeSync(descriptor)
  file = undefined
  return { sha256: hash.digest('hex') }
}

const port = parentPort
port?.on('message', (request: FileRequest) => {
  let answer: FileAnswer
  try {
    answer = serve(request)
  } catch (error) {
    if (file !== undefined) closeSync(file.descriptor)
    file = undefined
    const { message, code } = error as NodeJS.ErrnoException
    answer = { error: { message, code } }
  }
  port.postMessage(answer)
})
