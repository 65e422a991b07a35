// Checkpoints on disk. Place in the whole: the Trainer's memory between processes. A checkpoint is a folder that appears
// whole or not at all:
//
//   <out>/step-00001000/model.safetensors       parameters and buffers by name
//                       optimizer.safetensors   `state.<parameter>.<name>`
//                       callbacks.safetensors   `<callback>/<name>`, where callbacks keep tensors
//                       trainer.json            counters, optimizer options, schedules, callbacks, random numbers, loader,
//                                               hashes of the other files
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { type LoaderState, loaderStateSchema } from '../data/state.js'
import { SinterError } from '../errors.js'
import { loadSafetensors } from '../io/safetensors-file.js'
import type { StateDict } from '../nn/state-dict.js'
import type { OptimizerState } from '../optim/optimizer.js'
import type { Json } from './callback.js'
import { checked } from './config.js'
import type { CompanionStates } from './optimizers.js'

export const FORMAT = 3
const FOLDER = /^step-(\d{8,})$/
export const MODEL = 'model.safetensors'
export const OPTIMIZER = 'optimizer.safetensors'
export const CALLBACKS = 'callbacks.safetensors'
export const TRAINER = 'trainer.json'
const PREVIOUS = 'previous'

/** Everything that a run needs to go on as if it had never stopped. */
export interface Checkpoint {
  readonly step: number
  readonly epoch: number
  readonly model: StateDict
  readonly optimizer: OptimizerState
  /** By the optimizers' names. */
  readonly schedulers: CompanionStates['schedulers']
  readonly scalers: CompanionStates['scalers']
  readonly callbacks: Readonly<Record<string, Json>>
  /** Tensors of callbacks, as `callback/name`. */
  readonly callbackTensors: StateDict
  /** What a guard has counted. */
  readonly guard?: Json | undefined
  readonly random: unknown
  readonly loader: LoaderState | undefined
  readonly history: readonly HistoryEntry[]
}

/** An evaluation's result. */
export interface HistoryEntry {
  readonly step: number
  readonly epoch: number
  readonly metrics: Readonly<Record<string, number>>
}

