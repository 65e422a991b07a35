// Results of a search for people. Place in the whole: printed by `sinter search` as it goes on and in the end.
import { align } from '../columns.js'
import type { Json } from '../train/callback.js'
import { duration } from '../train/progress.js'
import type { Parameters } from './space.js'
import { lastDone, type Trial } from './trial.js'

const figure = (value: number): string => String(Number(value.toPrecision(5)))

const valueText = (value: Json | undefined): string =>
  value === undefined
    ? ''
    : typeof value === 'number'
      ? figure(value)
      : typeof value === 'string'
        ? value
        : JSON.stringify(value)

const parametersText = (parameters: Parameters): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join('  ')

/** What an execution that has ended came to. */
export function trialLine({ number, parameters, results }: Trial, metric: string): string {
  const result = results.findLast(({ state }) => state !== 'running')
  if (result === undefined) return `trial ${number}`
  const budget = result.budget === undefined ? '' : `, budget ${result.budget}`
  const came = result.state === 'done' ? `${metric} ${figure(result.value as number)}` : `failed: ${result.error}`
  return `trial ${number}${budget} (${duration(result.seconds ?? 0)}): ${came}  ${parametersText(parameters)}`
}

/** The best trials, best first: of the largest budget first, as `best` is chosen. */
export function resultTable(trials: readonly Trial[], metric: string, mode: 'min' | 'max', rows = 10): string {
  const sign = mode === 'min' ? 1 : -1
  const done = trials.flatMap((trial) => {
    const result = lastDone(trial)
    return result === undefined ? [] : [{ trial, budget: result.budget, value: result.value as number }]
  })
  done.sort(
    (a, b) => (b.budget ?? 0) - (a.budget ?? 0) || sign * (a.value - b.value) || a.trial.number - b.trial.number,
  )
  const names = [...new Set(trials.flatMap(({ parameters }) => Object.keys(parameters)))]
  const hasBudgets = done.some(({ budget }) => budget !== undefined)
  const head = ['trial', metric, ...(hasBudgets ? ['budget'] : []), ...names]
  const body = done
    .slice(0, rows)
    .map(({ trial, budget, value }) => [
      String(trial.number),
      figure(value),
      ...(hasBudgets ? [String(budget)] : []),
      ...names.map((name) => valueText(trial.parameters[name])),
    ])
  const lines = align([head, ...body], () => true)
  const failed = trials.filter((trial) => trial.results.at(-1)?.state === 'failed').length
  if (failed > 0) lines.push(`${failed} of ${trials.length} trials failed`)
  return `${lines.join('\n')}\n`
}
