// lib/metrics: what models are judged by; each figure equals the reference tool's that its file names.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export { BrierScore, CalibrationError, LogLoss } from './calibration.js'
export {
  Accuracy,
  type Average,
  type AverageOptions,
  accuracyOf,
  balancedAccuracy,
  type ConfusionCounts,
  ConfusionMatrix,
  cohenKappa,
  confusionMatrix,
  fScore,
  jaccard,
  Mean,
  matthewsCorrelation,
  Perplexity,
  precision,
  recall,
} from './confusion.js'
export {
  AUROC,
  AveragePrecision,
  averagePrecision,
  type CurveOptions,
  type PrecisionRecallCurve,
  precisionRecallCurve,
  type RocCurve,
  rocAuc,
  rocCurve,
} from './curves.js'
export {
  type DetectionOptions,
  type Detections,
  MeanAveragePrecision,
  type MeanAveragePrecisionResult,
  type TrueBoxes,
} from './detection.js'
export { type ImageMetricOptions, PSNR, SSIM } from './image.js'
export { type BoxCorners, boxIou } from './matching.js'
export { Metric, type MetricState } from './metric.js'
export {
  HitRate,
  MeanAveragePrecisionAtK,
  MeanReciprocalRank,
  NDCG,
  PrecisionAtK,
  type RankingOptions,
  RecallAtK,
} from './ranking.js'
export {
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  pearson,
  R2Score,
  RootMeanSquaredError,
  spearman,
} from './regression.js'
export { Bleu, type BleuOptions, type BleuScore, tokenize13a } from './text/bleu.js'
export { type Alignment, align, CharacterErrorRate, WordErrorRate } from './text/error-rate.js'
export { Rouge, type RougeKind, type RougeScore, rouge } from './text/rouge.js'
export type { Values } from './values.js'
