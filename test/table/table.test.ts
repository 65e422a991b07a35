// Steps against scikit-learn's (test/golden/tables.py), and pipelines: fitted to the training rows alone, saved, loaded, with what is wrong named.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  bin,
  clip,
  impute,
  log1p,
  minMax,
  oneHot,
  ordinal,
  robust,
  type Step,
  standardize,
  type Table,
  TablePipeline,
  targetEncode,
} from '#lib/table/index.js'

const golden: any = JSON.parse(readFileSync(new URL('../golden/tables.json', import.meta.url), 'utf8'))
const column = (values: (number | null)[]): Float64Array => Float64Array.from(values, (v) => v ?? Number.NaN)
/** Features are f32: half a unit of its last place, of the number or of what it was taken from. */
const near = (found: Float32Array, wanted: (number | null)[], size = 1): void => {
  expect(found.length).toBe(wanted.length)
  for (const [i, value] of wanted.entries())
    if (value === null) expect(found[i]).toBeNaN()
    else
      expect(Math.abs((found[i] as number) - value)).toBeLessThanOrEqual(
        2 ** -24 * Math.max(size, Math.abs(value)) + 1e-12,
      )
}
const of = (
  steps: Step[],
  fitted: Table[string],
  applied: Table[string] = fitted,
  target: number[] | null = null,
): Float32Array => new TablePipeline({ x: steps }).fit({ x: fitted }, target).transform({ x: applied }).data

describe('as scikit-learn', () => {
  const [gaps, fresh] = [column(golden.gaps), column(golden.new)]
  it.each([
    ['standardize', standardize()],
    ['minMax', minMax({ low: -1, high: 1 })],
    ['robust', robust({ quantiles: [0.1, 0.8] })],
  ] as const)('%s', (name, step) => {
    near(of([step], gaps), golden[name][0])
    near(of([step], gaps, fresh), golden[name][1])
    const pipeline = new TablePipeline({ x: [step] }).fit({ x: gaps })
    const back = pipeline.inverse('x', pipeline.transform({ x: fresh }).data)
    // A feature is (v - center) / scale rounded to f32, and centers are below 20.
    for (const [i, v] of fresh.entries())
      expect(Math.abs((back[i] as number) - v)).toBeLessThan(2 ** -24 * (Math.abs(v) + 20))
  })

  it('impute', () => {
    const rounded = gaps.map(Math.round)
    near(of([impute('mean')], rounded), golden.impute_mean, 20)
    near(of([impute('median')], rounded), golden.impute_median)
    near(of([impute('mostFrequent')], rounded), golden.impute_most_frequent)
  })

  it.each(['uniform', 'quantile'] as const)('bin %s', (strategy) => {
    const x = column(golden.x)
    near(of([bin({ bins: 5, strategy })], x), golden[`bin_${strategy}`][0])
    near(of([bin({ bins: 5, strategy })], x, fresh), golden[`bin_${strategy}`][1])
  })

  it('one-hot and ordinal', () => {
    near(of([oneHot({ unknown: 'ignore' })], golden.words), golden.oneHot[0].flat())
    near(of([oneHot({ unknown: 'ignore' })], golden.words, golden.unseen), golden.oneHot[1].flat())
    near(of([ordinal()], golden.words), golden.ordinal)
  })

  it.each(['target_auto', 'target_5.0', 'clicks_auto', 'clicks_5.0'])('target encoding %s', (name) => {
    const [what, smooth] = name.split('_') as [string, string]
    const step = targetEncode({ smooth: smooth === 'auto' ? 'auto' : Number(smooth) })
    const [crossed, unseen] = golden[`encode_${name}`]
    near(of([step], golden.words, golden.unseen, golden[what]), unseen)
    // Its folds of two classes are stratified, ours are not.
    if (what === 'target') {
      const pipeline = new TablePipeline({ x: [step] })
      near(pipeline.fitTransform({ x: golden.words }, golden[what], { folds: 4, seed: null }).data, crossed)
      near(pipeline.transform({ x: golden.unseen }).data, unseen)
    }
  })
})

