#!/usr/bin/env node
// The `sinter` command. Place in the whole: parses arguments and hands over; each command is a file beside this one.
//
// Exit codes: 0 done; 1 failed; 2 a mistake in arguments or configuration; 130 stopped by Ctrl-C after saving.
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cac } from 'cac'
import { VERSION } from '../engine/engine.js'
import { SinterError } from '../errors.js'
import { didYouMean, nearest } from '../suggest.js'
import { bench } from './bench.js'
import { crossValidate } from './cross-validate.js'
import { evaluate } from './eval.js'
import { info } from './info.js'
import { profile } from './profile.js'
import { search } from './search.js'
import { resume, train } from './train.js'
import { tune } from './tune.js'
import { FAILED, MISUSED, UsageError } from './usage.js'

const COMMANDS = ['train', 'resume', 'eval', 'search', 'cross-validate', 'info', 'profile', 'tune', 'bench', 'help']

/** Runs a command line (without node and script) and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args)
  } catch (error) {
    return report(error)
  }
}

async function dispatch(args: readonly string[]): Promise<number> {
  // Everything behind `bench` belongs to the bench itself.
  if (args[0] === 'bench' && !args.includes('--help') && !args.includes('-h')) return await bench(args.slice(1))
  const cli = cac('sinter')
  let result: number | Promise<number> = 0
  cli
    .command('train <file>', 'Train what a configuration (.yaml, .json) or a module defines, with checkpoints')
    .option('--seed <n>', "Seed of all random numbers (default: the configuration's, or 0)")
    .option('--out <folder>', "The run directory (default: the configuration's, or ./checkpoints/<name of the run>)")
    .option('--resume [checkpoint]', 'Continue from the newest checkpoint in --out, or from the one given')
    .option('--set <path=value>', 'Change a value of the configuration, or an option of a defineRun; may be repeated')
    .option('--quick', 'A short run that tries everything out')
    .example('  $ sinter train config.yaml --set optim.lr=3e-4 --set data.batchSize=64')
    .example('  $ sinter train digits.mjs --seed 1 --set lr=0.01 --set epochs=3')
    .example('  $ sinter train digits.mjs --resume')
    .action((file: string, options: Record<string, unknown>) => {
      result = train(file, options)
    })
  cli
    .command('resume <run>', 'Continue a run from the newest checkpoint in its run directory')
    .option('--set <path=value>', 'Change a value, such as trainer.epochs; may be repeated')
    .example('  $ sinter resume checkpoints/digits')
    .example('  $ sinter resume checkpoints/digits --set trainer.epochs=20')
    .action((directory: string, options: Record<string, unknown>) => {
      result = resume(directory, options)
    })
  cli
    .command('eval <run>', "Evaluate a run directory's newest checkpoint, or the checkpoint given")
    .option('--data <part>', 'train, validation or test (default: test where there is one, else validation)')
    .option('--set <path=value>', 'Change a value, such as data.test.file; may be repeated')
    .option('--json', 'As JSON')
    .example('  $ sinter eval checkpoints/digits')
    .example('  $ sinter eval checkpoints/digits/step-00000400 --data train --json')
    .action((path: string, options: Record<string, unknown>) => {
      result = evaluate(path, options)
    })
  cli
    .command('search <file>', "Search for a run's best options: random, grid, TPE, Hyperband; docs/search.md")
    .option('--out <folder>', "Where journal and runs go (default: the file's, or ./searches/<name>)")
    .option('--set <path=value>', "Change a value of the search's file; may be repeated")
    .example('  $ sinter search search.yaml --set trials=50 --set parallel=2')
    .action((file: string, options: Record<string, unknown>) => {
      result = search(file, options)
    })
  cli
    .command('cross-validate <file>', 'Train a configuration once for each fold of its training data')
    .option('--folds <n>', 'How many (default: 5)')
    .option('--stratify <field>', "The field of the samples' classes, of which every fold gets its share")
    .option('--groups <field>', "The field of the samples' groups, which stay together")
    .option('--out <folder>', 'Where the run directories go (default: ./cross-validation/<name of the run>)')
    .option('--set <path=value>', 'Change a value of the configuration; may be repeated')
    .example('  $ sinter cross-validate config.yaml --folds 10 --stratify label')
    .action((file: string, options: Record<string, unknown>) => {
      result = crossValidate(file, options)
    })
  cli
    .command('info', 'Show processor, kernels, threads, devices and versions')
    .option('--json', 'As JSON')
    .example('  $ sinter info')
    .action((options: Record<string, unknown>) => {
      result = info(options['json'] === true)
    })
  cli
    .command('profile <script> [...args]', 'Run a script and show where its time goes')
    .option('--by <what>', 'Lines of the table: operator, shape, or range (modules, backward passes, named ranges)', {
      default: 'operator',
    })
    .option('--rows <n>', 'Lines of the table', { default: 40 })
    .option('--trace <file>', 'Also write a trace for Perfetto or chrome://tracing')
    .example('  $ sinter profile step.mjs --trace step.json')
    .example('  $ sinter profile step.mjs --by range -- --batch 16')
    .action((script: string, args: string[], options: Record<string, unknown>) => {
      result = profile(script, args, options)
    })
  cli
    .command('tune [...products]', 'Measure how matrix products are best cut on this machine, for later runs')
    .option('--threads <list>', "Sizes of the thread pool, such as 1,2 (default: this machine's)")
    .option('--device <name>', "Measure a CUDA device instead: our kernels against NVIDIA's cuBLASLt and cuDNN")
    .option('--precision <p>', 'With --device: how f32 is multiplied, ieee or tf32 (default: ieee)')
    .option('--budget <seconds>', 'Time a product, about (default: 4; 1 with --device)')
    .option('--clear', 'Forget what was measured')
    .option('--json', 'The results as JSON')
    .example('  $ sinter tune')
    .example('  $ sinter tune --device cuda bf16:4096x4096x4096 attention:bf16:8x12x1024x64:causal')
    .example('  $ sinter tune 512x3072x768 nt:512x3072x768 bf16:packed:64x1024x1024 --threads 1,2')
    .action((products: string[], options: Record<string, unknown>) => {
      result = tune(products, options)
    })
  cli
    .command('bench [...options]', 'Measure kernels and models (in a checkout of the repository)')
    .example('  $ sinter bench --filter gemm --quick')
    .action(() => {})
  cli.command('help [command]', 'Explain the commands, or one of them').action((command: string | undefined) => {
    result = help(cli, command)
  })
  cli.help((sections) => [
    ...sections.filter(({ title }) => !title?.startsWith('For more info')),
    { title: 'A run file', body: RUN_FILE },
    { title: 'Exit codes', body: EXIT_CODES },
  ])
  cli.version(VERSION)

  const parsed = cli.parse(['node', 'sinter', ...args], { run: false })
  if (parsed.options['help'] === true || parsed.options['version'] === true) return 0
  if (cli.matchedCommand === undefined) {
    const [word] = parsed.args
    if (word !== undefined) {
      throw new UsageError(`unknown command "${word}"${didYouMean(word, COMMANDS)} (commands: ${COMMANDS.join(', ')})`)
    }
    cli.outputHelp()
    return args.length === 0 ? 0 : MISUSED
  }
  checkArguments(cli, cli.matchedCommand)
  cli.runMatchedCommand()
  return await result
}

type Cli = ReturnType<typeof cac>
type Command = NonNullable<Cli['matchedCommand']>

function checkArguments(cli: Cli, command: Command): void {
  const known = [...command.options, ...cli.globalCommand.options].map((option) => option.names.at(-1) as string)
  for (const given of Object.keys(cli.options)) {
    if (given === '--' || command.hasOption(given) || cli.globalCommand.hasOption(given)) continue
    const near = nearest(given, known)
    const meant = near === undefined ? '' : `; did you mean "--${near}"?`
    const list = known.map((name) => `--${name}`).join(', ')
    throw new UsageError(`unknown option --${given} of ${command.name}${meant} (options: ${list})`)
  }
  const required = command.args.filter((argument) => argument.required)
  const missing = required[cli.args.length]
  if (missing !== undefined) {
    throw new UsageError(
      `${command.name} needs <${missing.value}>: sinter ${command.rawName}; "sinter help ${command.name}" explains`,
    )
  }
  const most = command.args.some((argument) => argument.variadic) ? Number.POSITIVE_INFINITY : command.args.length
  const extra = cli.args[most]
  if (extra !== undefined) throw new UsageError(`${command.name}: unexpected argument "${extra}"`)
}

function help(cli: Cli, name: string | undefined): number {
  if (name === undefined) {
    cli.unsetMatchedCommand()
    cli.outputHelp()
    return 0
  }
  const command = cli.commands.find((candidate) => candidate.name === name)
  if (command === undefined) throw new UsageError(`unknown command "${name}"${didYouMean(name, COMMANDS)}`)
  cli.matchedCommand = command
  cli.outputHelp()
  return 0
}

const RUN_FILE = `  A configuration: .yaml, .json, or an ES module (.mjs, .js; .ts where Node itself strips types) that default-exports
  defineConfig({...}) of sinter/config; docs/configuration.md has all fields:

    name: digits
    model: { name: LeNet, classes: 10 }
    data: { train: { module: ./digits.mjs, export: digits }, batchSize: 64 }
    loss: CrossEntropyLoss
    optim: { name: AdamW, lr: 0.001 }            # --set optim.lr=0.01 changes it
    trainer: { epochs: 3 }

  Or code: a module that default-exports defineRun({...}) of sinter/train:

    export default defineRun({
      name: 'my-run',
      options: { lr: 0.001 },                    // --set lr=0.01 changes it
      setup: ({ seed, options }) => ({ model, optimizer, data, loss: (batch) => ..., epochs: 3 }),
    })`

const EXIT_CODES = `  0 done, 1 failed, 2 a mistake in arguments or configuration, 130 stopped by Ctrl-C (after saving)`

/** Says what went wrong: mistakes in one line, failures of code with their stack. */
function report(error: unknown): number {
  const code = (error as { code?: unknown } | null)?.code
  const misuse = error instanceof UsageError || code === 'SINTER_CONFIG' || code === 'SINTER_NO_RUN'
  const cacMisuse = error instanceof Error && error.name === 'CACError'
  if (misuse || cacMisuse) {
    process.stderr.write(`sinter: ${(error as Error).message}\n`)
    return MISUSED
  }
  if (error instanceof SinterError) {
    process.stderr.write(`sinter: ${error.message} [${error.code}]\n`)
    if (error.cause instanceof Error) process.stderr.write(`caused by ${error.cause.stack ?? error.cause.message}\n`)
  } else process.stderr.write(`sinter: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return FAILED
}

// Started as a program, through npm's link or by path; imported by a test, nothing happens.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  // `sinter info | head` closes the pipe early: that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  main(process.argv.slice(2)).then((code) => {
    process.exitCode = code
  })
}
