/**
 * Long runs that look at memory instead of speed. Place in the whole: worker.ts runs each in a process of its own, so that peak
 * resident memory is the soak's. `ok` says whether the project's own bound holds.
 */
import { engine, noGrad, ones, randn, scope, type Tensor, zeros } from 'sinter'
import { Linear, ReLU, Sequential } from 'sinter/nn'
import { AdamW } from 'sinter/optim'

export type SoakResult = Record<string, number | boolean> & { ok: boolean }

export interface Soak {
  readonly name: string
  /** Runs `scale` times the full length. */
  run(scale: number): Promise<SoakResult>
}

const MB = 1 << 20
/** What a run may add to resident memory after its first tenth: V8's heap and the allocator's chunks breathe. */
const FLAT_MB = 24

const residentMb = (): number => process.memoryUsage.rss() / MB
/** Highest resident memory since the process began (VmHWM). */
const peakMb = (): number => process.resourceUsage().maxRSS / 1024

/** Repeats `step` in batches, giving the event loop its turn between them; memory must not grow after the first tenth. */
async function flat(steps: number, step: () => void): Promise<SoakResult> {
  const batch = Math.max(1, Math.min(100, steps / 10))
  const settled = Math.ceil(steps / 10)
  let begin: number | undefined
  for (let done = 0; done < steps; done += batch) {
    for (let i = 0; i < batch; i++) step()
    await engine.sync()
    if (begin === undefined && done + batch >= settled) {
      global.gc?.()
      begin = residentMb()
    }
  }
  global.gc?.()
  const end = residentMb()
  const grown = end - (begin ?? end)
  return { steps, begin_mb: begin ?? end, end_mb: end, peak_mb: peakMb(), grown_mb: grown, ok: grown < FLAT_MB }
}

function smallModel(): Sequential {
  return new Sequential(new Linear(64, 64), new ReLU(), new Linear(64, 64))
}

const train: Soak = {
  name: 'soak.train',
  run(scale) {
    const model = smallModel()
    const x = randn([8, 64])
    const optimizer = new AdamW(model.parameters())
    return flat(100_000 * scale, () =>
      scope(() => {
        optimizer.zeroGrad()
        model.call(x).square().mean().backward()
        optimizer.step()
      }),
    )
  },
}

/** The whole loop is synchronous: neither finalizers nor timers get a turn. */
function alloc(name: string, limitMb: number, make: () => void): Soak {
  return {
    name,
    async run(scale) {
      const count = 10_000 * scale
      for (let i = 0; i < count; i++) make()
      await engine.sync()
      const peak = peakMb()
      return { tensors: count, peak_mb: peak, limit_mb: limitMb, ok: peak < limitMb }
    },
  }
}

const fourMegabytes = (): Tensor => ones([MB])

function forward(name: string, wrap: (pass: () => Tensor) => void): Soak {
  return {
    name,
    run(scale) {
      const model = smallModel()
      const x = randn([64, 64])
      return flat(10_000 * scale, () => wrap(() => model.call(x)))
    },
  }
}

const chain: Soak = {
  name: 'soak.chain',
  async run(scale) {
    const length = 100_000 * scale
    const x = zeros([16]).requiresGrad_()
    const pass = (): void =>
      scope(() => {
        let y: Tensor = x.add(1)
        for (let i = 1; i < length; i++) y = y.add(1)
        y.sum().backward()
        x.grad?.dispose()
        x.grad = null
      })
    return flat(20, pass)
  },
}

export const SOAKS: readonly Soak[] = [
  train,
  alloc('soak.alloc.scope', 200, () => scope(() => void fourMegabytes())),
  alloc('soak.alloc.loose', 600, () => void fourMegabytes()),
  forward('soak.forward.scope', (pass) => scope(() => void pass())),
  forward('soak.forward.loose', (pass) => void pass()),
  forward('soak.forward.no_grad', (pass) => void noGrad(pass)),
  chain,
]
