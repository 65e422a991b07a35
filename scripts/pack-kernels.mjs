// Packs kernels of all images into one archive. Place in the whole: a step of the build (cmake/SinterCuda.cmake); what it writes is
// unpacked by lib/engine/kernels.ts and read by cuda/runtime/archive.cpp, which has the layout.
//
//   node scripts/pack-kernels.mjs FOLDER GENERATION QUALITY RESULT
//
// FOLDER has images.txt, a line an image: its name and the architectures that it has cubins for, as `gemm_f32 80,86,90`. GENERATION is the
// major compute capability whose cubins are wanted; images without one are left out, and the archive says
// that there are some. 0: PTX of all; 1: chain_steps.txt, which is for all too. QUALITY is Brotli's, 0 to 11.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

const HEADER = 16
const ENTRY = 64
const NAME = 40
const ALIGNMENT = 64

const [folder, generation, quality, result] = process.argv.slice(2)

/** Whether an image has no cubin of the generation. */
let partial = false

/** Whether an image is for one compute capability (X.sm90a.cu) of another generation, where nobody asks for it. */
const ofAnother = (name) => {
  const own = /_sm(\d+)a$/.exec(name)
  return own !== null && Math.floor(Number(own[1]) / 10) !== Number(generation)
}

/** { name, architecture, exact, code } of every entry, those of one image side by side: they are much alike. */
function* entries() {
  if (generation === '1') {
    const code = readFileSync(join(folder, 'chain_steps.txt'))
    yield { name: 'chain_steps', architecture: 0, exact: false, code: Buffer.concat([code, Buffer.alloc(1)]) }
    return
  }
  for (const line of readFileSync(join(folder, 'images.txt'), 'utf8').trim().split('\n')) {
    const [name, list = ''] = line.split(' ')
    const cubins = list
      .split(',')
      .filter((a) => Number.parseInt(a, 10) > 0 && Math.floor(Number.parseInt(a, 10) / 10) === Number(generation))
    for (const architecture of cubins) {
      const code = readFileSync(join(folder, `${name}.sm_${architecture}.cubin`))
      yield { name, architecture: Number.parseInt(architecture, 10), exact: architecture.endsWith('a'), code }
    }
    if (cubins.length === 0 && !ofAnother(name)) partial = true
    if (generation !== '0') continue
    const ptx = readFileSync(join(folder, `${name}.ptx.short`))
    yield { name, architecture: 0, exact: false, code: Buffer.concat([ptx, Buffer.alloc(1)]) }
  }
}

const all = [...entries()]
const head = Buffer.alloc(HEADER + ENTRY * all.length)
head.write('SINTERK1', 0, 'latin1')
head.writeUInt32LE(all.length, 8)
head.writeUInt32LE(partial ? 1 : 0, 12)
const parts = [head]
let size = head.length
for (const [i, { name, architecture, exact, code }] of all.entries()) {
  if (Buffer.byteLength(name) >= NAME) throw new Error(`pack-kernels: the name ${name} has ${NAME} characters or more`)
  const padding = Buffer.alloc((ALIGNMENT - (size % ALIGNMENT)) % ALIGNMENT)
  parts.push(padding, code)
  const at = HEADER + ENTRY * i
  head.write(name, at, 'latin1')
  head.writeUInt32LE(architecture, at + NAME)
  head.writeUInt32LE(exact ? 1 : 0, at + NAME + 4)
  head.writeBigUInt64LE(BigInt(size + padding.length), at + NAME + 8)
  head.writeBigUInt64LE(BigInt(code.length), at + NAME + 16)
  size += padding.length + code.length
}
const params = {
  [constants.BROTLI_PARAM_QUALITY]: Number(quality),
  [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  [constants.BROTLI_PARAM_SIZE_HINT]: size,
}
writeFileSync(result, brotliCompressSync(Buffer.concat(parts), { params }))
