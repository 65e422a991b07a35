// Metrics beyond the reference tools: worked examples, edges, errors, and how batches, processes and resets come together.
import { describe, expect, it } from 'vitest'
import { Random } from '#lib/data/index.js'
import { tensor } from '#lib/index.js'
import * as metrics from '#lib/metrics/index.js'

describe('texts', () => {
  it('word and character errors', async () => {
    expect(metrics.align([...'kitten'], [...'sitting'])).toEqual({
      substitutions: 2,
      deletions: 0,
      insertions: 1,
      hits: 4,
    })
    expect(metrics.align(['a', 'b', 'c'], [])).toEqual({ substitutions: 0, deletions: 3, insertions: 0, hits: 0 })
    expect(metrics.align([], ['a'])).toEqual({ substitutions: 0, deletions: 0, insertions: 1, hits: 0 })
    const wer = new metrics.WordErrorRate()
    wer.update(['the cat sat on the mat', 'hello world'], ['the cat sit on mat', 'hello  beautiful world'])
    expect(await wer.compute()).toBeCloseTo(3 / 8, 12)
    expect(wer.counts).toEqual({ substitutions: 1, deletions: 1, insertions: 1, hits: 6 })
    const cer = new metrics.CharacterErrorRate()
    cer.update(['naïve'], ['naive'])
    expect(await cer.compute()).toBeCloseTo(1 / 5, 12)
    await expect(new metrics.WordErrorRate().compute()).rejects.toThrow('the references are empty')
    expect(() => wer.update(['a'], [])).toThrow('1 references for 0 hypotheses')
  })

  it("ROUGE, by Lin's example of 2004", async () => {
    // "police killed the gunman": two of three candidates share all words but one, in and out of order.
    const reference = 'police killed the gunman'
    expect(metrics.rouge('rougeL', reference, 'police kill the gunman').recall).toBeCloseTo(3 / 4, 12)
    expect(metrics.rouge('rougeL', reference, 'the gunman kill police').recall).toBeCloseTo(2 / 4, 12)
    expect(metrics.rouge('rouge2', reference, 'police kill the gunman').recall).toBeCloseTo(1 / 3, 12)
    expect(metrics.rouge('rouge1', reference, 'Police, the gunman!')).toEqual({
      precision: 1,
      recall: 3 / 4,
      f1: 6 / 7,
    })
    // His of a union of subsequences: w1 w2 w3 w4 w5 against w1 w2 w6 w7 w8 and w1 w3 w8 w9 w5 has w1 w2 w3 w5.
    expect(metrics.rouge('rougeLsum', 'w1 w2 w3 w4 w5', 'w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5').recall).toBeCloseTo(4 / 5, 12)
    const metric = new metrics.Rouge('rougeL')
    metric.update([reference, reference], ['police kill the gunman', 'the gunman kill police'])
    expect((await metric.compute()).recall).toBeCloseTo(5 / 8, 12)
    expect(metrics.rouge('rougeL', '', 'a')).toEqual({ precision: 0, recall: 0, f1: 0 })
    expect(() => new metrics.Rouge('rouge3' as 'rouge1')).toThrow(
      "expected 'rouge1', 'rouge2', 'rougeL' or 'rougeLsum'",
    )
  })

  it('BLEU without a match, and without text', async () => {
    const metric = new metrics.Bleu()
    await expect(metric.compute()).rejects.toThrow('no text')
    metric.update(['a b c'], ['x y z'])
    expect((await metric.compute()).score).toBe(0)
    expect(() => metric.update([[]], ['x'])).toThrow('a hypothesis without a reference')
  })
})

describe('calibration', () => {
  it('is the distance of confidence and accuracy, by bins', async () => {
    // Bin (0.5, 1]: confidences 0.9, 0.8, 0.6, two of three right: |0.7667 - 0.6667|.
    const metric = new metrics.CalibrationError({ bins: 2 })
    metric.update([0, 1, 0], tensor([0.9, 0.1, 0.2, 0.8, 0.4, 0.6], { shape: [3, 2] }))
    expect(await metric.compute()).toBeCloseTo(0.1, 6)
    const worst = new metrics.CalibrationError({ bins: 10, norm: 'max' })
    worst.update([0, 1, 0], tensor([0.9, 0.1, 0.2, 0.8, 0.4, 0.6], { shape: [3, 2] }))
    expect(await worst.compute()).toBeCloseTo(0.6, 6)
  })
})

