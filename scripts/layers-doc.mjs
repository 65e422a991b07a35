// Writes docs/layers.md: every public class of torch.nn, its initialisers and parametrizations, and where they are here. Place in the
// whole: needs a built dist; a test fails when the page is stale. Names come from test/golden/torch-nn-names.json.
//
//   node scripts/layers-doc.mjs

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('..', import.meta.url)
const target = new URL('docs/layers.md', root)

/** PyTorch name -> name here. */
const ALIASES = {
  CrossMapLRN2d: 'LocalResponseNorm',
  NLLLoss2d: 'NLLLoss',
  calculate_gain: 'init.gain',
  is_parametrized: 'isParametrized',
  register_parametrization: 'registerParametrization',
  remove_parametrizations: 'removeParametrizations',
  trunc_normal_: 'init.truncNormal',
}

/** What to know beside the name. */
const NOTES = {
  AdaptiveLogSoftmaxWithLoss: '`forward` gives `{ output, loss }`; reads the targets',
  BatchNorm1d: '`momentum: null` is the mean of all batches',
  Conv2d: '`paddingMode` as there; an epilogue in the same pass',
  CrossMapLRN2d: 'the same for odd sizes',
  Embedding: '`from_pretrained` is the option `values`; gradients are dense',
  EmbeddingBag: 'gradients are dense; indices without a bag are an error',
  MaxPool2d: '`returnIndices` as there',
  Module: 'called by `call`',
  MultiheadAttention: 'weights where asked for (`needWeights`); `causal` without a mask',
  Softmax: 'the axis is -1 unless given',
  TransformerDecoder: 'made from sizes and options instead of a layer; `finalNorm`',
  TransformerDecoderLayer: 'gated activations too (swiglu, geglu); decodes by steps with a cache',
  TransformerEncoder: 'made from sizes and options instead of a layer; `finalNorm`',
  TransformerEncoderLayer: 'gated activations too (swiglu, geglu)',
  orthogonal: "weight decay does not change householder's signs",
  register_parametrization: 'the result always has the shape and dtype of the parameter; there is no `unsafe`',
}

/** Names that are not here, and why. */
const REASONS = [
  [/^Lazy/, 'layers know their sizes when they are made; nothing here changes its parameters at the first call'],
  [/^SyncBatchNorm$/, 'comes with training on several processes'],
  [/^DataParallel$/, 'one process has one device; parallel training comes with its own room'],
  [/^Container$/, 'deprecated there: a plain Module'],
  [/^RNN(Cell)?Base$/, 'a base class of the recurrent layers that only they extend'],
  [/^cached$/, 'a parametrized field is computed at each read; read it once where it is used often'],
  [/^transfer_parametrizations_and_params$/, 'a state dict carries them over'],
  [/^type_before_parametrizations$/, 'a module keeps its class when it is parametrized'],
]

const camel = (name) => name.replace(/_$/, '').replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, c) => c.toUpperCase())

/** Where `name` of a PyTorch namespace is, or undefined. */
function lookUp(nn, space, name) {
  const prefix = { 'torch.nn.init': 'init', 'torch.nn.utils.parametrizations': 'parametrizations' }[space]
  const at = ALIASES[name] ?? (prefix ? `${prefix}.${camel(name)}` : name)
  const found = at.split('.').reduce((value, key) => value?.[key], nn)
  return found === undefined ? undefined : at
}

/** The page, and the names that are neither here nor excused. */
export async function render() {
  const { version, names } = JSON.parse(readFileSync(new URL('test/golden/torch-nn-names.json', root), 'utf8'))
  const nn = await import(new URL('dist/nn/index.js', root))
  const unknown = []
  const parts = Object.entries(names).map(([space, list]) => {
    let count = 0
    const rows = list.map((name) => {
      const at = lookUp(nn, space, name)
      const reason = at ? (NOTES[name] ?? '') : REASONS.find(([pattern]) => pattern.test(name))?.[1]
      if (at) count++
      else if (!reason) unknown.push(`${space}.${name}`)
      return `| \`${name}\` | ${at ? `\`${at}\`` : ''} | ${reason ?? 'missing'} |`
    })
    const head = `## ${space}\n\n${list.length} names: ${count} here, ${list.length - count} not, with a reason.`
    return `${head}\n\n| PyTorch | Sinter | note |\n| --- | --- | --- |\n${rows.join('\n')}\n`
  })
  const head = `# Layers against PyTorch ${version}

Made by \`node scripts/layers-doc.mjs\`: every public class of torch.nn, its initialisers and its parametrizations, and what they are called
in \`sinter/nn\`. Sizes are arguments, everything else is an option in camelCase; an option that a layer does not have is an error. State
dicts have PyTorch's names. That the numbers are PyTorch's is what \`npm test -- parity\` shows (docs/parity.md).
`
  return { text: `${head}\n${parts.join('\n')}`, unknown }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { text, unknown } = await render()
  writeFileSync(target, text)
  if (unknown.length > 0) {
    console.error(`neither here nor excused: ${unknown.join(' ')}`)
    process.exitCode = 1
  }
}
