// Writes docs/operators.md: every public function of PyTorch, and where it is here. Place in the whole: needs a built dist; a
// test fails when the page is stale. Names come from test/golden/torch-names.json, exceptions from operators-map.mjs.
//
//   node scripts/operators-doc.mjs

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ALIASES, REASONS } from './operators-map.mjs'

const root = new URL('..', import.meta.url)
const target = new URL('docs/operators.md', root)

const camel = (name) => name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, c) => c.toUpperCase())

/** Names of what a user can call or read. */
async function here() {
  const sinter = await import(new URL('dist/index.js', root))
  const functions = new Map(Object.keys(sinter).map((name) => [name.toLowerCase(), name]))
  const namespaces = {}
  for (const space of ['linalg', 'fft']) {
    namespaces[space] = new Map(
      Object.keys(sinter[space] ?? {}).map((name) => [name.toLowerCase(), `${space}.${name}`]),
    )
  }
  const prototype = sinter.Tensor.prototype
  const fields = ['dtype', 'shape', 'requiresGrad', 'grad']
  const methods = new Map(
    [...Object.getOwnPropertyNames(prototype), ...fields].map((name) => [name.toLowerCase(), name]),
  )
  return { functions, methods, namespaces }
}

// Sinter's names are camelCase, but words that PyTorch writes as one (searchsorted) may have a hump here.
const find = (map, name) => map?.get(camel(name).toLowerCase())

/** Where `name` of a PyTorch namespace is, or undefined. */
function lookUp({ functions, methods, namespaces }, space, name) {
  // The in-place form of an alias is that of what it stands for.
  const plain = name.replace(/_$/, '')
  const wanted = ALIASES[name] ?? (ALIASES[plain] ? `${ALIASES[plain]}${name.slice(plain.length)}` : name)
  const own = namespaces[space.split('.')[1]]
  const inSpace = find(own, wanted) ?? find(own, name)
  if (inSpace) return inSpace
  const f = find(functions, wanted)
  const m = find(methods, wanted)
  if (space === 'torch.Tensor' && m) return `tensor.${m}`
  return f ?? (m ? `tensor.${m}` : (find(namespaces.linalg, wanted) ?? find(namespaces.fft, wanted)))
}

/** The page, and the names that are neither here nor excused. */
export async function render() {
  const { version, names } = JSON.parse(readFileSync(new URL('test/golden/torch-names.json', root), 'utf8'))
  const known = await here()
  const unknown = []
  const parts = []
  for (const [space, list] of Object.entries(names)) {
    const rows = []
    let [found, excused] = [0, 0]
    for (const name of list) {
      const at = lookUp(known, space, name)
      const reason = at ? undefined : REASONS.find(([pattern]) => pattern.test(name))?.[1]
      if (at) found++
      else if (reason) excused++
      else unknown.push(`${space}.${name}`)
      rows.push(`| \`${name}\` | ${at ? `\`${at}\`` : ''} | ${at ? '' : (reason ?? 'missing')} |`)
    }
    parts.push(
      `## ${space}\n\n${list.length} names: ${found} here, ${excused} not, with a reason.\n\n| PyTorch | Sinter | why not |\n| --- | --- | --- |\n${rows.join('\n')}\n`,
    )
  }
  const head = `# Operators against PyTorch ${version}

Made by \`node scripts/operators-doc.mjs\`: every public name of torch, torch.Tensor, torch.nn.functional, torch.linalg and torch.fft, and
what it is called here. Names are PyTorch's in camelCase; \`tensor.x\` is a method or property. A name of another function means that this
one does it.
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