const count = z.number().int().min(0)
/** JSON has no NaN and no infinity: a figure that is one of them comes back as NaN. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)
const trainerFile = z.object({
  format: z.literal(FORMAT),
  files: z.record(z.string(), z.string()),
  step: count,
  epoch: count,
  optimizer: z.object({
    state: z.record(z.string(), z.record(z.string(), z.number())),
    param_groups: z.array(z.looseObject({ params: z.array(count) })),
  }),
  // Some schedules have more to say than their step.
  schedulers: z.record(z.string(), z.looseObject({ step: count })),
  scalers: z.record(z.string(), z.json()),
  callbacks: z.record(z.string(), z.json()),
  guard: z.json().optional(),
  random: z.unknown(),
  loader: loaderStateSchema.optional(),
  history: z.array(z.object({ step: count, epoch: count, metrics: z.record(z.string(), figure) })),
})

export const folderOf = (step: number): string => `step-${String(step).padStart(8, '0')}`

export async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}

/** Folders of the checkpoints in `out`, oldest first. */
export async function listCheckpoints(out: string): Promise<string[]> {
  const steps = (await namesIn(out)).flatMap((name) => {
    const digits = FOLDER.exec(name)?.[1]
    return digits === undefined ? [] : [Number(digits)]
  })
  return steps.sort((a, b) => a - b).map((step) => join(out, folderOf(step)))
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** The step that a checkpoint's folder is named by. */
export const stepOf = (folder: string): number => Number(FOLDER.exec(basename(folder))?.[1])

/** A checkpoint that could not be read, and why. */
export interface DamagedCheckpoint {
  readonly path: string
  readonly reason: string
}

export type LoadedCheckpoint = Checkpoint & {
  readonly path: string
  /** Newer ones that are damaged, where `path` was a folder of checkpoints. */
  readonly damaged: readonly DamagedCheckpoint[]
}

/**
 * Reads a checkpoint: `path` is its folder, or a folder of checkpoints, of which the newest that is whole is taken: every file is held against
 * its hash.
 * @throws SinterError SINTER_NO_CHECKPOINT when there is none, SINTER_CHECKPOINT_INVALID when none is whole
 */
export async function loadCheckpoint(path: string): Promise<LoadedCheckpoint> {
  const folders = await listCheckpoints(path)
  if (folders.length === 0) return { ...(await loadFolder(path)), damaged: [] }
  const damaged: DamagedCheckpoint[] = []
  for (const folder of folders.reverse()) {
    try {
      return { ...(await loadFolder(folder)), damaged }
    } catch (error) {
      if (!(error instanceof SinterError)) throw error
      damaged.push({ path: folder, reason: error.message })
    }
  }
  const list = damaged.map(({ path, reason }) => `${path}: ${reason}`).join('; ')
  throw new SinterError('SINTER_CHECKPOINT_INVALID', `no checkpoint in ${path} is whole: ${list}`)
}

async function loadFolder(folder: string): Promise<Checkpoint & { readonly path: string }> {
  const file = join(folder, TRAINER)
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause
    const message = `no checkpoint in ${folder}: expected step-<number> folders, or a folder with ${TRAINER}`
    throw new SinterError('SINTER_NO_CHECKPOINT', message, { cause })
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new SinterError('SINTER_CHECKPOINT_INVALID', `${file}: ${(cause as Error).message}`, { cause })
  }
  const { format: _, files, optimizer, ...rest } = checked(trainerFile, json, file)
  const kept = CALLBACKS in files ? [MODEL, OPTIMIZER, CALLBACKS] : [MODEL, OPTIMIZER]
  for (const name of kept) await verify(join(folder, name), files[name])
  const model = await loadSafetensors(join(folder, MODEL))
  const tensors = await loadSafetensors(join(folder, OPTIMIZER))
  const callbackTensors = kept.includes(CALLBACKS) ? await loadSafetensors(join(folder, CALLBACKS)) : new Map()
  return {
    ...rest,
    schedulers: rest.schedulers as CompanionStates['schedulers'],
    loader: rest.loader,
    path: folder,
    model,
    callbackTensors,
    optimizer: combine(tensors, optimizer as NumbersOnly),
  }
}

async function verify(file: string, wanted: string | undefined): Promise<void> {
  const found = await sha256(file).catch((cause: NodeJS.ErrnoException) => {
    throw new SinterError('SINTER_CHECKPOINT_INVALID', `${file}: ${cause.message}`, { cause })
  })
  if (found === wanted) return
  const expected = wanted === undefined ? `no hash in ${TRAINER}` : `sha256 ${wanted} in ${TRAINER}`
  throw new SinterError('SINTER_CHECKPOINT_INVALID', `${file} is damaged: found sha256 ${found}, expected ${expected}`)
}

/** Puts an earlier run's checkpoints aside, in `<out>/previous`, whose older content goes. Returns whether there were any. */
export async function setAside(out: string): Promise<boolean> {
  const old = await listCheckpoints(out)
  if (old.length === 0) return false
  const aside = join(out, PREVIOUS)
  await rm(aside, { recursive: true, force: true })
  await mkdir(aside, { recursive: true })
  for (const path of old) await rename(path, join(aside, basename(path)))
  return true
}

/** An optimizer's state without its tensors. */
export type NumbersOnly = {
  state: Record<string, Record<string, number>>
  param_groups: OptimizerState['param_groups']
}

function combine(tensors: StateDict, { state: numbers, param_groups }: NumbersOnly): OptimizerState {
  const state: OptimizerState['state'] = Object.fromEntries(
    Object.entries(numbers).map(([i, rest]) => [i, { ...rest }]),
  )
  for (const [key, tensor] of tensors) {
    const [, index, name] = /^state\.(\d+)\.(.+)$/.exec(key) ?? []
    if (index === undefined || name === undefined) {
      throw new SinterError('SINTER_CHECKPOINT_INVALID', `${OPTIMIZER}: unexpected tensor ${key}`)
    }
    const kept = state[Number(index)] ?? {}
    kept[name] = tensor
    state[Number(index)] = kept
  }
  return { state, param_groups }
}
