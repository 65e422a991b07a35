// Runs from files. Place in the whole: what `sinter train`, `resume` and `eval` do, for programs; a file is a configuration (YAML,
// JSON, or a module with defineConfig) or a module with defineRun.
import { resolve } from 'node:path'
import { disposeBatch } from '../data/loader.js'
import { SinterError } from '../errors.js'
import { manualSeed } from '../ops/random.js'
import { didYouMean } from '../suggest.js'
import type { FitResult } from '../train/callback.js'
import { loadCheckpoint } from '../train/checkpoint.js'
import { checked } from '../train/config.js'
import { type ExecuteOptions, executeRun, type RunDefinition, withChanges } from '../train/run.js'
import { hasCheckpoint } from '../train/trainer.js'
import { builtEvaluation, builtSetup } from './build.js'
import { overridden } from './override.js'
import { plainConfig, type RunRecord, readRecord, writeRecord } from './record.js'
import { type Config, configSchema } from './schema.js'
import { readSource, type Source } from './source.js'

export interface LoadOptions {
  /** `path=value`: changes to the configuration, or to the options of a defineRun. */
  readonly set?: readonly string[]
}

export type TrainOptions = Pick<ExecuteOptions, 'seed' | 'quick' | 'out' | 'resume' | 'handleSignals' | 'progress'>

/** A run that was read and checked, and not begun. */
export interface LoadedRun {
  readonly name: string
  /** The checked configuration; undefined for a defineRun. */
  readonly config: Config | undefined
  /** Where it writes unless it is told. */
  readonly out: string
  /** Trains, and leaves in the run directory what `resumeRun` and `evaluateRun` need. */
  train(options?: TrainOptions): Promise<FitResult>
}

/**
 * Reads a run's file: .yaml, .yml, .json, or an ES module.
 * @throws ConfigError for a mistake, with file, line (YAML and JSON), path and what was expected
 */
export async function loadRun(file: string, { set = [] }: LoadOptions = {}): Promise<LoadedRun> {
  return loaded(await readSource(file), set)
}

function loaded(source: Source, set: readonly string[]): LoadedRun {
  return isDefinition(source.value) ? ofDefinition(source, set) : ofConfig(overridden(source, set, configSchema), set)
}

const CONFIG_ONLY = ['model', 'data', 'loss', 'optim', 'trainer']

/** A module's value that has none of a configuration's fields is a run definition, or was to be one. */
function isDefinition(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return 'setup' in value || (!CONFIG_ONLY.some((field) => field in value) && Object.keys(value).length < 2)
}

function ofDefinition(source: Source, set: readonly string[]): LoadedRun {
  const { file, folder } = source
  const definition = source.value as RunDefinition
  return {
    name: definition.name,
    config: undefined,
    out: defaultOut(definition.name),
    async train({ out, seed = 0, quick = false, ...options } = {}) {
      const record = { file: resolve(file), folder, seed, quick, set: [...set], config: null }
      const where = { where: file, set, seed, quick, ...(out !== undefined && { out }) }
      return await executeRun(recorded(definition, record), { ...options, ...where })
    },
  }
}

/** Writes the record once all has been found right: a run that never began leaves that of an earlier one. */
function recorded(definition: RunDefinition, record: RunRecord): RunDefinition {
  if (typeof definition.setup !== 'function') return definition
  return {
    ...definition,
    async setup(context) {
      const setup = await definition.setup(context)
      await writeRecord(context.out, record)
      return setup
    },
  }
}

function ofConfig(source: Source, set: readonly string[]): LoadedRun {
  const config = checkedConfig(source)
  const { file, folder } = source
  const plain = plainConfig(config)
  return {
    name: config.name,
    config,
    out: config.out ?? defaultOut(config.name),
    async train({ out = config.out, seed = config.seed ?? 0, quick = false, ...options } = {}) {
      const record = { file: resolve(file), folder, seed, quick, set: plain === null ? [...set] : [], config: plain }
      const definition = definitionOf(config, source, { seed, quick })
      const named = out === undefined ? {} : { out }
      return await executeRun(recorded(definition, record), {
        ...options,
        ...named,
        seed,
        quick,
        config: plain,
        where: file,
      })
    },
  }
}

const checkedConfig = (source: Source): Config => checked(configSchema, source.value, source.at) as unknown as Config

const defaultOut = (name: string): string => `checkpoints/${name}`

function definitionOf(
  config: Config,
  source: Source,
  { seed, quick }: { seed: number; quick: boolean },
): RunDefinition {
  return { name: config.name, setup: () => builtSetup(config, { source, seed, quick }) }
}

