// Every figure against the reference tool's (test/golden/metrics.py). Both sides compute in f64 from the same numbers, so that 1e-9 of a figure is
// rounding of sums; images are computed in f32.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { tensor } from '#lib/index.js'
import * as metrics from '#lib/metrics/index.js'

const golden: any = JSON.parse(readFileSync(new URL('../golden/metrics.json', import.meta.url), 'utf8'))
const numbered = (cases: any[]): [number, any][] => cases.map((c, i) => [i, c])
const near = (found: unknown, wanted: number, within = 1e-9): void => {
  expect(typeof found).toBe('number')
  expect(Math.abs((found as number) - wanted)).toBeLessThanOrEqual(within * Math.max(1, Math.abs(wanted)))
}
const nearAll = (found: readonly number[], wanted: readonly number[]): void => {
  expect(found.length).toBe(wanted.length)
  for (const [i, value] of wanted.entries()) near(found[i], value)
}
/** Uneven batches of (n) and (n, width). */
function* batches(n: number, size: number): Generator<[number, number]> {
  for (let at = 0; at < n; at += size) yield [at, Math.min(at + size, n)]
}
const rows = (values: readonly number[][], from: number, to: number) =>
  tensor(values.slice(from, to).flat(), { shape: [to - from, (values[0] as number[]).length], dtype: 'f64' })

describe.each(numbered(golden.classification))('classification %i', (_, c: any) => {
  it('confusion matrix and what is made of it', async () => {
    const metric = new metrics.ConfusionMatrix({ classes: c.classes })
    for (const [from, to] of batches(c.targets.length, 7)) {
      const t = tensor(c.targets.slice(from, to), { dtype: 'i64' })
      const s = rows(c.scores, from, to)
      metric.update(t, s)
      t.dispose()
      s.dispose()
    }
    const counts = await metric.compute()
    expect(counts).toEqual(c.confusion)
    expect(metrics.confusionMatrix(c.targets, c.predictions, c.classes)).toEqual(c.confusion)
    for (const average of ['macro', 'micro', 'weighted', ...(c.classes === 2 ? ['binary'] : [])] as metrics.Average[]) {
      near(metrics.precision(counts, { average }), c[average].precision)
      near(metrics.recall(counts, { average }), c[average].recall)
      near(metrics.fScore(counts, { average }), c[average].f1)
      near(metrics.fScore(counts, { average, beta: 2 }), c[average].f2)
      near(metrics.jaccard(counts, { average }), c[average].jaccard)
    }
    near(metrics.accuracyOf(counts), c.accuracy)
    near(metrics.balancedAccuracy(counts), c.balancedAccuracy)
    near(metrics.cohenKappa(counts), c.cohenKappa)
    near(metrics.matthewsCorrelation(counts), c.matthews)
  })

  it('accuracy, log loss and curves', async () => {
    const accuracy = new metrics.Accuracy()
    const labels = new metrics.Accuracy()
    const top2 = new metrics.Accuracy({ topK: 2 })
    const loss = new metrics.LogLoss()
    const two = c.classes === 2
    const auroc = new metrics.AUROC({ classes: c.classes })
    const weighted = new metrics.AUROC({ classes: c.classes, average: 'weighted' })
    const ap = new metrics.AveragePrecision({ classes: c.classes })
    for (const [from, to] of batches(c.targets.length, 11)) {
      const t = c.targets.slice(from, to)
      const s = rows(c.scores, from, to)
      accuracy.update(t, s)
      labels.update(t, c.predictions.slice(from, to))
      top2.update(t, s)
      loss.update(t, s)
      const scored = two ? c.scores.slice(from, to).map((row: number[]) => row[1]) : s
      for (const metric of [auroc, weighted, ap]) metric.update(t, scored)
      s.dispose()
    }
    near(await accuracy.compute(), c.accuracy)
    near(await labels.compute(), c.accuracy)
    near(await loss.compute(), c.logLoss)
    if (c.top2 !== undefined) near(await top2.compute(), c.top2)
    if (c.aurocMacro !== undefined) {
      near(await auroc.compute(), c.aurocMacro)
      near(await weighted.compute(), c.aurocWeighted)
      near(await ap.compute(), c.apMacro)
    } else if (!two) await expect(auroc.compute()).rejects.toThrow(/it takes both classes/)
  })
})