describe('other steps', () => {
  it('clip by bounds, quantiles, quartiles and deviations', () => {
    const x = [0, 1, 2, 3, 100]
    expect([...of([clip({ low: 1, high: 2 })], x)]).toEqual([1, 1, 2, 2, 2])
    expect([...of([clip({ quantiles: [0.25, 0.75] })], x)]).toEqual([1, 1, 2, 3, 3])
    expect([...of([clip({ iqr: 1.5 })], x)]).toEqual([0, 1, 2, 3, 6])
    const bound = 21.2 + Math.sqrt(x.reduce((sum, v) => sum + (v - 21.2) ** 2, 0) / 5)
    expect(of([clip({ zScore: 1 })], x)[4]).toBeCloseTo(bound, 4)
    expect(() => clip({ iq: 2 } as never)).toThrow("no such option: 'iq'")
  })

  it('impute with an indicator, and of words', () => {
    const pipeline = new TablePipeline({
      x: [impute('median', { indicator: true }), standardize()],
      w: [impute('mostFrequent'), ordinal()],
    })
    const { data, names, shape } = pipeline.fitTransform({ x: [1, Number.NaN, 3], w: ['b', null, 'a'] })
    expect(names).toEqual(['x', 'x_missing', 'w'])
    expect(shape).toEqual([3, 3])
    expect([data[3], data[4], data[5]]).toEqual([0, 1, 0])
    expect(() => of([impute('mean')], ['a', null])).toThrow("choose 'mostFrequent' or { constant }")
    expect(() => of([impute('mean')], [Number.NaN])).toThrow('all values are missing')
    expect([...of([impute({ constant: -1 })], [Number.NaN, 2])]).toEqual([-1, 2])
  })

  it('rare categories share a column, numbers are in order of size', () => {
    const pipeline = new TablePipeline({ x: [oneHot({ minCount: 2, unknown: 'ignore' })] }).fit({
      x: ['a', 'a', 'b', 'c'],
    })
    expect(pipeline.transform({ x: ['c', 'a', 'z'] })).toMatchObject({ names: ['x_a', 'x_infrequent'], shape: [3, 2] })
    expect([...pipeline.transform({ x: ['c', 'a', 'z'] }).data]).toEqual([0, 1, 1, 0, 0, 0])
    expect([...of([ordinal()], [10, 9, 100])]).toEqual([1, 0, 2])
    expect([...of([ordinal({ order: ['low', 'high'] })], ['high', 'low'])]).toEqual([1, 0])
  })

  it('log1p there and back', () => {
    const pipeline = new TablePipeline({ x: [log1p(), standardize()] }).fit({ x: [0, 9, 99] })
    const back = pipeline.inverse('x', pipeline.transform({ x: [5] }).data)
    expect(back[0]).toBeCloseTo(5, 5)
    expect(() => of([log1p()], [-2])).toThrow('a value is -2')
  })
})

