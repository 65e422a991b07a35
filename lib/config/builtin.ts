// The library's own names. Place in the whole: imported for its effect by whatever builds from a configuration. Names are those of
// the classes and functions; their options are checked by themselves.

import { known } from '../check.js'
import * as metrics from '../metrics/index.js'
import * as models from '../models/index.js'
import * as nn from '../nn/index.js'
import { tensor } from '../ops/creation.js'
import { crossEntropy } from '../ops/crossEntropy.js'
import * as optim from '../optim/index.js'
import type { Tensor } from '../tensor/tensor.js'
import { EarlyStopping, type EarlyStoppingOptions } from '../train/early-stopping.js'
import { Statistics } from '../train/statistics.js'
import { TensorBoard } from '../train/tensorboard/callback.js'
import { WeightAveraging } from '../train/weight-averaging.js'
import { registerReaders } from './datasets.js'
import { type ConfigMetric, type Options, register } from './registry.js'
import { registerTransforms } from './transforms.js'

type Class<T> = new (...args: any[]) => T

function classesOf<T>(exports: object, base: abstract new (...args: any[]) => T): [string, Class<T>][] {
  return Object.entries(exports).filter(
    ([, value]) => typeof value === 'function' && (value.prototype as unknown) instanceof base,
  )
}

/** Named sizes: `{name: GPT2, size: medium}`. */
const SIZES: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  Bert: models.BERT_SIZES,
  Clip: models.CLIP_SIZES,
  GPT2: models.GPT2_SIZES,
  Llama: models.LLAMA_SIZES,
  T5: models.T5_SIZES,
  TransformerModel: models.TRANSFORMER_SIZES,
  VisionTransformer: models.VIT_SIZES,
}
/** Modules of sinter/models that are parts of models. */
const PARTS = /Attention$/
const NETWORKS = /^(resnet|resnext|wideResnet|vgg|convnext|efficientnet|mobilenet)/

function registerModels(): void {
  for (const [name, Model] of classesOf(models, nn.Module)) {
    if (PARTS.test(name)) continue
    const sizes = SIZES[name]
    register('model', name, ({ size, ...options }) => {
      if (size === undefined) return new Model(options)
      known(name, { [String(size)]: 0 }, Object.keys(sizes ?? {}))
      return new Model({ ...sizes?.[String(size)], ...options })
    })
  }
  for (const [name, make] of Object.entries(models))
    if (NETWORKS.test(name) && typeof make === 'function')
      register('model', name, (options) => (make as (options: object) => nn.Module)(options))
}

/** Losses of (output, target) as modules; weights of classes and elements are lists of numbers. */
const LOSSES: Readonly<Record<string, Class<any>>> = {
  BCELoss: nn.BCELoss,
  BCEWithLogitsLoss: nn.BCEWithLogitsLoss,
  CrossEntropyLoss: nn.CrossEntropyLoss,
  HingeEmbeddingLoss: nn.HingeEmbeddingLoss,
  HuberLoss: nn.HuberLoss,
  KLDivLoss: nn.KLDivLoss,
  L1Loss: nn.L1Loss,
  MSELoss: nn.MSELoss,
  MultiLabelMarginLoss: nn.MultiLabelMarginLoss,
  MultiLabelSoftMarginLoss: nn.MultiLabelSoftMarginLoss,
  MultiMarginLoss: nn.MultiMarginLoss,
  NLLLoss: nn.NLLLoss,
  PoissonNLLLoss: nn.PoissonNLLLoss,
  SmoothL1Loss: nn.SmoothL1Loss,
  SoftMarginLoss: nn.SoftMarginLoss,
}

function registerLosses(): void {
  for (const [name, Loss] of Object.entries(LOSSES)) {
    register('loss', name, (options) => {
      const loss: nn.Module = new Loss(
        Object.fromEntries(
          Object.entries(options).map(([key, value]) => [key, Array.isArray(value) ? tensor(value) : value]),
        ),
      )
      return (output: Tensor, target: Tensor) => loss.call(output, target)
    })
  }
  // Of sequences: logits (B, T, V) against tokens (B, T), each of which counts alike.
  register('loss', 'TokenCrossEntropyLoss', (options) => {
    known('TokenCrossEntropyLoss', options, ['ignoreIndex', 'labelSmoothing'])
    return (logits: Tensor, tokens: Tensor) =>
      crossEntropy(logits.reshape([-1, logits.shape.at(-1) as number]), tokens.reshape([-1]), options)
  })
  register('loss', 'VAELoss', (options) => {
    known('VAELoss', options, ['beta', 'likelihood'])
    return (result, target) => models.vaeLoss(result, target, options).loss
  })
}

/** Optimizers that are made of another one, with the options of each. */
const OVER_OTHERS = {
  Lookahead: { Optimizer: optim.Lookahead, keys: ['k', 'alpha'] },
  SAM: { Optimizer: optim.SAM, keys: ['rho', 'adaptive', 'eta'] },
}

function registerOptimizers(): void {
  for (const [name, Rule] of classesOf(optim, optim.Optimizer))
    if (!(name in OVER_OTHERS)) register('optimizer', name, (options, { params }) => new Rule(params, options))
  register('optimizer', 'LBFGS', (options, { params }) => new optim.LBFGS(params, options))
  for (const [name, { Optimizer, keys }] of Object.entries(OVER_OTHERS))
    register('optimizer', name, async ({ optimizer, ...options }, { build }) => {
      known(name, options, keys)
      return new Optimizer((await build('optimizer', optimizer, 'optimizer')) as optim.Optimizer<any>, options)
    })
}

