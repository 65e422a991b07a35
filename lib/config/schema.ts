// What a configuration may hold. Place in the whole: the types that TypeScript users write against, and the schema that files pass
// through. The options of models, optimizers and so on are not here: whatever is built checks its own.
import { z } from 'zod'
import type { GradScalerOptions } from '../optim/index.js'
import type { GuardOptions } from '../train/guard-options.js'
import type { KeepBest } from '../train/retention.js'
import type { Part } from './parts.js'
import type { Context, Kind, Kinds, Options } from './registry.js'

/** Something that is built: a registered name, or what a module exports. All other fields are its options. */
export type Component<K extends Kind> =
  | string
  | ({ readonly name: string } & Options)
  | ({
      /** An ES module, relative to the configuration's file, or a package. */
      readonly module: string
      /** A class or function of (options, context). Default 'default'. */
      readonly export?: string
    } & Options)
  /** In TypeScript: a function that returns the thing itself. */
  | ((context: Context<K>) => Kinds[K]['value'] | Promise<Kinds[K]['value']>)

export interface Config {
  /** Names the run, and its default folder ./checkpoints/<name>. Letters, digits, dots, dashes and underscores. */
  readonly name: string
  readonly description?: string
  /** Of initial weights, the data's order, augmentation. Default 0; `--seed` changes it. */
  readonly seed?: number
  /** The run directory. Default ./checkpoints/<name>, where the command is run; `--out` changes it. */
  readonly out?: string
  /** Modules imported before anything is built: they may `register` names of their own. */
  readonly imports?: readonly string[]
  readonly model: Component<'model'>
  /** Where the model is trained and evaluated: 'cpu', the default, 'cuda', 'cuda:1', .... */
  readonly device?: string
  /** A safetensors file, or a checkpoint's folder, to start from. */
  readonly weights?: string | WeightsConfig
  /** Parameters that stay as they are, by patterns over their names: 'layer{1,2}.**'. */
  readonly freeze?: string | readonly string[]
  readonly data: DataConfig
  readonly loss: Component<'loss'>
  /** Added to the loss: sums over all trained parameters. See `penalty` of sinter/regularize. */
  readonly penalty?: { readonly l1?: number; readonly l2?: number }
  readonly optim: Component<'optimizer'>
  /**
   * `totalSteps` and `tMax` that are left out are the run's steps (its epochs with `every: 'epoch'`). `every` ('step', the default, or
   * 'epoch') is when it moves on, `monitor` the figure that ReduceLROnPlateau takes.
   */
  readonly scheduler?: Component<'scheduler'>
  readonly trainer: TrainerConfig
  /** Figures of evaluations, beside the loss. */
  readonly metrics?: readonly Component<'metric'>[]
  readonly callbacks?: readonly Component<'callback'>[]
}

export interface WeightsConfig {
  readonly file: string
  /** Whether all of the model's entries must be in the file, and no others. Default true. */
  readonly strict?: boolean
  /** Patterns of entries of the file that are left out: 'fc.**'; needs strict: false. */
  readonly skip?: readonly string[]
}

export interface DataConfig {
  readonly train: Component<'dataset'>
  /** Evaluated as training goes on: a dataset, or a share or a fold of `train`, which is then left out of training. */
  readonly validation?: Component<'dataset'> | Part
  /** For `sinter eval`. */
  readonly test?: Component<'dataset'>
  /** Default 32. */
  readonly batchSize?: number
  /** Default true, but for iterable datasets. */
  readonly shuffle?: boolean
  readonly dropLast?: boolean
  /** Threads; datasets that are a module's export or a registered reader can use them. Default 0. */
  readonly workers?: number
  readonly prefetch?: number
  /** What becomes of records that cannot be read. Default 'fatal'. */
  readonly onError?: 'fatal' | 'skip'
  /** Records that may be skipped; one more is fatal. Default: any number. */
  readonly maxErrors?: number
  /** Of training batches. */
  readonly transforms?: readonly Component<'transform'>[]
  readonly evaluation?: {
    /** Default: the training's. */
    readonly batchSize?: number
    readonly transforms?: readonly Component<'transform'>[]
  }
  /** The batch's field that goes into the model. Default: the first one of two. */
  readonly input?: string
  /** The batch's field that the loss takes. Default: the second one of two. */
  readonly target?: string
}