describe('TablePipeline', () => {
  const table: Table = { age: [20, Number.NaN, 60, 30], job: ['cook', 'nurse', 'cook', 'pilot'], unused: [1, 2, 3, 4] }
  const make = (): TablePipeline =>
    new TablePipeline({
      age: [impute('mean'), standardize()],
      job: [oneHot({ unknown: 'ignore' })],
    })

  it('is the same after a state went through JSON', () => {
    const fitted = make().fit(table)
    const loaded = make().load(JSON.parse(JSON.stringify(fitted.state())))
    const other: Table = { age: [41], job: ['nurse'] }
    expect(loaded.transform(other)).toEqual(fitted.transform(other))
    expect(loaded.transform(other).names).toEqual(['age', 'job_cook', 'job_nurse', 'job_pilot'])
  })

  it('knows the training rows only', () => {
    const fitted = make().fit(table)
    const before = JSON.stringify(fitted.state())
    fitted.transform({ age: [1e9], job: ['diver'] })
    expect(JSON.stringify(fitted.state())).toBe(before)
  })

  it('does not let a row see its own target', () => {
    // Every row a category of its own: a row's encoding is the mean of the others' targets.
    const x = Array.from({ length: 20 }, (_, i) => `id${i}`)
    const target = Array.from({ length: 20 }, (_, i) => i)
    const pipeline = new TablePipeline({ x: [targetEncode({ smooth: 0 })] })
    const crossed = pipeline.fitTransform({ x }, target, { folds: 20 })
    for (const [i, value] of crossed.data.entries()) expect(value).toBeCloseTo((190 - i) / 19, 4)
    expect([...pipeline.transform({ x }).data]).toEqual(target)
    expect(() => pipeline.fitTransform({ x }, target, { folds: 21 })).toThrow('folds is 21, expected 2 to 20')
  })

  it('refits what looks at the target only, whatever follows it', () => {
    const x = Array.from({ length: 12 }, (_, i) => `id${i}`)
    const target = Array.from({ length: 12 }, (_, i) => i)
    // A job that occurs once is in no other fold.
    const job = x.map((_, i) => (i === 3 ? 'rare' : 'usual'))
    const pipeline = new TablePipeline({ x: [targetEncode({ smooth: 0 }), bin({ bins: 3 })], job: [oneHot()] })
    const crossed = pipeline.fitTransform({ x, job }, target, { folds: 4 })
    expect(crossed.names).toEqual(['x', 'job_rare', 'job_usual'])
    expect(crossed.data[3 * 3 + 1]).toBe(1)
    const steps = new TablePipeline({
      x: [targetEncode({ smooth: 0 }), bin({ bins: 3 }), oneHot({ unknown: 'ignore' })],
    })
    const leaking = steps.fit({ x }, target).transform({ x })
    expect([...steps.fitTransform({ x }, target, { folds: 4 }).data]).not.toEqual([...leaking.data])
  })

  it('standardizes a column that is constant but for rounding to zeros', () => {
    for (const v of [0.1, 1e8 / 3])
      for (const found of of([standardize()], new Array(7).fill(v))) expect(Math.abs(found)).toBeLessThan(1e-6)
  })

  it('refuses what would give wrong numbers', () => {
    expect(() => of([standardize()], [1, Number.POSITIVE_INFINITY])).toThrow('row 1 is Infinity')
    expect(() => clip({ low: 0 } as never)).toThrow('low is 0, high undefined')
    expect(() => clip({ low: 0, high: Number.POSITIVE_INFINITY })).toThrow('expected finite numbers')
    expect(() => clip({ iqr: -1 })).toThrow('iqr is -1')
    expect(() => clip({ iqr: 1, zScore: 1 } as never)).toThrow('found iqr, zScore')
    expect(() => of([clip({ iqr: 1 })], [Number.NaN])).toThrow('all values are missing')
    expect(() => ordinal({ order: ['a', 'b', 'a'] })).toThrow("'a' is in the order twice")
    expect(() => of([targetEncode()], ['a', 'b'], ['a'], [1, Number.NaN])).toThrow('the target of row 1 is NaN')
    expect(() => oneHot({ minCont: 2 } as never)).toThrow('no such option: \'minCont\'; did you mean "minCount"?')
    expect(() => impute('mean', { indicatr: true } as never)).toThrow("no such option: 'indicatr'")
    expect(() => new TablePipeline({ x: standardize() } as never)).toThrow('the steps of x are no list')
    const state = { format: 1, columns: { x: [{ kind: 'standardize', state: { center: 'a' } }] } }
    expect(() => new TablePipeline({ x: [standardize()] }).load(state as never)).toThrow(
      'standardize of x: state.center',
    )
  })

  it('says what is wrong', () => {
    const fitted = make().fit(table)
    expect(() => make().transform(table)).toThrow('not fitted yet')
    expect(() => make().fit({ age: [1], jib: ['a'] })).toThrow('no column \'job\'; did you mean "jib"?')
    expect(() => make().fit({ age: [1, 2], job: ['a'] })).toThrow('column age has 2 rows, job has 1')
    expect(() => make().fit({ age: [], job: [] })).toThrow('the table has no rows')
    expect(() => make().fit(table, [1])).toThrow('1 targets for 4 rows')
    expect(() => of([targetEncode()], ['a'])).toThrow('there is no target')
    expect(() => of([standardize()], ['a'])).toThrow('row 0 is "a", expected a number')
    expect(() => of([oneHot()], ['apple'], ['appel'])).toThrow('\'appel\'; did you mean "apple"?')
    expect(() => of([oneHot()], ['a'], [null])).toThrow('row 0 is missing; fill gaps before with impute()')
    expect(() => new TablePipeline({ x: [oneHot(), standardize()] })).toThrow('it comes last')
    expect(() => new TablePipeline({})).toThrow('no columns')
    expect(() => fitted.inverse('job', [1])).toThrow('oneHot of job has no way back')
    expect(() => new TablePipeline({ age: [standardize()] }).load(fitted.state())).toThrow(
      "a column 'job' that this pipeline does not",
    )
    expect(() => new TablePipeline({ age: [minMax()], job: [oneHot()] }).load(fitted.state())).toThrow(
      "the steps of 'age' are impute, standardize in the state, minMax here",
    )
    expect(() => make().load({ format: 2 } as never)).toThrow('TablePipeline.load: format')
  })
})
