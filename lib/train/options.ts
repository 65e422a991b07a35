// What a Trainer's options must be. Place in the whole: the run-time twin of TrainerOptions, for callers whose mistakes the
// compiler does not see.
import { z } from 'zod'
import { Module } from '../nn/module.js'
import { Optimizer } from '../optim/optimizer.js'
import { Scheduler } from '../optim/schedulers/scheduler.js'

const count = z.number().int().min(1)
const fn = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', 'a function')
const isData = (value: unknown) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value

export const trainerSchema: z.ZodType = z
  .strictObject({
    model: z.instanceof(Module, { error: 'a Module' }),
    optimizer: z.instanceof(Optimizer, { error: 'an Optimizer' }),
    data: z.custom(isData, 'a DataLoader (something to iterate with for await)'),
    loss: fn,
    epochs: count.optional(),
    steps: count.optional(),
    scheduler: z.instanceof(Scheduler, { error: 'a Scheduler' }).optional(),
    clipNorm: z.number().positive().optional(),
    evaluate: fn.optional(),
    evaluateEvery: count.optional(),
    out: z.string().min(1).optional(),
    checkpointEvery: count.optional(),
    keep: count.optional(),
    onStep: fn.optional(),
    name: z.string().optional(),
    progress: z.custom((value) => typeof value === 'object' && value !== null, 'a Progress').optional(),
    throughput: z.strictObject({ unit: z.string(), of: fn }).optional(),
    handleSignals: z.boolean().optional(),
  })
  .refine(({ epochs, steps }) => (epochs === undefined) !== (steps === undefined), {
    error: 'expected either epochs or steps, one of the two',
  })
