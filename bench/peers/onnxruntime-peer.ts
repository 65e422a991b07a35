/**
 * onnxruntime-node's side of the bench: answers lines of JSON as conversation.py describes. Place in the whole: peers.ts starts it
 * where the package is found (`npm install --no-save --ignore-scripts onnxruntime-node` in the checkout, or a folder of NODE_PATH);
 * nothing here depends on it.
 *
 * A case is a whole model (infer: onnx-networks.ts) or one of one operator: MatMul, or Gemm where an operand is transposed. The right operand of constB cases is part of the
 * model, so that the library packs it when it loads. The result is fresh in every call, as it is for the package's users. Weights of 4
 * and 8 bits are MatMulNBits' with activations quantized to 8 bits (accuracy level 4), which it is fastest with; ours are not quantized.
 * A layer of bytes is DynamicQuantizeMatMul with a constant weight, a scale a column and a bias; products of bytes are MatMulInteger.
 */
import { createRequire } from 'node:module'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { product } from '../case.js'
import { type Element, oneOperator, type Value } from './onnx-model.js'
import { bertEncoder, type Network, resnet18 } from './onnx-networks.js'

/** What we use of the package, which is not installed where this is compiled. */
interface OnnxRuntime {
  InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> }
  Tensor: new (type: string, data: Values, dims: readonly number[]) => object
}
interface Session {
  run(feeds: Record<string, object>): Promise<object>
  release(): Promise<void>
}

const require = createRequire(import.meta.url)
const threads = Number(process.argv[2])

type Call = () => Promise<unknown>
type Values = Float32Array | Float64Array | Uint16Array | Int8Array

const TYPE: Partial<Record<Element, string>> = { f32: 'float32', f64: 'float64', f16: 'float16', i8: 'int8' }

/** Values in [-1, 1): the package's float16 takes bit patterns, of which these have exponents from 2^-7 to 2^-1. */
function random(element: Element, n: number): Values {
  if (element === 'i8') return Int8Array.from({ length: n }, () => Math.floor(Math.random() * 255) - 127)
  if (element === 'f16') return Uint16Array.from({ length: n }, () => 0x2000 + Math.floor(Math.random() * 0x1c00))
  const values = element === 'f32' ? new Float32Array(n) : new Float64Array(n)
  return values.map(() => 2 * Math.random() - 1)
}

interface Case {
  operands: Value[]
  /** Of the operands that are no constants. */
  inputs: Values[]
  model: Uint8Array
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Values): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** x (m, k), quantized on the way, times a weight of bytes, and a bias. */
function ofDynamicLayer([, ...sizes]: RegExpExecArray): Case {
  const [m, n, k] = sizes.map(Number) as [number, number, number]
  const operands: Value[] = [
    { name: 'a', element: 'f32', dims: [m, k] },
    { name: 'b', element: 'i8', dims: [k, n], constant: bytesOf(random('i8', k * n)) },
    { name: 'scales', element: 'f32', dims: [n], constant: bytesOf(random('f32', n)) },
    { name: '', element: 'i8', dims: [] }, // zero points
    { name: 'bias', element: 'f32', dims: [n], constant: bytesOf(random('f32', n)) },
  ]
  const y: Value = { name: 'y', element: 'f32', dims: [m, n] }
  return {
    operands,
    inputs: [random('f32', m * k)],
    model: oneOperator('DynamicQuantizeMatMul', operands, y, {}, 'com.microsoft'),
  }
}

function ofBytes([, ...sizes]: RegExpExecArray): Case {
  const [m, n, k] = sizes.map(Number) as [number, number, number]
  const operands: Value[] = [
    { name: 'a', element: 'i8', dims: [m, k] },
    { name: 'b', element: 'i8', dims: [k, n] },
  ]
  const y: Value = { name: 'y', element: 'i32', dims: [m, n] }
  const inputs = [random('i8', m * k), random('i8', k * n)]
  return { operands, inputs, model: oneOperator('MatMulInteger', operands, y) }
}

/** a (m, k) times a weight of groups. */
function ofGroups([, bitsText, group, ...sizes]: RegExpExecArray): Case {
  const bits = Number(bitsText)
  const [m, n, k] = sizes.map(Number) as [number, number, number]
  const size = group ? 32 : 128
  const blocks = k / size
  const codes = Uint8Array.from({ length: (n * k * bits) / 8 }, () => Math.floor(Math.random() * 256))
  const scales = bytesOf(random('f32', n * blocks))
  const a: Value = { name: 'a', element: 'f32', dims: [m, k] }
  const operands: Value[] = [
    a,
    { name: 'b', element: 'u8', dims: [n, blocks, (size * bits) / 8], constant: codes },
    { name: 'scales', element: 'f32', dims: [n * blocks], constant: scales },
  ]
  const y: Value = { name: 'y', element: 'f32', dims: [m, n] }
  const attributes = { K: k, N: n, bits, block_size: size, accuracy_level: 4 }
  return {
    operands,
    inputs: [random('f32', m * k)],
    model: oneOperator('MatMulNBits', operands, y, attributes, 'com.microsoft'),
  }
}