it.each(numbered(golden.binary))('curves of binary scores %i', async (_, c: any) => {
  const roc = metrics.rocCurve(c.targets, c.scores)
  nearAll(roc.falsePositiveRate, c.roc[0])
  nearAll(roc.truePositiveRate, c.roc[1])
  nearAll(roc.thresholds.slice(1), c.roc[2])
  const pr = metrics.precisionRecallCurve(c.targets, c.scores)
  nearAll(pr.precision, c.pr[0])
  nearAll(pr.recall, c.pr[1])
  nearAll(pr.thresholds, c.pr[2])
  near(metrics.rocAuc(c.targets, c.scores), c.auroc)
  near(metrics.averagePrecision(c.targets, c.scores), c.ap)
  const brier = new metrics.BrierScore()
  brier.update(
    c.targets,
    c.scores.map((s: number) => Math.min(s / 1.4, 1)),
  )
  near(await brier.compute(), c.brier)
})

it('regression', async () => {
  const { targets, predictions, ...wanted } = golden.regression
  const measured = {
    mae: new metrics.MeanAbsoluteError(),
    mse: new metrics.MeanSquaredError(),
    rmse: new metrics.RootMeanSquaredError(),
    mape: new metrics.MeanAbsolutePercentageError(),
    r2: new metrics.R2Score(),
  }
  for (const [from, to] of batches(targets.length, 9))
    for (const metric of Object.values(measured)) metric.update(targets.slice(from, to), predictions.slice(from, to))
  for (const [name, metric] of Object.entries(measured)) near(await metric.compute(), wanted[name])
  near(metrics.pearson(targets, predictions), wanted.pearson)
  near(metrics.spearman(targets, predictions), wanted.spearman)
})

it('ranking', async () => {
  const { relevance, scores, ndcg, ndcg3, mrr, map } = golden.ranking
  const of = async (
    metric: metrics.NDCG | metrics.MeanReciprocalRank | metrics.MeanAveragePrecisionAtK,
  ): Promise<number> => {
    for (const [from, to] of batches(relevance.length, 4))
      metric.update(rows(relevance, from, to), rows(scores, from, to))
    return await metric.compute()
  }
  near(await of(new metrics.NDCG()), ndcg)
  near(await of(new metrics.NDCG({ k: 3 })), ndcg3)
  near(await of(new metrics.MeanReciprocalRank()), mrr)
  near(await of(new metrics.MeanAveragePrecisionAtK()), map)
})

it.each(numbered(golden.bleu))('BLEU %i', async (_, c: any) => {
  for (const [i, tokens] of c.tokens.entries()) expect(metrics.tokenize13a(c.hypotheses[i])).toEqual(tokens)
  const whole = new metrics.Bleu()
  whole.update(c.references, c.hypotheses)
  const parts = [0, 1].map((part) => {
    const metric = new metrics.Bleu()
    const own = (_: unknown, i: number): boolean => i % 2 === part
    metric.update(c.references.filter(own), c.hypotheses.filter(own))
    return metric
  })
  await parts[0]!.merge(await parts[1]!.state())
  for (const metric of [whole, parts[0]!]) {
    const { score, precisions, brevityPenalty, hypothesisLength, referenceLength } = await metric.compute()
    near(score, c.score)
    nearAll(precisions, c.precisions)
    near(brevityPenalty, c.penalty)
    expect([hypothesisLength, referenceLength]).toEqual(c.lengths)
  }
})

it.each(numbered(golden.detection))('mAP %i', async (_, c: any) => {
  const whole = new metrics.MeanAveragePrecision()
  const other = new metrics.MeanAveragePrecision()
  for (const [from, to] of batches(c.truth.length, 5)) whole.update(c.truth.slice(from, to), c.found.slice(from, to))
  await other.merge(await whole.state())
  for (const metric of [whole, other]) {
    const found = await metric.compute()
    // COCO writes -1 for what is not defined.
    const wanted = c.stats.map((v: number) => (v === -1 ? Number.NaN : v))
    const precisions = [found.map, found.map50, found.map75, found.mapSmall, found.mapMedium, found.mapLarge]
    const recalls = [found.recallAt1, found.recallAt10, found.recall]
    const figures = [...precisions, ...recalls, found.recallSmall, found.recallMedium, found.recallLarge]
    expect(figures).toHaveLength(wanted.length)
    for (const [i, value] of figures.entries())
      if (Number.isNaN(wanted[i])) expect(value).toBeNaN()
      else near(value, wanted[i])
  }
})

it('PSNR and SSIM', async () => {
  const { shape, a, b, psnr, ssim } = golden.images
  const [x, y] = [tensor(a, { shape }), tensor(b, { shape })]
  const [p, s] = [new metrics.PSNR({ dataRange: 1 }), new metrics.SSIM({ dataRange: 1 })]
  p.update(x, y)
  s.update(x, y)
  // A variance of about 0.1 is a difference of sums of 121 products in f32, and SSIM a quotient of such.
  near(await p.compute(), psnr, 1e-6)
  near(await s.compute(), ssim, 2e-5)
  x.dispose()
  y.dispose()
})
