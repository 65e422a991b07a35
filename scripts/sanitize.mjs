// `npm run sanitize -- asan [vitest filters]`: builds a sanitizer's preset and runs the native and operator tests on it. Place in the
// whole: asan is AddressSanitizer, LeakSanitizer and UBSan; tsan is ThreadSanitizer. A report of theirs fails the run.

import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { vitest } from './vitest.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [preset, ...filters] = process.argv.slice(2)
const LIBRARIES = { asan: ['libasan.so', 'libubsan.so'], tsan: ['libtsan.so'] }
if (!(preset in LIBRARIES)) {
  console.error('usage: npm run sanitize -- asan|tsan [vitest filters]')
  process.exit(2)
}

function run(command, args, env = {}) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1
}

const preload = LIBRARIES[preset]
  .map((name) => spawnSync('gcc', [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout.trim())
  .join(':')
if ((await build({ native: false })) !== 0) process.exit(1)
const steps = [
  ['cmake', ['--preset', preset]],
  ['cmake', ['--build', '--preset', preset, '-j', String(availableParallelism())]],
]
for (const [command, args] of steps) if (run(command, args) !== 0) process.exit(1)

const suppressions = join(root, 'test', 'sanitizers')
process.exitCode = run(
  process.execPath,
  [
    vitest,
    'run',
    '--testTimeout',
    '600000',
    ...(filters.length > 0
      ? filters
      : [
          'test/engine',
          'test/autograd',
          'test/custom',
          'test/ops',
          'test/cpu',
          'test/quant',
          'test/sparse',
          'test/image',
          'test/audio',
          'test/nn',
          'test/data',
        ]),
  ],
  {
    SINTER_BUILD: preset,
    SINTER_OPS_QUICK: '1',
    LD_PRELOAD: preload,
    // V8 and Node keep memory to the end; leaks are looked for in our module alone.
    ASAN_OPTIONS: 'detect_leaks=1:halt_on_error=1:abort_on_error=0:exitcode=66',
    // GCC 12's leak checker crashes on the thread-local storage of modules that were opened later.
    LSAN_OPTIONS: `suppressions=${join(suppressions, 'lsan.txt')}:print_suppressions=0:use_tls=0`,
    UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
    TSAN_OPTIONS: `suppressions=${join(suppressions, 'tsan.txt')}:halt_on_error=1:exitcode=66`,
  },
)
