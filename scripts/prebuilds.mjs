// Makes prebuilds/<platform>-<arch>/, the modules that the published package carries. Place in the whole: `npm run
// prebuilds`, a release step. prebuildify moves the module out of build/Release, so the checkout's own build is restored
// afterwards; the sources' digest goes beside the modules, by which the loader notices in a checkout that they grew old.

import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from './build.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const require = createRequire(import.meta.url)

const status = await build()
if (status !== 0) process.exit(status)
if (
  process.platform === 'linux' &&
  process.env.SINTER_CUDA !== 'OFF' &&
  !existsSync(join(root, 'build-cmake/release/cuda'))
) {
  console.error('prebuilds: no nvcc was found, so the module has no CUDA kernels; SINTER_CUDA=OFF publishes it without')
  process.exit(1)
}

const env = { ...process.env }
// node-gyp fetches Node's headers from the net unless it is shown a copy. The binding.gyp shim includes none of them.
const prefix = join(dirname(process.execPath), '..')
if (existsSync(join(prefix, 'include/node/node_version.h'))) env.npm_config_nodedir ??= prefix
// Every module of the folder is packed: one left from another libc tag or version would win over the new one.
rmSync(join(root, 'prebuilds', `${process.platform}-${process.arch}`), { recursive: true, force: true })
const packed = spawnSync(process.execPath, [require.resolve('prebuildify/bin.js'), '--napi', '--strip', '--tag-libc'], {
  cwd: root,
  env,
  stdio: 'inherit',
})
if (packed.status !== 0) process.exit(packed.status ?? 1)

const { digestPath, sourcesDigest } = await import(pathToFileURL(join(root, 'dist/native/stale.js')).href)
writeFileSync(digestPath(root), `${sourcesDigest(root)}\n`)
process.exitCode = await build()
