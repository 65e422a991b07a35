// Searches from files. Place in the whole: what `sinter search` does, for programs: a YAML or JSON file, or a module's default export, that
// names a run's file and what of it is searched.
import { isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'
import { overridden } from '../config/override.js'
import { loadRun } from '../config/run.js'
import { readSource, type Source } from '../config/source.js'
import { writeFileAtomic } from '../io/atomic.js'
import type { Json } from '../train/callback.js'
import { ConfigError, checked } from '../train/config.js'
import { type SearchOptions, type SearchResult, search } from './search.js'
import { choice, int, logUniform, type Parameter, type Space, uniform, type When } from './space.js'
import type { Trial } from './trial.js'
import { setOf, trialFolder, trialRuns } from './trial-runs.js'

/** A parameter as a file has it: one of the four, and what goes with it. */
export interface ParameterSpec {
  readonly uniform?: readonly [number, number]
  readonly logUniform?: readonly [number, number]
  readonly int?: readonly [number, number]
  readonly choice?: readonly Json[]
  /** Of uniform. */
  readonly step?: number
  /** Of int. */
  readonly log?: boolean
  readonly when?: When
}

export interface SearchConfig {
  /** Names the search, and its default folder ./searches/<name>. */
  readonly name: string
  /** The run's file, relative to this one. */
  readonly run: string
  /** Values for every trial: 'trainer.epochs=5'. */
  readonly set?: readonly string[]
  /** By path in the configuration, or by name of a defineRun's options. */
  readonly space: Readonly<Record<string, ParameterSpec>>
  /** The evaluation's figure. Default 'loss'. */
  readonly metric?: string
  /** The last evaluation's (the default), or the best of all. */
  readonly of?: 'last' | 'best'
  /** Default 'min'. */
  readonly mode?: 'min' | 'max'
  readonly sampler?: SearchOptions['sampler']
  /** `budget` is the path that is set to the budget; default 'trainer.epochs'. */
  readonly strategy?: NonNullable<SearchOptions['strategy']> & { readonly budget?: string }
  readonly trials?: number
  readonly parallel?: number
  /** Default 1. */
  readonly retries?: number
  /** Of the sampler. Default 0; the runs have their own. */
  readonly seed?: number
  readonly out?: string
}

const count = z.number().int().min(1)
const whole = z.number().int().min(0)
const name = z.string().min(1)
const bounds = z.tuple([z.number(), z.number()])
const values = z.union([z.json(), z.array(z.json())])
const KINDS = ['uniform', 'logUniform', 'int', 'choice'] as const
const parameter = z
  .strictObject({
    uniform: bounds.optional(),
    logUniform: bounds.optional(),
    int: bounds.optional(),
    choice: z.array(z.json()).optional(),
    step: z.number().optional(),
    log: z.boolean().optional(),
    when: z.record(z.string(), values).optional(),
  })
  .refine((given) => KINDS.filter((kind) => given[kind] !== undefined).length === 1, {
    error: `one of ${KINDS.join(', ')}`,
  })

const searchSchema: z.ZodType = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/, 'a name of letters, digits, dots, dashes and underscores'),
  run: name,
  set: z.array(name).optional(),
  space: z.record(name, parameter),
  metric: name.optional(),
  of: z.enum(['last', 'best']).optional(),
  mode: z.enum(['min', 'max']).optional(),
  sampler: z.union([z.string(), z.looseObject({ name: z.string() })]).optional(),
  strategy: z
    .strictObject({
      name: z.enum(['hyperband', 'asha', 'successiveHalving']),
      minBudget: count,
      maxBudget: count,
      factor: z.number().optional(),
      budget: name.optional(),
    })
    .optional(),
  trials: count.optional(),
  parallel: count.optional(),
  retries: whole.optional(),
  seed: whole.optional(),
  out: name.optional(),
})

/** Types a search; it is checked where it is used. */
export function defineSearch(config: SearchConfig): SearchConfig {
  return config
}

export interface RunSearchOptions {
  readonly set?: readonly string[]
  readonly out?: string
  readonly signal?: AbortSignal
  readonly onTrial?: (trial: Trial, config: SearchConfig) => void
}

export interface FileSearchResult extends SearchResult {
  readonly config: SearchConfig
  readonly out: string
  /** The best trial's run directory. */
  readonly bestRun: string | undefined
}

/**
 * Runs the search of a file, or goes on with it where its folder has a journal. The folder then holds journal.jsonl, trials/<number> (run
 * directories) and results.json.
 * @throws ConfigError for a mistake in either file
 */
export async function runSearch(file: string, options: RunSearchOptions = {}): Promise<FileSearchResult> {
  const { set = [], signal, onTrial } = options
  const source = overridden(await readSource(file), set, searchSchema)
  const config = checked(searchSchema, source.value, source.at) as SearchConfig
  const { name, metric = 'loss', of = 'last', mode = 'min', strategy, parallel = 1, retries = 1 } = config
  const out = options.out ?? config.out ?? join('searches', name)
  const run = isAbsolute(config.run) ? config.run : resolve(source.folder, config.run)
  const space = spaceOf(config, source)
  // A mistake in the run's file would fail every trial.
  await loadRun(run, { set: config.set ?? [] })
  const { budget = 'trainer.epochs', ...rungs } = strategy ?? {}
  const objective = trialRuns({ file: run, set: config.set ?? [], metric, of, mode, budget, out, parallel })
  const { sampler, trials, seed } = config
  const result = await search({
    space,
    objective,
    mode,
    parallel,
    retries,
    journal: join(out, 'journal.jsonl'),
    about: { run, set: config.set ?? [], metric, of, budget: strategy === undefined ? null : budget } as Json,
    ...(sampler !== undefined && { sampler }),
    ...(strategy !== undefined && { strategy: rungs as NonNullable<SearchOptions['strategy']> }),
    ...(trials !== undefined && { trials }),
    ...(seed !== undefined && { seed }),
    ...(signal !== undefined && { signal }),
    ...(onTrial !== undefined && { onTrial: (trial: Trial) => onTrial(trial, config) }),
  })
  const bestRun = result.best === undefined ? undefined : trialFolder(out, result.best.number)
  await writeResults(out, result, bestRun)
  return { ...result, config, out, bestRun }
}

function spaceOf({ space }: SearchConfig, source: Source): Space {
  const built = ([path, spec]: [string, ParameterSpec]): [string, Parameter] => {
    try {
      return [path, parameterOf(spec)]
    } catch (cause) {
      const at = ['space', path]
      throw new ConfigError(source.at(at), at.join('.'), (cause as Error).message, { cause })
    }
  }
  return Object.fromEntries(Object.entries(space).map(built))
}

function parameterOf(spec: ParameterSpec): Parameter {
  const { uniform: real, logUniform: log, int: whole, choice: list, ...options } = spec
  if (real !== undefined) return uniform(...real, options)
  if (log !== undefined) return logUniform(...log, options)
  if (whole !== undefined) return int(...whole, options)
  return choice(list as readonly Json[], options)
}

async function writeResults(out: string, { best, trials }: SearchResult, bestRun: string | undefined): Promise<void> {
  const found = best && {
    trial: best.number,
    value: best.value,
    parameters: best.parameters,
    set: setOf(best.parameters),
    run: bestRun,
  }
  const text = `${JSON.stringify({ best: found ?? null, trials }, null, 1)}\n`
  await writeFileAtomic(join(out, 'results.json'), async (file) => void (await file.writeFile(text)))
}
