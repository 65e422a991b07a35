// The code of docs/generation.md is one program, and runs.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

it('docs/generation.md runs from top to bottom', () => {
  const page = readFileSync(join(root, 'docs/generation.md'), 'utf8')
  const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code as string)
  expect(blocks.length).toBe(7)
  const { outputText } = ts.transpileModule(`${blocks.join('\n')}\nconsole.log('the end')`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  })
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', outputText], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(printed).toMatch(/^the end$/m)
})
