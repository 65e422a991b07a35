// Update rules over ten steps on sum(p^3 / 2) + 0.1 t sum(p), of a matrix and a vector: against torch 2.13 (float64) where torch
// has the rule, else against the rule written out in float64.
import { describe, expect, it } from 'vitest'
import { add, mul, noGrad, pow, sum, type Tensor, tensor, zeros } from '#lib/index.js'
import { Parameter } from '#lib/nn/index.js'
import {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  Adam8bit,
  Adamax,
  AdamW,
  AdamW8bit,
  Lamb,
  Lars,
  Lion,
  NAdam,
  type Optimizer,
  RAdam,
  RMSprop,
  SGD,
  SOAP,
} from '#lib/optim/index.js'
import type { DType } from '#lib/tensor/dtype.js'

const MATRIX = [1, -2, 3, 0.5, 1.5, -0.25]
const VECTOR = [0.75, -1.25]

const start = (dtype: DType = 'f64'): Parameter[] => [
  new Parameter(tensor(Float64Array.from(MATRIX)).reshape([2, 3]).to(dtype)),
  new Parameter(tensor(Float64Array.from(VECTOR)).to(dtype)),
]

function steps(params: readonly Parameter[], optimizer: Optimizer<any>, from = 1, to = 10): void {
  for (let t = from; t <= to; t++) {
    optimizer.zeroGrad()
    for (const p of params) add(sum(mul(pow(p, 3), 0.5)), sum(mul(p, 0.1 * t))).backward()
    optimizer.step()
  }
}

const valuesOf = async (params: readonly Tensor[]): Promise<number[]> =>
  (await Promise.all(params.map(async (p) => (await p.to('f64').flatten().toArray()) as number[]))).flat()

async function expectClose(params: readonly Tensor[], expected: readonly number[], digits = 10): Promise<void> {
  const found = await valuesOf(params)
  expect(found.length).toBe(expected.length)
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i] as number, digits)
}

type Make = (p: Parameter[]) => Optimizer<any>

describe('rules that torch has', () => {
  it.each<[string, Make, number[]]>([
    [
      'Adagrad',
      (p) => new Adagrad(p, { lr: 0.1 }),
      [
        0.5149145382797911, -2.5568365890415277, 2.5229079711794995, -0.07336265606291054, 1.0286428574427604,
        -0.9528061234184169, 0.23830558603752244, -1.8380495210868435,
      ],
    ],
    [
      'Adagrad with every option',
      (p) =>
        new Adagrad(p, {
          lr: 0.1,
          lrDecay: 0.1,
          weightDecay: 0.05,
          initialAccumulatorValue: 0.5,
          eps: 1e-3,
          maximize: true,
        }),
      [
        1.4371117919860583, -1.6277660347020388, 3.4101047241070086, 0.9010915799224618, 1.9290237291513126,
        0.056597651863232054, 1.1817162460156743, -0.8807462907122303,
      ],
    ],
    [
      'RMSprop',
      (p) => new RMSprop(p, { lr: 0.02 }),
      [
        0.11824036486757884, -3.1952708607574847, 2.101598490092164, -0.7161063640518822, 0.6516950231764758,
        -1.7412646161223253, -0.23123459006845193, -2.524614593887916,
      ],
    ],
    [
      'RMSprop, centered and with momentum',
      (p) => new RMSprop(p, { lr: 0.02, alpha: 0.9, eps: 1e-3, weightDecay: 0.05, momentum: 0.8, centered: true }),
      [
        -0.27140244855488443, -3.705334676574, 1.68683405662241, -1.1434856688255788, 0.2736168315792147,
        -2.2037379441990663, -0.6570155498730865, -3.0298501893266425,
      ],
    ],
    [
      'RMSprop that maximizes',
      (p) => new RMSprop(p, { lr: 0.02, alpha: 0.9, momentum: 0.5, maximize: true }),
      [
        1.7636614145515797, -1.4030809473409216, 3.686681818286337, 1.325717933171478, 2.2290527334693726,
        0.5737367280550858, 1.5403122595430312, -0.6534504235189389,
      ],
    ],
    [
      'Adafactor',
      (p) => new Adafactor(p, { lr: 0.1 }),
      [
        0.3327416863634151, -2.9741477100486144, 2.166017735105136, -2.594149539061028, 0.41442269781339336,
        -0.5174714955415091, -0.429964302836561, -2.725440688025144,
      ],
    ],
    [
      'Adafactor with every option',
      (p) =>
        new Adafactor(p, { lr: 0.05, beta2Decay: -0.6, eps: [1e-4, 1e-2], d: 1.5, weightDecay: 0.1, maximize: true }),
      [
        2.036239173740762, -1.3583502961813791, 4.037753668057365, 2.006514247605485, 3.7282262648677,
        -0.15271858004159164, 1.277159018247758, -0.716233235748141,
      ],
    ],
    [
      'Adam with AMSGrad',
      (p) => new Adam(p, { lr: 0.1, weightDecay: 0.1, betas: [0.8, 0.9], amsgrad: true }),
      [
        0.036285535458517065, -3.017958281248155, 2.0270257264739207, -0.5114513927809918, 0.547947835637542,
        -1.2357040109956328, -0.23571973085868886, -2.26794195924242,
      ],
    ],
    [
      'AdamW with AMSGrad that maximizes',
      (p) => new AdamW(p, { lr: 0.1, weightDecay: 0.1, betas: [0.8, 0.9], amsgrad: true, maximize: true }),
      [
        1.8774774023412855, -0.9076111544085914, 3.6813700544540002, 1.4136331524631403, 2.3306780471120443,
        0.7335377337221723, 1.647832345087588, -0.2268549036171263,
      ],
    ],
  ])('%s', async (_, make, expected) => {
    const params = start()
    steps(params, make(params))
    await expectClose(params, expected)
  })
})

