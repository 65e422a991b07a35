// The profiler: what is recorded, ranges and modules, the trace, errors, promises, threads.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type ChromeTrace,
  conv2d,
  engine,
  linear,
  matmul,
  noGrad,
  type Profile,
  profile,
  randn,
  scaledDotProductAttention,
  scope,
  type Tensor,
  tensor,
} from '#lib/index.js'
import { Linear, ReLU, Sequential } from '#lib/nn/index.js'

/** Only what the tests make: the setup's own commands, as freeing, are none. */
const operators = (p: Profile): string[] => p.operators.map(({ operator }) => operator)
const quietly = <T>(fn: () => T): T => noGrad(() => scope(fn))

/** A promise and what resolves it. */
function gate(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

/** Events of a row either nest or follow one another. */
function expectNested(trace: ChromeTrace): void {
  const rows = new Map<number, { ts: number; end: number; name: string }[]>()
  for (const e of trace.traceEvents) {
    if (e.ph !== 'X') continue
    const [ts, dur] = [e.ts as number, e.dur as number]
    expect(dur).toBeGreaterThanOrEqual(0)
    if (!rows.has(e.tid)) rows.set(e.tid, [])
    rows.get(e.tid)?.push({ ts, end: ts + dur, name: e.name })
  }
  // Microseconds rounded to the nanosecond.
  const eps = 2e-3
  for (const events of rows.values()) {
    events.sort((a, b) => a.ts - b.ts || b.end - a.end)
    const open: { end: number; name: string }[] = []
    for (const e of events) {
      while (open.length > 0 && (open.at(-1) as { end: number }).end <= e.ts + eps) open.pop()
      const outer = open.at(-1)
      if (outer && e.end > outer.end + eps) throw new Error(`${e.name} begins in ${outer.name} and ends after it`)
      open.push(e)
    }
  }
}

describe('profile', () => {
  it('records the commands of a function, in order, with what they moved and computed', () =>
    quietly(() => {
      const [a, b] = [randn([4, 8]), randn([8, 16])]
      const p = profile(() => {
        const c = matmul(a, b)
        return c.relu()
      })
      expect(p.result.shape).toEqual([4, 16])
      expect(p.operators.map(({ operator, kernel }) => [operator, kernel])).toEqual([
        ['matmul', 'matmul'],
        ['relu', 'relu'],
      ])
      const [product, relu] = p.operators
      expect(product).toMatchObject({ bytes: 4 * (32 + 128 + 64), flops: 2 * 4 * 8 * 16, failed: false })
      expect(product?.operands.map((t) => t?.shape)).toEqual([
        [4, 8],
        [8, 16],
      ])
      expect(product?.results).toEqual([{ dtype: 'f32', shape: [4, 16] }])
      expect(relu).toMatchObject({ bytes: 2 * 4 * 64, flops: null })
      // On one clock: what ran is inside of what was measured.
      for (const { start, ms } of p.operators) {
        expect(start).toBeGreaterThanOrEqual(0)
        expect(start + ms).toBeLessThanOrEqual(p.ms)
      }
      expect(relu?.start).toBeGreaterThanOrEqual((product?.start ?? 0) + (product?.ms ?? 0))
      expect(p.peakBytes).toBeGreaterThanOrEqual(4 * (32 + 128 + 64 + 64))
    }))

  it('records nothing before and after', () =>
    quietly(() => {
      const x = randn([3])
      x.exp()
      const p = profile(() => x.sin())
      x.cos()
      expect(operators(p)).toEqual(['sin'])
      expect(operators(profile(() => 1))).toEqual([])
    }))

  it('counts operations of layers, convolutions and attention', () =>
    scope(() => {
      const image = randn([2, 6, 9, 9])
      const weight = randn([4, 3, 3, 3]).requiresGrad_()
      const q = randn([2, 3, 5, 8])
      const p = profile(() => {
        linear(randn([7, 5]), randn([3, 5]))
        conv2d(image.requiresGrad_(), weight, null, { groups: 2 }).sum().backward()
        scaledDotProductAttention(q, randn([2, 3, 7, 8]), randn([2, 3, 7, 8]))
        scaledDotProductAttention(q, randn([2, 3, 7, 8]), randn([2, 3, 7, 8]), { causal: 'upperLeft' })
      })
      const flops = (kernel: string): (number | null)[] =>
        p.operators.filter((e) => e.kernel === kernel).map((e) => e.flops)
      expect(flops('matmul')).toEqual([2 * 7 * 5 * 3])
      const conv = 2 * (2 * 4 * 7 * 7) * 27
      expect(flops('conv')).toEqual([conv])
      expect(flops('convInputGrad')).toEqual([conv])
      expect(flops('convWeightGrad')).toEqual([conv])
      // 35 pairs of a query and a key, and without those behind the diagonal 15.
      expect(flops('attention')).toEqual([4 * 6 * 8 * 35, 4 * 6 * 8 * 15])
    }))

  it('has commands that fail, and leaves their errors to the reads', async () => {
    const index = tensor(BigInt64Array.of(7n))
    const table = randn([3, 2])
    const p = profile(() => table.indexSelect(0, index).add(1))
    expect(p.operators.map(({ operator, failed }) => [operator, failed])).toEqual([
      ['indexSelect', true],
      ['add', true],
    ])
    expect(p.table()).toMatch(/indexSelect \(1 failed\)/)
    await expect(p.result.data()).rejects.toThrow(/indexSelect/)
    for (const t of [index, table, p.result]) t.dispose()
    await engine.sync()
  })

  it('ends when the function throws, or its promise rejects', async () => {
    const no = (): never => {
      throw new Error('no')
    }
    expect(() => profile(no)).toThrow('no')
    await expect(profile(async () => no())).rejects.toThrow('no')
    expect(operators(profile(() => quietly(() => randn([2]).exp())))).toContain('exp')
  })

  it('refuses a second one in the same thread, whether inside or meanwhile', async () => {
    expect(() => profile(() => profile(() => 1))).toThrow(/already; wait for it to end/)
    let go = (): void => {}
    const first = profile(
      () =>
        new Promise<void>((resolve) => {
          go = resolve
        }),
    )
    expect(() => profile(() => 1)).toThrow(expect.objectContaining({ code: 'SINTER_VALUE' }))
    go()
    await first
    expect(profile(() => 1).result).toBe(1)
  })
})

describe('ranges', () => {
  it('nest, and name what is issued in them', () =>
    quietly(() => {
      const x = randn([8])
      const p = profile(() => {
        profile.range('outer', () => {
          x.exp()
          profile.range('inner', () => x.sin())
        })
        return x.cos()
      })
      expect(p.operators.map((e) => [e.operator, e.ranges.map(({ name }) => name)])).toEqual([
        ['exp', ['outer']],
        ['sin', ['outer', 'inner']],
        ['cos', []],
      ])
      const [outer, inner] = p.ranges
      expect([outer?.name, inner?.name]).toEqual(['outer', 'inner'])
      expect(outer?.start).toBeLessThanOrEqual(inner?.start as number)
      expect((outer?.start ?? 0) + (outer?.ms ?? 0)).toBeGreaterThanOrEqual((inner?.start ?? 0) + (inner?.ms ?? 0))
      expect(inner?.executed?.ms).toBeGreaterThanOrEqual(p.operators[1]?.ms as number)
      const by = new Map(p.summary({ by: 'range' }).map((line) => [line.name, line]))
      expect(by.get('outer')?.ms).toBeCloseTo((p.operators[0]?.ms ?? 0) + (p.operators[1]?.ms ?? 0), 9)
      expect(by.get('outer')?.selfMs).toBe(p.operators[0]?.ms)
      expectNested(p.chromeTrace())
    }))

  it('give back what their function does, and end with it when it throws', async () => {
    expect(profile.range('nobody listens', () => 5)).toBe(5)
    const p = profile(() => {
      expect(() =>
        profile.range('fails', () => {
          throw new Error('no')
        }),
      ).toThrow('no')
      return profile.range('works', () => 6)
    })
    expect(p.result).toBe(6)
    expect(p.ranges.map(({ name }) => name)).toEqual(['fails', 'works'])
    expect(p.ranges.every(({ ms }) => ms >= 0)).toBe(true)
  })

  it('last until their promises settle, and may overlap', async () => {
    const x = randn([4])
    const gates = [gate(), gate()] as const
    const made: Tensor[] = []
    const p = await profile(async () => {
      const a = profile.range('a', async () => {
        await gates[0].promise
        made.push(x.exp())
      })
      const b = profile.range('b', async () => {
        await gates[1].promise
        made.push(x.sin())
      })
      gates[0].resolve()
      await a
      gates[1].resolve()
      await b
    })
    expect(p.ranges.map(({ name, async }) => [name, async])).toEqual([
      ['a', true],
      ['b', true],
    ])
    // Both are open while the first computes.
    expect(p.operators.map((e) => [e.operator, e.ranges.map(({ name }) => name)])).toEqual([
      ['exp', ['a', 'b']],
      ['sin', ['b']],
    ])
    const trace = p.chromeTrace()
    expect(trace.traceEvents.filter(({ ph }) => ph === 'b' || ph === 'e')).toHaveLength(4)
    expectNested(trace)
    for (const t of [x, ...made]) t.dispose()
  })

  it('are modules too, by their paths or classes, and backward passes', () =>
    scope(() => {
      const model = new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 2))
      const x = randn([5, 3])
      const p = profile(() => model.call(x).sum().backward(), { model })
      expect(p.ranges.map(({ name, kind }) => [name, kind])).toEqual([
        ['Sequential', 'module'],
        ['0', 'module'],
        ['1', 'module'],
        ['2', 'module'],
        ['backward', 'backward'],
      ])
      const products = p.operators.filter(({ operator }) => operator === 'linear')
      expect(products.map((e) => e.ranges.map(({ name }) => name))).toEqual([
        ['Sequential', '0'],
        ['Sequential', '2'],
      ])
      expect(p.operators.some((e) => e.ranges[0]?.kind === 'backward' && e.kernel === 'linearBackward')).toBe(true)
      const unnamed = profile(() => noGrad(() => model.call(x)))
      expect(unnamed.ranges.map(({ name }) => name)).toEqual(['Sequential', 'Linear', 'ReLU', 'Linear'])
      model.dispose()
    }))
})

