// Calls what the user gave: a loss or a step. Place in the whole: of the Trainer's steps, and of whoever runs one of them again.
import { ValueError } from '../errors.js'
import { autocast } from '../ops/autocast.js'
import { Tensor } from '../tensor/tensor.js'
import type { StepContext, TrainerOptions } from './options.js'

/** Runs `loss` or `step` on a batch, and returns the numbers to report; their tensors are detached. */
export function measure<B>(
  { loss: lossOf, step, autocast: cast }: Pick<TrainerOptions<B>, 'loss' | 'step' | 'autocast'>,
  batch: B,
  context: StepContext,
): Readonly<Record<string, Tensor | number>> {
  const cheaply = <T>(fn: () => T): T =>
    cast === undefined ? fn() : autocast(typeof cast === 'string' ? { dtype: cast } : cast, fn)
  let values: Readonly<Record<string, Tensor | number>>
  if (lossOf !== undefined) {
    const loss = cheaply(() => lossOf(batch))
    context.update(loss)
    values = { loss }
  } else {
    // Backward computes in the dtypes of the forward pass; what else an update does is not to be cast.
    const update: StepContext['update'] = (...given) => autocast({ enabled: false }, () => context.update(...given))
    values = cheaply(() =>
      (step as NonNullable<typeof step>)(batch, cast === undefined ? context : { ...context, update }),
    )
  }
  const entries = Object.entries(values)
  if (entries.length === 0) throw new ValueError('Trainer: `step` returned nothing to report: expected at least a loss')
  return Object.fromEntries(entries.map(([name, value]) => [name, value instanceof Tensor ? value.detach() : value]))
}

/** The number that is displayed and guarded: `loss`, else the first. */
export const lossOf = (metrics: Readonly<Record<string, number>>): number =>
  metrics['loss'] ?? (Object.values(metrics)[0] as number)