/** Ten steps of one tensor in float64; `rule` takes p, g and the step, and gives the new p. */
function byHand(values: readonly number[], rule: (p: number[], g: number[], t: number) => number[]): number[] {
  let p = [...values]
  for (let t = 1; t <= 10; t++)
    p = rule(
      p,
      p.map((x) => 1.5 * x * x + 0.1 * t),
      t,
    )
  return p
}

function lionByHand(values: readonly number[], lr: number, b1: number, b2: number, decay: number): number[] {
  const m = values.map(() => 0)
  return byHand(values, (p, g) =>
    p.map((x, i) => {
      const direction = Math.sign(b1 * m[i]! + (1 - b1) * g[i]!)
      m[i] = b2 * m[i]! + (1 - b2) * g[i]!
      return x - lr * (direction + decay * x)
    }),
  )
}

function lambByHand(
  values: readonly number[],
  lr: number,
  b1: number,
  b2: number,
  eps: number,
  decay: number,
): number[] {
  const [m, v] = [values.map(() => 0), values.map(() => 0)]
  return byHand(values, (p, g, t) => {
    const u = p.map((x, i) => {
      m[i] = b1 * m[i]! + (1 - b1) * g[i]!
      v[i] = b2 * v[i]! + (1 - b2) * g[i]! ** 2
      return m[i]! / (1 - b1 ** t) / (Math.sqrt(v[i]! / (1 - b2 ** t)) + eps) + decay * x
    })
    const ratio = Math.hypot(...p) / Math.hypot(...u)
    return p.map((x, i) => x - lr * ratio * u[i]!)
  })
}

describe('rules that torch does not have', () => {
  it('Lion', async () => {
    const params = start()
    steps(params, new Lion(params, { lr: 0.03, betas: [0.8, 0.95], weightDecay: 0.2 }))
    await expectClose(
      params,
      [MATRIX, VECTOR].flatMap((x) => lionByHand(x, 0.03, 0.8, 0.95, 0.2)),
    )
  })

  it('LAMB', async () => {
    const params = start()
    steps(params, new Lamb(params, { lr: 0.03, betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0.2 }))
    await expectClose(
      params,
      [MATRIX, VECTOR].flatMap((x) => lambByHand(x, 0.03, 0.8, 0.95, 1e-6, 0.2)),
    )
  })

  it('LAMB takes lr itself where the parameter, or its step, is zero', async () => {
    const [p, q] = [new Parameter(zeros([3], { dtype: 'f64' })), new Parameter(tensor(Float64Array.of(1, 2)))]
    p.grad = tensor(Float64Array.of(4, -4, 4))
    q.grad = zeros([2], { dtype: 'f64' })
    new Lamb([p, q], { lr: 0.5, weightDecay: 0 }).step()
    await expectClose([p], [-0.5, 0.5, -0.5], 6)
    await expectClose([q], [1, 2])
  })
})

// squares - mean^2 is infinity less infinity. Definition: torch.optim.RMSprop.
it.each(['f32', 'f64', 'bf16', 'f16'] as const)(
  'an infinite gradient shows in a centered RMSprop, %s',
  async (dtype) => {
    const p = new Parameter(tensor(new Float64Array(37).fill(1)).to(dtype))
    const optimizer = new RMSprop([p], { lr: 0.1, centered: true, momentum: 0.9 })
    p.grad = tensor(Float64Array.from({ length: 37 }, (_, i) => (i === 20 ? Number.POSITIVE_INFINITY : 1))).to(dtype)
    optimizer.step()
    const values = [...(await p.detach().to('f64').data())].map(Number)
    expect(values.findIndex(Number.isNaN)).toBe(20)
    expect(values.filter(Number.isNaN)).toHaveLength(1)
    p.grad = null
  },
)