describe('what it shows', () => {
  let folder: string | undefined
  afterEach(async () => {
    if (folder) await rm(folder, { recursive: true })
    folder = undefined
  })

  const measured = (): Profile =>
    quietly(() => {
      const [x, w] = [randn([64, 64]), randn([64, 64])]
      return profile(() =>
        profile.range('products', () => {
          for (let i = 0; i < 3; i++) matmul(x, w)
          matmul(x, w.narrow(1, 0, 8)).exp()
        }),
      )
    })

  it('a table of operators, of shapes, or of ranges, whose totals are the events’', () => {
    const p = measured()
    const [first] = p.summary()
    const total = p.operators.reduce((sum, { ms }) => sum + ms, 0)
    expect(p.summary().map(({ name, calls }) => [name, calls])).toEqual(
      expect.arrayContaining([
        ['matmul', 4],
        ['exp', 1],
      ]),
    )
    expect(p.summary().reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(total, 9)
    expect(total).toBeLessThanOrEqual(p.ms)
    expect(first?.ms).toBeGreaterThanOrEqual(p.summary().at(-1)?.ms as number)
    expect(
      p
        .summary({ by: 'shape' })
        .map(({ calls }) => calls)
        .sort(),
    ).toEqual([1, 1, 3])
    expect(p.summary({ by: 'range' })).toMatchObject([{ name: 'products', calls: 1, kernel: null }])
    const table = p.table()
    expect(table.split('\n')[0]).toMatch(/^operator +kernel +calls +ms +% +us a call +GB\/s +GFLOP\/s$/)
    expect(table).toMatch(/^matmul +matmul +4 /m)
    expect(table).toMatch(/5 commands, [\d.]+ ms of execution in [\d.]+ ms$/)
    expect(p.table({ rows: 1 })).toMatch(/\.\.\. and 1 more/)
    expect(p.table({ by: 'range' })).toMatch(/^products +1 /m)
    expect(() => p.summary({ by: 'colour' as 'shape' })).toThrow(/by is colour/)
  })

  it('a trace that parses, with rows, arguments and memory', async () => {
    folder = await mkdtemp(join(tmpdir(), 'sinter-profile-'))
    const p = measured()
    const path = join(folder, 'trace.json')
    await p.export(path)
    const trace = JSON.parse(await readFile(path, 'utf8')) as ChromeTrace
    expect(trace).toEqual(JSON.parse(JSON.stringify(p.chromeTrace())))
    expectNested(trace)
    const of = (ph: string) => trace.traceEvents.filter((e) => e.ph === ph)
    const names = of('M').map((e) => e.args?.['name'])
    expect(names).toEqual(expect.arrayContaining(['sinter', 'javascript', 'ranges, as executed']))
    const product = of('X').find((e) => e.name === 'matmul')
    expect(product?.args).toMatchObject({
      kernel: 'matmul',
      shapes: '(64, 64) (64, 64) -> (64, 64)',
      flops: 2 * 64 ** 3,
      in: 'products',
    })
    expect(of('C')).toHaveLength(p.operators.length)
    for (const e of of('C')) expect(e.args?.['live bytes']).toBeGreaterThan(0)
    for (const e of [...of('X'), ...of('C')]) expect(Number.isFinite(e.ts)).toBe(true)
  })
})

it('each worker thread profiles for itself', async () => {
  const run = `
    import { parentPort } from 'node:worker_threads'
    import { matmul, noGrad, profile, randn } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)}
    const p = noGrad(() => profile(() => matmul(randn([8, 8]), randn([8, 8])).exp()))
    parentPort.postMessage([p.operators.map((e) => e.operator), p.chromeTrace().traceEvents.length])
  `
  const x = randn([4])
  const inside = await profile(async () => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(run)}`))
    const answer = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    await worker.terminate()
    const y = x.sin()
    y.dispose()
    return answer as [string[], number]
  })
  expect(inside.result[0]).toEqual(
    ['randn', 'randn', 'matmul', 'exp'].map((name) => expect.stringMatching(name === 'randn' ? /n/ : name)),
  )
  expect(operators(inside)).toEqual(['sin'])
  x.dispose()
})
