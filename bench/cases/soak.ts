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
/** What the second half of a run may add to the first half's highest resident memory: V8's heap breathes. */
const FLAT_MB = 16

const residentMb = (): number => process.memoryUsage.rss() / MB
/** Highest resident memory since the process began (VmHWM). */
const peakMb = (): number => process.resourceUsage().maxRSS / 1024

/**
 * Repeats `step`, giving the event loop its turn now and then. Memory under the net of weak references is a sawtooth, so the
 * halves' maxima are compared, not two moments; `settling` steps come first.
 */
async function flat(steps: number, step: () => void, settling = 0): Promise<SoakResult> {
  const batch = Math.max(1, Math.floor(steps / 200))
  const highest: [number, number] = [0, 0]
  for (let done = -settling; done < steps; done += batch) {
    for (let i = 0; i < batch; i++) step()
    await engine.sync()
    if (done < 0) continue
    const half = done < steps / 2 ? 0 : 1
    highest[half] = Math.max(highest[half], residentMb())
  }
  const [first, second] = highest
  return { steps, first_half_mb: first, second_half_mb: second, peak_mb: peakMb(), ok: second - first < FLAT_MB }
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
    run() {
      const model = smallModel()
      const x = randn([512, 64])
      // Seconds, so never shortened. The net is polled every 96 MB: some tens of polls until V8's heap has found its size.
      return flat(10_000, () => wrap(() => model.call(x)), 20_000)
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
