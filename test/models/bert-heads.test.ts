// BERT's heads beside parity: files of other models, the loss without logits, labels, what is refused.
import { describe, expect, it } from 'vitest'
import { noGrad, randint, randn, scope, type Tensor, tensor, zeros } from '#lib/index.js'
import {
  Bert,
  BertForMaskedLM,
  BertForNextSentencePrediction,
  BertForPreTraining,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  type BertTaskConfig,
} from '#lib/models/index.js'

const TINY: BertTaskConfig = { vocabSize: 11, positions: 8, channels: 8, layers: 1, heads: 2 }

const numbers = (t: Tensor): number[] => [...(t.dataSync() as Float32Array)]
const words = (...rows: number[][]): Tensor =>
  tensor(Int32Array.from(rows.flat()), { shape: [rows.length, (rows[0] as number[]).length] })

describe('BERT’s heads', () => {
  it('take a pre-training file as it is published: without tied tensors, with old names, with more than a task needs', () => {
    const source = new BertForPreTraining(TINY)
    const file = new Map<string, Tensor>()
    for (const [name, t] of source.stateDict()) {
      if (!name.includes('.decoder.')) file.set(name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma'), t)
    }
    file.set('bert.embeddings.position_ids', zeros([1, 8], { dtype: 'i64' }))
    const model = new BertForMaskedLM(TINY)
    expect(model.loadStateDict(file)).toEqual({ missing: [], unexpected: [] })
    expect(new BertForPreTraining(TINY).loadStateDict(file)).toEqual({ missing: [], unexpected: [] })
    expect(new BertForNextSentencePrediction(TINY).loadStateDict(file)).toEqual({ missing: [], unexpected: [] })
    const tokens = randint(0, 11, [2, 5])
    noGrad(() =>
      scope(() => {
        expect(numbers(model.call(tokens).logits)).toEqual(numbers(source.call(tokens).predictionLogits))
      }),
    )
    // A task begins with what the file knows of the encoder.
    const task = new BertForTokenClassification(TINY, { classes: 5 })
    expect(() => task.loadStateDict(file)).toThrow(/missing: classifier\.weight, classifier\.bias/)
    expect(task.bert.loadStateDict(file)).toEqual({ missing: [], unexpected: [] })
    file.set('cls.predictions.other.bias', zeros([8]))
    expect(() => model.loadStateDict(file)).toThrow(/unexpected: cls\.predictions\.other\.bias/)
    file.set('bert.encoder.layer.1.output.dense.bias', zeros([8]))
    expect(() => model.loadStateDict(file)).toThrow(/bert\.encoder\.layer\.1\.output\.dense\.bias/)
  })

  it('share the words’ embeddings with the last layer', () => {
    const { bert, cls } = new BertForMaskedLM(TINY)
    expect(cls.predictions.decoder.weight).toBe(bert.embeddings.wordEmbeddings.weight)
    expect(cls.predictions.decoder.bias).toBe(cls.predictions.bias)
    expect(() => cls.call()).toThrow(/call the head you want/)
  })

  it('have the same loss and gradients without the logits', () =>
    scope(() => {
      const tokens = words([1, 5, 3, 7], [4, 9, 6, 0])
      const labels = words([-100, 5, -100, 2], [8, -100, -100, -100])
      const mask = words([1, 1, 1, 1], [1, 1, 1, 0])
      const next = words([1, 0]).reshape([2])
      const masked = new BertForMaskedLM(TINY).to('f64')
      const pretraining = new BertForPreTraining(TINY).to('f64')
      const pairs: [BertForMaskedLM | BertForPreTraining, () => Tensor, () => Tensor][] = [
        [
          masked,
          () => masked.call(tokens, { mask, labels }).loss as Tensor,
          () => masked.loss(tokens, labels, { mask }),
        ],
        [
          pretraining,
          () => pretraining.call(tokens, { mask, labels, nextSentence: next }).loss as Tensor,
          () => pretraining.loss(tokens, labels, next, { mask }),
        ],
      ]
      for (const [model, whole, chunked] of pairs) {
        const [a, b] = [whole, chunked].map((loss) => {
          model.zeroGrad()
          const made = loss()
          made.backward()
          return [...numbers(made.reshape([1])), ...[...model.parameters()].flatMap((p) => numbers(p.grad as Tensor))]
        }) as [number[], number[]]
        expect(a.length).toBe(b.length)
        // The same sums in other orders: some 100 additions of numbers around 1.
        for (const [i, value] of a.entries()) expect(Math.abs(value - (b[i] as number))).toBeLessThan(100 * 2 ** -52)
        model.zeroGrad()
      }
    }))

  it('give logits alone without labels', () => {
    const tokens = randint(0, 11, [2, 5])
    noGrad(() =>
      scope(() => {
        const { logits, loss } = new BertForSequenceClassification(TINY, { classes: 3 }).call(tokens)
        expect([logits.shape, loss]).toEqual([[2, 3], null])
        const half = new BertForPreTraining(TINY).call(tokens, { labels: zeros([2, 5], { dtype: 'i32' }) })
        expect(half.loss).toBe(null)
        const span = new BertForQuestionAnswering(TINY).call(tokens)
        expect([span.startLogits.shape, span.endLogits.shape, span.loss]).toEqual([[2, 5], [2, 5], null])
      }),
    )
  })

  it('take a number’s labels as (b) and (b, 1)', () => {
    const model = new BertForSequenceClassification(TINY, { classes: 1 })
    const tokens = randint(0, 11, [2, 5])
    const labels = randn([2])
    const loss = (t: Tensor): number[] =>
      noGrad(() => numbers((model.call(tokens, { labels: t }).loss as Tensor).reshape([1])))
    expect(loss(labels)).toEqual(loss(labels.reshape([2, 1])))
  })

  it('drop out before the classifier in training alone', () => {
    const model = new BertForSequenceClassification(TINY, { dropout: 0.5 })
    const tokens = randint(0, 11, [2, 5])
    const run = (): number[] => noGrad(() => numbers(model.call(tokens).logits))
    expect(run()).not.toEqual(run())
    model.eval()
    expect(run()).toEqual(run())
    expect(new BertForTokenClassification({ ...TINY, dropout: 0.25 }).dropout.p).toBe(0.25)
  })

  it('refuse other labels and options', () => {
    const tokens = zeros([2, 5], { dtype: 'i32' })
    const ids = (...shape: number[]): Tensor => zeros(shape, { dtype: 'i32' })
    expect(() => new BertForMaskedLM(TINY).call(tokens, { labels: ids(2, 4) })).toThrow(
      /BertForMaskedLM: takes labels \(2, 5\), found \(2, 4\)/,
    )
    expect(() => new BertForPreTraining(TINY).call(tokens, { labels: ids(2, 5), nextSentence: ids(3) })).toThrow(
      /takes nextSentence \(2\), found \(3\)/,
    )
    const sentences = new BertForSequenceClassification(TINY, { classes: 3 })
    expect(() => sentences.call(tokens, { labels: ids(2, 3) })).toThrow(/takes labels \(2\), found \(2, 3\)/)
    expect(() => sentences.call(tokens, { labels: zeros([2]) })).toThrow(/takes labels \(2, 3\), found \(2\)/)
    expect(() => new BertForQuestionAnswering(TINY).call(tokens, { starts: ids(2), ends: ids(2, 5) })).toThrow(
      /takes ends \(2\), found \(2, 5\)/,
    )
    expect(() => new BertForTokenClassification(TINY, { classes: 0 })).toThrow(/classes is 0/)
    const mistyped = { clases: 3 } as object
    expect(() => new BertForTokenClassification(TINY, mistyped)).toThrow(
      /no such option: 'clases'; did you mean "classes"/,
    )
    const config = { ...TINY, layer: 2 }
    expect(() => new Bert(config)).toThrow(/Bert: no such option: 'layer'; did you mean "layers"/)
  })
})