describe('batches', () => {
  it('are read in the background, in order, from tensors that are disposed of', async () => {
    const metric = new metrics.Mean()
    for (let i = 0; i < 20; i++) {
      const t = tensor([i, i + 1])
      metric.update(t)
      t.dispose()
    }
    expect(await metric.compute()).toBeCloseTo(10, 12)
    metric.update([1], [3])
    expect(await metric.compute()).toBeCloseTo((400 + 3) / 43, 12)
  })

  it('before a reset are forgotten, those still being read too', async () => {
    const metric = new metrics.Accuracy()
    metric.update(tensor([0, 1]), tensor([0, 0]))
    metric.update([5], tensor([0.5, 0.5], { shape: [1, 2] }))
    metric.reset()
    metric.update([1], [1])
    expect(await metric.compute()).toBe(1)
  })

  it('with a mistake are reported by compute', async () => {
    const metric = new metrics.ConfusionMatrix({ classes: 3 })
    metric.update([0, 3], [0, 1])
    await expect(metric.compute()).rejects.toThrow('target 1 is 3, expected a whole number from 0 to 2')
    metric.reset()
    metric.update([0], [2])
    expect(await metric.compute()).toEqual([
      [0, 0, 1],
      [0, 0, 0],
      [0, 0, 0],
    ])
  })

  it('of two processes come together', async () => {
    const [a, b, whole] = Array.from({ length: 3 }, () => new metrics.AUROC()) as [
      metrics.AUROC,
      metrics.AUROC,
      metrics.AUROC,
    ]
    a.update([0, 1, 1], [0.2, 0.4, 0.1])
    b.update([1, 0], [0.9, 0.3])
    whole.update([0, 1, 1, 1, 0], [0.2, 0.4, 0.1, 0.9, 0.3])
    await a.merge(JSON.parse(JSON.stringify(await b.state())))
    expect(await a.compute()).toBe(await whole.compute())
  })
})

interface Ranking {
  update(relevance: number[], scores: number[]): void
  compute(): Promise<number>
}

