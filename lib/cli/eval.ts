// `sinter eval <run>`. Place in the whole: prints what evaluateRun of lib/config finds.
import { evaluateRun } from '../config/run.js'
import { changesOf } from './train.js'

/** Evaluates a run directory's newest checkpoint, or the checkpoint given; returns the exit code. */
export async function evaluate(path: string, options: Readonly<Record<string, unknown>>): Promise<number> {
  const { data, json } = options
  const result = await evaluateRun(path, {
    set: changesOf(options),
    ...(data === undefined ? {} : { data: String(data) }),
  })
  if (json === true) process.stdout.write(`${JSON.stringify(result)}\n`)
  else {
    const on = result.data === undefined ? '' : ` on ${result.data}`
    process.stdout.write(`step ${result.step}${on}, from ${result.checkpoint}\n`)
    const width = Math.max(...Object.keys(result.figures).map((name) => name.length))
    for (const [name, value] of Object.entries(result.figures))
      process.stdout.write(`  ${name.padEnd(width)}  ${Number(value.toPrecision(6))}\n`)
  }
  return 0
}