const RULES: readonly [string, Make, string[], string[]?][] = [
  ['SGD', (p) => new SGD(p, { lr: 0.05, momentum: 0.9 }), ['momentum_buffer']],
  ['Adam', (p) => new Adam(p, { lr: 0.1, amsgrad: true }), ['step', 'exp_avg', 'exp_avg_sq', 'max_exp_avg_sq']],
  ['Adagrad', (p) => new Adagrad(p, { initialAccumulatorValue: 0.5 }), ['step', 'sum']],
  [
    'RMSprop',
    (p) => new RMSprop(p, { momentum: 0.9, centered: true }),
    ['step', 'square_avg', 'momentum_buffer', 'grad_avg'],
  ],
  ['Adafactor', (p) => new Adafactor(p), ['step', 'row_var', 'col_var'], ['step', 'variance']],
  ['Lion', (p) => new Lion(p, { lr: 0.01 }), ['exp_avg']],
  ['Lamb', (p) => new Lamb(p, { lr: 0.01 }), ['step', 'exp_avg', 'exp_avg_sq']],
  ['Lars', (p) => new Lars(p, { lr: 1 }), ['momentum_buffer']],
  ['NAdam', (p) => new NAdam(p, { lr: 0.1 }), ['step', 'mu_product', 'exp_avg', 'exp_avg_sq']],
  ['RAdam', (p) => new RAdam(p, { lr: 0.1, betas: [0.9, 0.99] }), ['step', 'exp_avg', 'exp_avg_sq']],
  ['Adamax', (p) => new Adamax(p, { lr: 0.1 }), ['step', 'exp_avg', 'exp_inf']],
  ['Adadelta', (p) => new Adadelta(p), ['step', 'square_avg', 'acc_delta']],
  [
    'SOAP',
    (p) => new SOAP(p, { lr: 0.1, preconditionFrequency: 2 }),
    ['step', 'exp_avg', 'exp_avg_sq', 'gram_left', 'basis_left', 'gram_right', 'basis_right'],
    ['step', 'exp_avg', 'exp_avg_sq'],
  ],
  [
    'AdamW8bit',
    (p) => new AdamW8bit(p, { lr: 0.1, min8bitSize: 0 }),
    ['step', 'exp_avg', 'exp_avg_sq', 'exp_avg_absmax', 'exp_avg_sq_absmax'],
  ],
]

describe.each(RULES)('%s', (_, make, ofMatrix, ofVector = ofMatrix) => {
  it('goes on from its state dict to the bit, which has PyTorch’s names', async () => {
    const [whole, first, second] = [start('f32'), start('f32'), start('f32')]
    steps(whole, make(whole))
    const before = make(first)
    steps(first, before, 1, 4)
    noGrad(() => {
      for (const [i, p] of second.entries()) p.copy_(first[i] as Parameter)
    })
    const saved = before.stateDict()
    expect(Object.keys(saved.state[0] ?? {})).toEqual(ofMatrix)
    expect(Object.keys(saved.state[1] ?? {})).toEqual(ofVector)
    const after = make(second)
    after.loadStateDict(saved)
    steps(second, after, 5, 10)
    expect(await valuesOf(second)).toEqual(await valuesOf(whole))
  })

  it('loads the state that it has itself', async () => {
    const [one, two] = [start('f32'), start('f32')]
    const [a, b] = [make(one), make(two)]
    steps(one, a, 1, 3)
    steps(two, b, 1, 3)
    b.loadStateDict(b.stateDict())
    steps(one, a, 4, 6)
    steps(two, b, 4, 6)
    expect(await valuesOf(two)).toEqual(await valuesOf(one))
  })

  it.each(['bf16', 'f16'] as const)('updates %s parameters in f32', async (dtype) => {
    const [half, exact] = [start(dtype), start('f64')]
    const [a, b] = [make(half), make(exact)]
    steps(half, a, 1, 1)
    steps(exact, b, 1, 1)
    const [found, expected] = [await valuesOf(half), await valuesOf(exact)]
    // The gradient is computed from rounded operands in 16 bits; the step is rounded once.
    const eps = dtype === 'bf16' ? 2 ** -8 : 2 ** -11
    for (const [i, x] of found.entries()) {
      const before = [...MATRIX, ...VECTOR][i] as number
      expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(
        eps * (Math.abs(expected[i]!) + 8 * Math.abs(expected[i]! - before)),
      )
    }
  })

  it('keeps f32 copies of bf16 parameters when asked: the same as training them in f32 with those gradients', async () => {
    const half = start('bf16')
    const group = make(half).paramGroups[0] as Record<string, unknown>
    const { params: _, ...options } = group
    const wide = half.map((p) => new Parameter(p.detach().to('f32')))
    const masters = new (make(half).constructor as new (p: Parameter[], o: object) => Optimizer<any>)(half, {
      ...options,
      masterWeights: true,
    })
    const plain = make(wide)
    for (let t = 1; t <= 5; t++) {
      masters.zeroGrad()
      for (const [i, p] of half.entries()) {
        add(sum(mul(pow(p, 3), 0.5)), sum(mul(p, 0.1 * t))).backward()
        ;(wide[i] as Parameter).grad = (p.grad as Tensor).to('f32')
      }
      masters.step()
      plain.step()
    }
    expect(await valuesOf(half)).toEqual(await valuesOf(wide.map((p) => p.detach().to('bf16'))))
    const { state } = masters.stateDict()
    expect(await valuesOf([state[0]!['master_param'] as Tensor])).toEqual(await valuesOf([wide[0] as Tensor]))
    expect(Object.values(state[0]!).filter((x) => typeof x !== 'number' && x.dtype === 'bf16')).toEqual([])
  })
})

