// The code of docs/models.md is one program, and runs.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

it('docs/models.md runs from top to bottom', () => {
  const page = readFileSync(join(root, 'docs/models.md'), 'utf8')
  const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code as string)
  expect(blocks.length).toBeGreaterThan(7)
  const folder = mkdtempSync(join(tmpdir(), 'sinter-models-'))
  try {
    // Its files go into a folder of their own.
    const code = blocks
      .join('\n')
      .replace(/'([\w-]+\.(?:safetensors|svg|dot))'/g, (_, name: string) => JSON.stringify(join(folder, name)))
    const { outputText } = ts.transpileModule(`${code}\nconsole.log(sizes)`, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    })
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', outputText], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(readdirSync(folder).sort()).toEqual(['words.dot', 'words.safetensors', 'words.svg'])
    expect(printed).toContain('blocks.3')
    expect(printed).toContain('Block 2 x 12 x 16')
    // Two factors in each of four blocks: 64 by 2 and 2 by 16.
    expect(printed).toMatch(/^640$/m)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