const TOTALS = { CosineLR: 'totalSteps', OneCycleLR: 'totalSteps', WSD: 'totalSteps', CosineAnnealingLR: 'tMax' }
const OF_SCHEDULES = ['SequentialLR', 'ChainedScheduler']
const OF_FUNCTIONS = { LambdaLR: optim.LambdaLR, MultiplicativeLR: optim.MultiplicativeLR }

function registerSchedulers(): void {
  for (const [name, Schedule] of classesOf(optim, optim.Scheduler)) {
    if ([...OF_SCHEDULES, ...Object.keys(OF_FUNCTIONS)].includes(name)) continue
    const total = (TOTALS as Readonly<Record<string, string>>)[name]
    register('scheduler', name, (options, { optimizer, totalSteps }) => {
      const whole = total === undefined || total in options ? {} : { [total]: totalSteps() }
      return new Schedule(optimizer, { ...options, ...whole })
    })
  }
  register(
    'scheduler',
    'ReduceLROnPlateau',
    (options, { optimizer }) => new optim.ReduceLROnPlateau(optimizer, options),
  )
  for (const name of OF_SCHEDULES)
    register('scheduler', name, async ({ schedulers, ...options }, { optimizer, build }) => {
      const parts: optim.Scheduler[] = []
      for (const [i, spec] of (Array.isArray(schedulers) ? schedulers : []).entries())
        parts.push((await build('scheduler', spec, ['schedulers', i])) as optim.Scheduler)
      if (name === 'ChainedScheduler') {
        known(name, options, [])
        return new optim.ChainedScheduler(optimizer, parts)
      }
      known(name, options, ['milestones'])
      return new optim.SequentialLR(optimizer, {
        schedulers: parts,
        milestones: (options['milestones'] ?? []) as number[],
      })
    })
  for (const [name, Schedule] of Object.entries(OF_FUNCTIONS))
    register('scheduler', name, ({ factor, ...options }, { optimizer }) => {
      known(name, options, [])
      return new Schedule(optimizer, factor as (step: number) => number)
    })
}

/** Metrics of (targets, outputs). */
const METRICS: Readonly<Record<string, Class<any>>> = {
  AUROC: metrics.AUROC,
  Accuracy: metrics.Accuracy,
  AveragePrecision: metrics.AveragePrecision,
  BrierScore: metrics.BrierScore,
  CalibrationError: metrics.CalibrationError,
  HitRate: metrics.HitRate,
  LogLoss: metrics.LogLoss,
  MeanAbsoluteError: metrics.MeanAbsoluteError,
  MeanAbsolutePercentageError: metrics.MeanAbsolutePercentageError,
  MeanAveragePrecisionAtK: metrics.MeanAveragePrecisionAtK,
  MeanReciprocalRank: metrics.MeanReciprocalRank,
  MeanSquaredError: metrics.MeanSquaredError,
  NDCG: metrics.NDCG,
  PSNR: metrics.PSNR,
  PrecisionAtK: metrics.PrecisionAtK,
  R2Score: metrics.R2Score,
  RecallAtK: metrics.RecallAtK,
  RootMeanSquaredError: metrics.RootMeanSquaredError,
  SSIM: metrics.SSIM,
}

type Figure = (counts: metrics.ConfusionCounts, options: metrics.AverageOptions) => number | number[]

/** Figures of a confusion matrix: `{name: F1, classes: 10, average: macro}`. */
const OF_COUNTS: Readonly<Record<string, Figure>> = {
  F1: (counts, options) => metrics.fScore(counts, options),
  Precision: metrics.precision,
  Recall: metrics.recall,
  Jaccard: metrics.jaccard,
  BalancedAccuracy: metrics.balancedAccuracy,
  CohenKappa: metrics.cohenKappa,
  MatthewsCorrelation: metrics.matthewsCorrelation,
}
const AVERAGED = ['F1', 'Precision', 'Recall', 'Jaccard']

function registerMetrics(): void {
  for (const [name, Figure] of Object.entries(METRICS))
    register('metric', name, (options) => new Figure(options) as ConfigMetric)
  for (const [name, figure] of Object.entries(OF_COUNTS))
    register('metric', name, (options) => {
      known(name, options, ['classes', ...(AVERAGED.includes(name) ? ['average', 'zeroDivision'] : [])])
      const { classes, ...rest } = options as Options & { classes: number }
      const matrix = new metrics.ConfusionMatrix({ classes })
      return {
        update: (targets, outputs) => matrix.update(targets, outputs),
        compute: async () => figure(await matrix.compute(), rest),
        reset: () => matrix.reset(),
      }
    })
}

function registerCallbacks(): void {
  register('callback', 'EarlyStopping', (options) => new EarlyStopping(options as unknown as EarlyStoppingOptions))
  register('callback', 'Statistics', (options) => new Statistics(options))
  register('callback', 'TensorBoard', (options) => new TensorBoard(options))
  const { ExponentialMovingAverage, StochasticWeightAveraging } = optim
  for (const [name, Average] of Object.entries({ ExponentialMovingAverage, StochasticWeightAveraging }))
    register('callback', name, ({ every, from, copyAtEnd, ...options }, { model }) => {
      const when = Object.entries({ every, from, copyAtEnd }).filter(([, value]) => value !== undefined)
      known(name, options, ['useBuffers', ...(name === 'ExponentialMovingAverage' ? ['decay', 'warmUp'] : [])])
      return new WeightAveraging(new Average(model, options as { decay: number }), Object.fromEntries(when))
    })
}

registerModels()
registerLosses()
registerOptimizers()
registerSchedulers()
registerMetrics()
registerReaders()
registerTransforms()
registerCallbacks()