describe('Adam8bit', () => {
  it('follows Adam closely, and exactly below min8bitSize', async () => {
    const make = () => new Parameter(tensor(Float32Array.from({ length: 5000 }, (_, i) => Math.sin(i))))
    const [coded, plain, small] = [make(), make(), make()]
    const [a, b, c] = [
      new Adam8bit([coded], { lr: 0.01 }),
      new Adam([plain], { lr: 0.01 }),
      new Adam8bit([small], { lr: 0.01, min8bitSize: 6000 }),
    ]
    for (const [p, optimizer] of [
      [coded, a],
      [plain, b],
      [small, c],
    ] as const)
      steps([p], optimizer)
    const [x, y] = [await valuesOf([coded]), await valuesOf([plain])]
    expect(await valuesOf([small])).toEqual(y)
    // Ten steps of up to 0.01 each; the codes are worth some per cent of a step.
    expect(Math.max(...x.map((v, i) => Math.abs(v - y[i]!)))).toBeLessThan(0.02)
    expect(x).not.toEqual(y)
    const { exp_avg: m, exp_avg_absmax: scale } = a.stateDict().state[0] as Record<string, Tensor>
    expect([m?.dtype, m?.shape, scale?.dtype, scale?.shape]).toEqual(['u8', [5000], 'f32', [20]])
  })
})

describe('groups that make no sense', () => {
  const p = () => start()
  it.each<[string, () => unknown, RegExp]>([
    ['Adagrad', () => new Adagrad(p(), { lrDecay: -1 }), /Adagrad: lrDecay is -1, expected at least 0/],
    ['RMSprop', () => new RMSprop(p(), { alpha: Number.NaN }), /RMSprop: alpha is NaN, expected at least 0/],
    ['Lion', () => new Lion(p(), { betas: [1, 0.9] }), /Lion: betas\[0\] is 1, expected at least 0 and less than 1/],
    ['Lamb', () => new Lamb(p(), { eps: -1 }), /Lamb: eps is -1/],
    ['Adafactor', () => new Adafactor(p(), { d: 0.5 }), /Adafactor: d is 0.5, expected at least 1/],
    [
      'a mistyped option',
      () => new AdamW(p(), { weightDeccay: 0.1 } as object),
      /AdamW: no such option: 'weightDeccay'; did you mean/,
    ],
    [
      'a mistyped option of a group',
      () => new SGD([{ params: p(), momentun: 0.9 } as never], { lr: 1 }),
      /SGD: no such option: 'momentun'; did you mean "momentum"\?/,
    ],
    ['Lars', () => new Lars(p(), { lr: 1, nesterov: true, momentum: 0 }), /Lars: nesterov needs momentum/],
    ['NAdam', () => new NAdam(p(), { momentumDecay: -1 }), /NAdam: momentumDecay is -1, expected at least 0/],
    ['Adadelta', () => new Adadelta(p(), { rho: 1.5 }), /Adadelta: rho is 1.5, expected at most 1/],
    ['AdamW8bit', () => new AdamW8bit(p(), { min8bitSize: -1 }), /AdamW8bit: min8bitSize is -1/],
    [
      'integer parameters',
      () => new SGD([zeros([2], { dtype: 'i32' })], { lr: 1 }),
      /is i32: optimizers take f32, f64, bf16 and f16 parameters/,
    ],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message)
  })
})