describe('edges', () => {
  it('of classes', () => {
    const counts = metrics.confusionMatrix([0, 0], [0, 0], 3)
    expect(metrics.precision(counts, { average: 'none' })).toEqual([1, 0, 0])
    expect(metrics.precision(counts, { average: 'macro' })).toBe(1)
    expect(
      metrics.recall(
        [
          [0, 0],
          [0, 0],
        ],
        { zeroDivision: 1 },
      ),
    ).toBe(1)
    expect(metrics.matthewsCorrelation(counts)).toBe(0)
    expect(() => metrics.precision(counts, { average: 'binary' })).toThrow("average 'binary' is for 2 classes, found 3")
    expect(() => metrics.confusionMatrix([], [])).toThrow('no targets')
    expect(() => metrics.confusionMatrix([0], [0, 1])).toThrow('1 targets for 2 predictions')
    expect(() => new metrics.ConfusionMatrix({ classes: 1 })).toThrow('classes is 1')
  })

  it('of states, scores and probabilities that are not what they should be', async () => {
    const [two, three] = [new metrics.ConfusionMatrix({ classes: 2 }), new metrics.ConfusionMatrix({ classes: 3 })]
    await expect(two.merge(await three.state())).rejects.toThrow('9 sums, expected 4')
    two.update([0], tensor([Number.NaN, 1], { shape: [1, 2] }))
    await expect(two.compute()).rejects.toThrow('score 0 is NaN')
    const brier = new metrics.BrierScore()
    brier.update([1], [7])
    await expect(brier.compute()).rejects.toThrow('a probability of item 0 is 7')
  })

  it('counts a recall that is met exactly as COCO does', async () => {
    // 57 of 100 boxes, each found: numpy's 57th step is 0.5700000000000001, which 57 / 100 does not reach.
    const box = (i: number): [number, number, number, number] => [200 * i, 0, 200 * i + 100, 100]
    const metric = new metrics.MeanAveragePrecision()
    const all = Array.from({ length: 100 }, (_, i) => i)
    metric.update(
      [{ boxes: all.map(box), labels: all.map(() => 0) }],
      [
        {
          boxes: all.slice(0, 57).map(box),
          scores: all.slice(0, 57).map((i) => 1 - i / 100),
          labels: all.slice(0, 57).map(() => 0),
        },
      ],
    )
    expect((await metric.compute()).map).toBeCloseTo(57 / 101, 12)
  })

  it('finds boxes without holding up the event loop, and fast', async () => {
    const random = new Random(1)
    const box = (): [number, number, number, number] => {
      const [x, y] = [random.between(0, 600), random.between(0, 400)]
      return [x, y, x + random.between(5, 200), y + random.between(5, 200)]
    }
    const labels = Array.from({ length: 40 }, (_, i) => i % 8)
    const metric = new metrics.MeanAveragePrecision()
    for (let i = 0; i < 100; i++) {
      const boxes = labels.map(box)
      metric.update(
        [{ boxes, labels }],
        [
          {
            boxes: boxes.map((b) => (random.uniform() < 0.5 ? b : box())),
            scores: labels.map(() => random.uniform()),
            labels,
          },
        ],
      )
    }
    let turns = 0
    const counting = setInterval(() => turns++, 1)
    const { map, recallAt1 } = await metric.compute()
    clearInterval(counting)
    expect(map).toBeGreaterThan(0.2)
    expect(recallAt1).toBeLessThan(0.2)
    // 8 classes x 4 ranges of areas are 32 pieces, each of some milliseconds.
    expect(turns).toBeGreaterThan(4)
  })

  it('of scores', async () => {
    expect(() => metrics.rocAuc([1, 1], [0.1, 0.2])).toThrow('all targets are 1')
    expect(() => metrics.rocAuc([0, 1], [0.1, Number.NaN])).toThrow('score 1 is NaN')
    expect(() => metrics.rocAuc([0, 2], [0.1, 0.2])).toThrow('target 1 is 2')
    expect(metrics.averagePrecision([1, 0], [0.5, 0.5])).toBe(0.5)
    const accuracy = new metrics.Accuracy()
    accuracy.update([0], tensor([Number.NaN, 1], { shape: [1, 2] }))
    expect(await accuracy.compute()).toBe(0)
    expect(() => metrics.spearman([1], [])).toThrow('1 targets for 0 predictions')
    expect(metrics.pearson([1, 1], [1, 2])).toBeNaN()
    const r2 = new metrics.R2Score()
    r2.update([2, 2], [2, 2])
    expect(await r2.compute()).toBe(1)
  })

  it('of rankings', async () => {
    const figure = async (metric: Ranking, relevance: number[], scores: number[]): Promise<number> => {
      metric.update(relevance, scores)
      return await metric.compute()
    }
    expect(await figure(new metrics.RecallAtK({ k: 2 }), [1, 0, 1], [3, 2, 1])).toBe(0.5)
    expect(await figure(new metrics.PrecisionAtK({ k: 5 }), [1, 0, 1], [3, 2, 1])).toBeCloseTo(2 / 3, 12)
    expect(await figure(new metrics.HitRate({ k: 1 }), [0, 1], [2, 1])).toBe(0)
    expect(await figure(new metrics.MeanReciprocalRank({ k: 1 }), [0, 1], [2, 1])).toBe(0)
    await expect(figure(new metrics.RecallAtK(), [0, 0], [1, 2])).rejects.toThrow('no query with a relevant item')
    expect(() => new metrics.NDCG({ k: 0 })).toThrow('k is 0')
  })

  it('of boxes and images', async () => {
    expect(metrics.boxIou([0, 0, 2, 2], [1, 1, 3, 3])).toBeCloseTo(1 / 7, 12)
    expect(metrics.boxIou([0, 0, 0, 0], [0, 0, 0, 0])).toBe(0)
    const metric = new metrics.MeanAveragePrecision()
    expect((await metric.compute()).map).toBeNaN()
    expect(() =>
      metric.update([{ boxes: [[2, 0, 1, 1]], labels: [0] }], [{ boxes: [], scores: [], labels: [] }]),
    ).toThrow('expected x0 <= x1 and y0 <= y1')
    expect(() =>
      new metrics.SSIM({ dataRange: 1 }).update(tensor([1], { shape: [1, 1, 1] }), tensor([1], { shape: [1, 1, 1] })),
    ).toThrow('smaller than its window')
    const psnr = new metrics.PSNR({ dataRange: 255 })
    psnr.update(tensor([1, 2], { shape: [1, 1, 2], dtype: 'u8' }), tensor([1, 2], { shape: [1, 1, 2], dtype: 'u8' }))
    expect(await psnr.compute()).toBe(Number.POSITIVE_INFINITY)
    expect(() => new metrics.PSNR({ dataRange: 0 })).toThrow('dataRange is 0')
  })
})

describe('mistyped options', () => {
  it.each([
    ['CalibrationError', { bin: 3 }, 'bins'],
    ['ConfusionMatrix', { clases: 3 }, 'classes'],
    ['Accuracy', { topk: 3 }, 'topK'],
    ['AUROC', { clases: 3 }, 'classes'],
    ['AveragePrecision', { averge: 'macro' }, 'average'],
    ['MeanAveragePrecision', { iouThreshold: [0.5] }, 'iouThresholds'],
    ['PSNR', { datarange: 1 }, 'dataRange'],
    ['SSIM', { range: 1, datarange: 1 }, null],
    ['NDCG', { K: 3 }, 'k'],
    ['Bleu', { lowercas: true }, 'lowercase'],
  ])('%s says what was meant', (name, options, meant) => {
    const Metric = (metrics as unknown as Record<string, new (options: object) => unknown>)[name]
    if (Metric === undefined) throw new Error(`no ${name}`)
    const near = meant === null ? '' : ` did you mean "${meant}"`
    expect(() => new Metric(options)).toThrow(new RegExp(`^${name}: no such option: .*${near}`))
  })
})