/** See TrainerOptions of sinter/train. */
export interface TrainerConfig {
  readonly epochs?: number
  readonly steps?: number
  readonly accumulate?: number
  /** 'bf16' or 'f16', or options of `autocast`: the loss is computed in that type. */
  readonly autocast?: 'bf16' | 'f16' | Options
  /** Dynamic loss scaling, as f16 needs: options of GradScaler, {} for its defaults. */
  readonly scaler?: GradScalerOptions
  readonly guard?: GuardOptions
  readonly clipNorm?: number
  readonly clipValue?: number
  readonly evaluateEvery?: number
  readonly checkpointEvery?: number
  readonly asyncCheckpoints?: boolean
  readonly keep?: number
  readonly keepBest?: KeepBest
}

const count = z.number().int().min(1)
const whole = z.number().int().min(0)
const name = z.string().min(1)
const oneOf = (names: readonly string[], needed: boolean) => (value: Readonly<Record<string, unknown>>) => {
  const given = names.filter((key) => value[key] !== undefined).length
  return given === 1 || (given === 0 && !needed)
}

const fn = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', 'a function')
const NAMED = 'a name, {name, ...options} or {module, export, ...options}'
const component = z.union(
  [
    name,
    z
      .looseObject({ name: name.optional(), module: name.optional(), export: name.optional() })
      .refine(oneOf(['name', 'module'], true), { error: NAMED }),
    fn,
  ],
  { error: NAMED },
)
const split = z.strictObject({ split: z.number().gt(0).lt(1), seed: whole.optional(), stratify: name.optional() })
const fold = z
  .strictObject({
    fold: whole,
    folds: z.number().int().min(2),
    seed: whole.optional(),
    shuffle: z.boolean().optional(),
    stratify: name.optional(),
    groups: name.optional(),
  })
  .refine((part) => part.fold < part.folds, { error: 'a fold from 0 to folds - 1' })
  .refine(oneOf(['stratify', 'groups'], false), { error: 'either stratify or groups' })
/** Told apart by their fields, so that a mistake in a split is called one. */
const validation = z.custom<unknown>().superRefine((value, context) => {
  const has = (key: string) => typeof value === 'object' && value !== null && key in value
  const { error } = (has('split') ? split : has('fold') ? fold : component).safeParse(value)
  for (const issue of error?.issues ?? []) context.addIssue(issue as never)
})
const transforms = z.array(component).optional()

export const configSchema: z.ZodObject = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/, 'a name of letters, digits, dots, dashes and underscores'),
  description: z.string().optional(),
  seed: whole.optional(),
  out: name.optional(),
  imports: z.array(name).optional(),
  model: component,
  weights: z
    .union([name, z.strictObject({ file: name, strict: z.boolean().optional(), skip: z.array(name).optional() })])
    .optional(),
  freeze: z.union([name, z.array(name)]).optional(),
  device: name.optional(),
  data: z.strictObject({
    train: component,
    validation: validation.optional(),
    test: component.optional(),
    batchSize: count.optional(),
    shuffle: z.boolean().optional(),
    dropLast: z.boolean().optional(),
    workers: whole.optional(),
    prefetch: count.optional(),
    onError: z.enum(['fatal', 'skip']).optional(),
    maxErrors: whole.optional(),
    transforms,
    evaluation: z.strictObject({ batchSize: count.optional(), transforms }).optional(),
    input: name.optional(),
    target: name.optional(),
  }),
  loss: component,
  penalty: z.strictObject({ l1: z.number().min(0).optional(), l2: z.number().min(0).optional() }).optional(),
  optim: component,
  scheduler: component.optional(),
  trainer: z
    .strictObject({
      epochs: count.optional(),
      steps: count.optional(),
      accumulate: count.optional(),
      autocast: z.union([z.enum(['bf16', 'f16']), z.record(z.string(), z.unknown())]).optional(),
      scaler: z.record(z.string(), z.unknown()).optional(),
      guard: z.record(z.string(), z.unknown()).optional(),
      clipNorm: z.number().positive().optional(),
      clipValue: z.number().positive().optional(),
      evaluateEvery: count.optional(),
      checkpointEvery: count.optional(),
      asyncCheckpoints: z.boolean().optional(),
      keep: count.optional(),
      keepBest: z
        .strictObject({ metric: name, mode: z.enum(['min', 'max']).optional(), count: count.optional() })
        .optional(),
    })
    .refine(oneOf(['epochs', 'steps'], true), { error: 'either epochs or steps, one of the two' }),
  metrics: z.array(component).optional(),
  callbacks: z.array(component).optional(),
})

/** Types a configuration; it is checked where it is used. */
export function defineConfig(config: Config): Config {
  return config
}
