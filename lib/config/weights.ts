// Weights to start from. Place in the whole: fine-tuning by configuration; copies a file's entries into a model that was built.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { disposeBatch } from '../data/loader.js'
import { loadSafetensors } from '../io/safetensors-file.js'
import type { Module } from '../nn/module.js'
import { parametersMatching } from '../nn/select.js'
import { StateDictError } from '../nn/state-dict.js'
import { listCheckpoints } from '../train/checkpoint.js'
import type { WeightsConfig } from './schema.js'

const MODEL = 'model.safetensors'

/** The file of weights that a path means: itself, that of a checkpoint's folder, or of the newest checkpoint in a run directory. */
async function weightsFile(path: string): Promise<string> {
  if (!(await stat(path)).isDirectory()) return path
  return join((await listCheckpoints(path)).at(-1) ?? path, MODEL)
}

/**
 * Loads `file`, an absolute path, into the model. Parameters that `skip` names keep their initial values.
 * @throws StateDictError where the entries are not the model's, unless `strict` is false; ValueError for a pattern that names nothing
 */
export async function loadWeights(
  model: Module,
  file: string,
  { strict = true, skip = [] }: Omit<WeightsConfig, 'file'>,
): Promise<void> {
  const state = await loadSafetensors(await weightsFile(file))
  const tensors = [...state.values()]
  try {
    const skipped = new Set(skip.length === 0 ? [] : parametersMatching(model, skip).map(([name]) => name))
    for (const name of skipped) state.delete(name)
    const { missing, unexpected } = model.loadStateDict(state, { strict: false })
    const absent = missing.filter((name) => !skipped.has(name))
    if (strict && absent.length + unexpected.length > 0) {
      const lists = [
        absent.length > 0 ? `it lacks ${listed(absent)}` : '',
        unexpected.length > 0 ? `the model has no ${listed(unexpected)}` : '',
      ]
      const advice = 'name parameters to leave out in skip, or set strict: false'
      throw new StateDictError(`${lists.filter(Boolean).join('; ')}: ${advice}`, { missing: absent, unexpected })
    }
  } finally {
    disposeBatch(tensors)
  }
}

const LISTED = 4
const listed = (names: readonly string[]): string =>
  names.slice(0, LISTED).join(', ') + (names.length > LISTED ? ` and ${names.length - LISTED} more` : '')
