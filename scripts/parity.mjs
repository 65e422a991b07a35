// Writes docs/parity.md: every layer and model against PyTorch, and the models' published numbers of parameters. Place in the whole:
// runs the tests of test/parity, which write what they measured; fails when one of them does.
//
//   npm run parity

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sinter-parity-'))
const report = join(folder, 'report.jsonl')
writeFileSync(report, '')
const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'test.mjs'), 'test/parity'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, SINTER_PARITY_REPORT: report },
})
const lines = readFileSync(report, 'utf8').trim().split('\n').filter(Boolean)
rmSync(folder, { recursive: true })
if (status !== 0) process.exit(status ?? 1)

const entries = lines.map((line) => JSON.parse(line))
const cases = entries.filter((e) => e.family)
const published = entries.filter((e) => e.published)
const byFamily = Map.groupBy ? Map.groupBy(cases, (c) => c.family) : groupBy(cases)
function groupBy(list) {
  const groups = new Map()
  for (const c of list) groups.set(c.family, [...(groups.get(c.family) ?? []), c])
  return groups
}

const whole = (n) => n.toLocaleString('en-US')
const error = (x, there = true) => (there ? x.toExponential(1) : '')
const table = (head, rows) =>
  [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join(
    '\n',
  )

const families = [...byFamily.keys()].sort().map((family) => {
  const rows = byFamily
    .get(family)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((c) => [
      c.name,
      c.source,
      whole(c.parameters),
      error(c.forward),
      error(c.gradient),
      error(c.curve, c.losses > 0),
    ])
  return `## ${family}\n\n${table(['case', 'reference', 'parameters', 'forward', 'gradient', 'ten losses'], rows)}`
})

const rows = published
  .sort((a, b) => (a.published < b.published ? -1 : 1))
  .map((p) => [p.published, whole(p.ours), whole(p.parameters), p.source])

writeFileSync(
  join(root, 'docs', 'parity.md'),
  `# Parity with PyTorch

Written by \`npm run parity\` (scripts/parity.mjs) from the tests of test/parity. Each case is a layer, or a model of a tiny
configuration, that is loaded with PyTorch's weights under PyTorch's names. Outputs in training and evaluation, the gradients of all
parameters and inputs, and the losses of ten AdamW steps are compared with PyTorch's, which were computed in f64. Errors are of f32, the largest of all
elements: of outputs and gradients relative to their tensor's largest element, of losses to the loss.

${families.join('\n\n')}

## Published numbers of parameters

${table(['model', 'ours', 'published', 'where'], rows)}
`,
)
console.log(`docs/parity.md: ${cases.length} cases, ${published.length} published models`)