function ofNetwork({ input, model }: Network): Case {
  return { operands: [input], inputs: [random('f32', product(input.dims))], model }
}

function caseOf(name: string): Case {
  if (name === 'infer.resnet18.b1.224') return ofNetwork(resnet18())
  const encoder = /^infer\.bert_enc\.t(\d+)\.(f32|dynint8)$/.exec(name)
  if (encoder) return ofNetwork(bertEncoder(Number(encoder[1]), encoder[2] === 'dynint8'))
  const groups = /^gemm\.w([48])(g32)?\.(\d+)x(\d+)x(\d+)$/.exec(name)
  if (groups) return ofGroups(groups)
  const layer = /^gemm\.int8\.dynlinear8?\.(\d+)x(\d+)x(\d+)$/.exec(name)
  if (layer) return ofDynamicLayer(layer)
  const bytes = /^gemm\.int8\.int_mm\.(\d+)x(\d+)x(\d+)$/.exec(name)
  if (bytes) return ofBytes(bytes)
  const match = /^gemm\.(f32|f64|f16)\.(?:batched(\d+)\.)?(?:(linear_nt|nt|tn|tt|constB)\.)?(\d+)x(\d+)x(\d+)$/.exec(
    name,
  )
  if (!match) throw new Error(`no onnxruntime case is called ${name}`)
  const element = match[1] as Element
  const batch = match[2] ? [Number(match[2])] : []
  const form = match[3] ?? ''
  const [m, n, k] = match.slice(4).map(Number) as [number, number, number]
  const transA = form === 'tn' || form === 'tt'
  const transB = form === 'nt' || form === 'linear_nt' || form === 'tt'
  if (batch.length > 0 && (transA || transB)) throw new Error('ONNX has no batched product of transposed operands')

  const a: Value = { name: 'a', element, dims: [...batch, ...(transA ? [k, m] : [m, k])] }
  const b: Value = { name: 'b', element, dims: [...batch, ...(transB ? [n, k] : [k, n])] }
  const y: Value = { name: 'y', element, dims: [...batch, m, n] }
  const values = [a, b].map((v) => random(element, product(v.dims)))
  if (form === 'constB') {
    b.constant = bytesOf(values[1] as Values)
  }
  const model =
    transA || transB
      ? oneOperator('Gemm', [a, b], y, { transA: Number(transA), transB: Number(transB) })
      : oneOperator('MatMul', [a, b], y)
  const inputs = values.filter((_, i) => ![a, b][i]?.constant)
  return { operands: [a, b], inputs, model }
}

async function load(name: string, library: OnnxRuntime): Promise<{ call: Call; release(): Promise<void> }> {
  const { operands, inputs, model } = caseOf(name)
  const session = await library.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  })
  const feeds = Object.fromEntries(
    operands
      .filter((v) => v.name !== '' && !v.constant)
      .map(({ name, element, dims }, i) => [
        name,
        new library.Tensor(TYPE[element] as string, inputs[i] as Values, dims),
      ]),
  )
  return { call: () => session.run(feeds), release: () => session.release() }
}

async function timed(call: Call, inner: number): Promise<number> {
  const start = performance.now()
  for (let i = 0; i < inner; i++) await call()
  return (performance.now() - start) / inner
}

/** Calls for 0.3 seconds, at least twice, short ones in batches that double; returns the fastest call's milliseconds. */
async function warm(call: Call): Promise<number> {
  const begin = performance.now()
  let best = Number.POSITIVE_INFINITY
  for (let count = 0, inner = 1; count < 2 || performance.now() - begin < 300; count++) {
    const ms = await timed(call, inner)
    best = Math.min(best, ms)
    if (ms * inner < 1) inner *= 2
  }
  return best
}

interface Message {
  cmd: 'load' | 'run' | 'unload'
  case: string
  samples: number
  inner: number
  warmup: number
}

let loaded: Awaited<ReturnType<typeof load>> | undefined

async function answer(message: Message, library: OnnxRuntime): Promise<object> {
  if (message.cmd === 'run') {
    if (!loaded) throw new Error('no case is loaded')
    if (message.warmup > 0) await timed(loaded.call, message.warmup)
    const ms: number[] = []
    for (let i = 0; i < message.samples; i++) ms.push(await timed(loaded.call, message.inner))
    return { ms }
  }
  await loaded?.release()
  loaded = undefined
  if (message.cmd === 'unload') return {}
  loaded = await load(message.case, library)
  return { estimateMs: await warm(loaded.call), variant: '' }
}

function reply(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error))

let library: OnnxRuntime | undefined
try {
  library = require('onnxruntime-node') as OnnxRuntime
  reply({ name: `onnxruntime-${(require('onnxruntime-node/package.json') as { version: string }).version}` })
} catch (error) {
  reply({
    error: `${sentence(error).split('\n')[0]}; npm install --no-save --ignore-scripts onnxruntime-node, or name its folder by NODE_PATH`,
  })
}
if (library) {
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      reply(await answer(JSON.parse(line) as Message, library))
    } catch (error) {
      reply({ error: sentence(error) })
    }
  }
}
