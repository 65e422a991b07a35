// Takes a part of an export of PyTorch's OpInfo samples: some of every operator's, chosen by a seed. Place in the whole: made cases.jsonl and tensors.safetensors beside this file.
//
//   node test/golden/opinfo/subset.mjs EXPORT [SEED] [SAMPLES]
//
// EXPORT is a folder written from torch.testing._internal.common_methods_invocations.op_db, one sample call a line of
// cases.jsonl: {id, op, variant, dtype, args, kwargs, outputs, cotangents, grads}. A tensor is {t, dtype, shape, stride}, its
// elements row-major in tensors.safetensors under the name t; a list {list}; other Python values {repr}. A cotangent's `of` is
// the output that it belongs to; `grads` are those of sum(output * cotangent) by the floating-point arguments in order.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [from, seed = '1', samples = '7'] = process.argv.slice(2)
const here = new URL('.', import.meta.url)
/** Elements of all tensors of an operator's samples together; one sample is kept in any case. */
const BUDGET = 2200

const file = readFileSync(join(from, 'tensors.safetensors'))
const start = 8 + Number(file.readBigUInt64LE(0))
const header = JSON.parse(file.toString('utf8', 8, start))

function* tensors(value) {
  if (typeof value !== 'object' || value === null) return
  if (typeof value.t === 'string') yield value
  else for (const v of Object.values(value)) yield* tensors(v)
}
const numel = (ref) => ref.shape.reduce((n, d) => n * d, 1)
// FNV-1a: an order that the seed decides.
const hash = (text) => [...text].reduce((h, c) => Math.imul(h ^ c.charCodeAt(0), 0x01000193) >>> 0, 0x811c9dc5)

const groups = new Map()
for (const line of readFileSync(join(from, 'cases.jsonl'), 'utf8').trim().split('\n')) {
  const c = JSON.parse(line)
  const name = c.variant ? `${c.op}.${c.variant}` : c.op
  groups.set(name, [...(groups.get(name) ?? []), c])
}

const kept = []
for (const group of groups.values()) {
  const chosen = group.sort((a, b) => hash(seed + a.id) - hash(seed + b.id)).slice(0, Number(samples))
  const size = (c) => [...tensors(c)].reduce((n, ref) => n + numel(ref), 0)
  let left = BUDGET
  const fitting = chosen.filter((c) => size(c) <= left && (left -= size(c)) >= 0)
  kept.push(...(fitting.length > 0 ? fitting : group.sort((a, b) => size(a) - size(b)).slice(0, 1)))
}

const entries = {}
const chunks = []
let offset = 0
const names = [...new Set(kept.flatMap((c) => [...tensors(c)].map((ref) => ref.t)))]
// Wider elements first, so that every tensor is aligned.
const width = (name) =>
  (header[name].data_offsets[1] - header[name].data_offsets[0]) /
  Math.max(
    1,
    header[name].shape.reduce((n, d) => n * d, 1),
  )
for (const name of names.sort((a, b) => width(b) - width(a))) {
  const {
    dtype,
    shape,
    data_offsets: [a, b],
  } = header[name]
  chunks.push(file.subarray(start + a, start + b))
  entries[name] = { dtype, shape, data_offsets: [offset, (offset += b - a)] }
}
let head = Buffer.from(JSON.stringify(entries))
head = Buffer.concat([head, Buffer.alloc((8 - (head.length % 8)) % 8, ' ')])
const length = Buffer.alloc(8)
length.writeBigUInt64LE(BigInt(head.length))
writeFileSync(new URL('tensors.safetensors', here), Buffer.concat([length, head, ...chunks]))
writeFileSync(new URL('cases.jsonl', here), `${kept.map((c) => JSON.stringify(c)).join('\n')}\n`)
console.log(`${kept.length} samples of ${groups.size} operators`)