/** The run of a record, with changes. */
async function ofRecord(record: RunRecord & { out: string }, set: readonly string[]): Promise<[Source, string[]]> {
  if (record.config === null) return [await readSource(record.file), [...record.set, ...set]]
  const file = `${record.out}/config.json`
  return [{ value: record.config, file, folder: record.folder, at: () => file }, [...set]]
}

/**
 * Goes on with the run in a run directory, from its newest checkpoint; from the beginning where it was stopped before the first one.
 * @throws SinterError SINTER_NO_RUN where the folder is no run directory
 */
export async function resumeRun(
  directory: string,
  { set = [], ...options }: LoadOptions & Pick<TrainOptions, 'handleSignals' | 'progress'> = {},
): Promise<FitResult> {
  const record = await readRecord(directory)
  const { seed, quick, out } = record
  if (resolve(out) !== resolve(directory))
    throw new SinterError(
      'SINTER_NO_RUN',
      `${directory} is no run directory: ${out} is, and goes on from its newest checkpoint`,
    )
  const [source, sets] = await ofRecord(record, set)
  // The record stays that of the file the run was started from.
  const run = loaded({ ...source, file: record.file }, sets)
  return await run.train({ ...options, seed, quick, out, resume: await hasCheckpoint(out) })
}

export interface EvaluateRunOptions extends LoadOptions {
  /** 'train', 'validation' or 'test'. Default: 'test' where the configuration has one, else 'validation'. */
  readonly data?: string
}

/** A run's figures. */
export interface RunFigures {
  /** The part of the data; undefined for a defineRun, whose own `evaluate` says. */
  readonly data: string | undefined
  readonly checkpoint: string
  readonly step: number
  readonly figures: Readonly<Record<string, number>>
}

/**
 * Evaluates a run's weights: those of the newest checkpoint in a run directory, or of the checkpoint given.
 * @throws SinterError SINTER_NO_RUN, SINTER_NO_CHECKPOINT; ConfigError for a part that the configuration does not have
 */
export async function evaluateRun(path: string, { set = [], data }: EvaluateRunOptions = {}): Promise<RunFigures> {
  const record = await readRecord(path)
  const [source, sets] = await ofRecord(record, set)
  manualSeed(record.seed)
  if (isDefinition(source.value)) return await evaluateDefinition(source, record, { set: sets, data, path })
  const changed = overridden(source, sets, configSchema)
  const config = checkedConfig(changed)
  const built = await builtEvaluation(config, { source: changed, seed: record.seed, quick: record.quick })
  try {
    const { parts } = built
    const part = data ?? (parts.includes('test') ? 'test' : 'validation')
    const found = parts.find((name) => name === part)
    if (found === undefined)
      throw new SinterError(
        'SINTER_CONFIG',
        `${changed.file}: data.${part}: there is none${didYouMean(part, parts)} (parts: ${parts.join(', ')})`,
      )
    const { step, folder } = await loadedModel(built.model, path)
    return { data: part, checkpoint: folder, step, figures: await built.evaluate(found) }
  } finally {
    await built.close()
  }
}

async function evaluateDefinition(
  { value, file }: Source,
  { out, seed, quick }: RunRecord & { out: string },
  { set, data, path }: { set: readonly string[]; data: string | undefined; path: string },
): Promise<RunFigures> {
  const definition = value as RunDefinition
  if (data !== undefined)
    throw new SinterError('SINTER_CONFIG', `${file} is a defineRun, which chooses its data itself: leave --data out`)
  const options = withChanges(definition.options ?? {}, set, file)
  const setup = await definition.setup({ seed, quick, out, options, log: () => {} })
  try {
    if (setup.evaluate === undefined)
      throw new SinterError('SINTER_CONFIG', `${file} has no \`evaluate\`: return one from setup`)
    const { step, epoch, folder } = await loadedModel(setup.model, path)
    return { data: undefined, checkpoint: folder, step, figures: await setup.evaluate({ step, epoch }) }
  } finally {
    await setup.close?.()
  }
}

async function loadedModel(
  model: { loadStateDict(state: any): unknown },
  path: string,
): Promise<{ step: number; epoch: number; folder: string }> {
  const saved = await loadCheckpoint(path)
  try {
    model.loadStateDict(saved.model)
    return { step: saved.step, epoch: saved.epoch, folder: saved.path }
  } finally {
    disposeBatch([...saved.model.values(), saved.optimizer.state])
  }
}
