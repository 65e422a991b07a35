// The test runner's settings. Place in the whole: used by scripts/test.mjs, which builds first. Tests import the compiled
// library (`#lib/...` is dist), so what is tested is what ships, and native code is the test variant, build/test.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const full = Boolean(process.env.SINTER_TEST_FULL)
const exclude = full ? [] : ['test/**/*.full.test.ts']

// Where this build has CUDA kernels the tests of devices run a second time, on the stand-in driver (cuda/sim); with
// SINTER_CUDA_DRIVER set, every test runs on what it names. They take some minutes; the full tests check every access besides.
const simulator = fileURLToPath(new URL('build/cuda/libcudasim.so', import.meta.url))
// Matrix factorisations there are a stand-in for cuSOLVER's (test/cuda/cusolver).
const solver = fileURLToPath(new URL('build/cuda/libcusolversim.so', import.meta.url))
// Products are one for cuBLASLt's, where a test asks for it (test/cuda/cublaslt).
const products = fileURLToPath(new URL('build/cuda/libcublasltsim.so', import.meta.url))
// Convolutions and attention are one for cuDNN's, where a test asks for it (test/cuda/cudnn).
const networks = fileURLToPath(new URL('build/cuda/libcudnnsim.so', import.meta.url))
const simulated = existsSync(simulator) && process.env.SINTER_CUDA_DRIVER === undefined
// Most of what runs there is one operator after the other: such files share a process, and with it the stand-in driver's modules, which
// takes three quarters of the time. Files that set the environment have one of their own.
const files = ['test/cuda/paths', 'test/ops']
  .flatMap((folder) => readdirSync(new URL(folder, import.meta.url)).map((name) => `${folder}/${name}`))
  .filter((file) => file.endsWith('.test.ts'))
const setsEnvironment = (file: string): boolean =>
  /process\.env\[.*\] = /.test(readFileSync(new URL(file, import.meta.url), 'utf8'))
const own = files.filter(setsEnvironment)
const matrix = files.filter((file) => !own.includes(file))

const onDevice = {
  SINTER_CUDA_DRIVER: simulator,
  SINTER_CUSOLVER: solver,
  SINTER_CUBLASLT: products,
  SINTER_CUDNN: networks,
  SINTER_OPS_DEVICE: 'cuda:0',
  SINTER_SIM_CHECK: process.env.SINTER_SIM_CHECK ?? (full ? '1' : '0'),
}

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'cpu', include: ['test/**/*.test.ts'], exclude } },
      ...(simulated
        ? [
            {
              extends: true as const,
              test: { name: 'cuda', include: ['test/cuda/*.test.ts', ...own], exclude, env: onDevice },
            },
            {
              extends: true as const,
              test: { name: 'cuda-matrix', include: matrix, exclude, env: onDevice, isolate: false },
            },
          ]
        : []),
    ],
    // A native crash takes one fork down, not the run. Two forks at most: each has the engine's thread pool.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: full ? 600_000 : 60_000,
    hookTimeout: 60_000,
    env: { SINTER_BUILD: process.env.SINTER_BUILD ?? 'test' },
    setupFiles: existsSync(new URL('test/setup.ts', import.meta.url)) ? ['test/setup.ts'] : [],
    // dist is loaded as Node loads it: one instance for tests, workers and child processes, and nothing to transform.
    server: { deps: { external: [/\/dist\//] } },
    reporters: ['default', ['json', { outputFile: 'build-cmake/test-report.json' }]],
  },
})
