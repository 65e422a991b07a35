// State dicts: a model's tensors by name. Place in the whole: what modules give and take, checkpoints store, and PyTorch
// calls by the same names.
import { noGrad } from '../autograd/mode.js'
import { SinterError } from '../errors.js'
import { copy_ } from '../ops/inplace.js'
import { nearest } from '../suggest.js'
import { type DType, isComplex, isFloating } from '../tensor/dtype.js'
import { sameShape, show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'

export type StateDict = Map<string, Tensor>

/** What did not match when `strict` was off. */
export interface LoadReport {
  /** Names the module has and the state dict lacks. */
  readonly missing: readonly string[]
  /** Names the state dict has and the module lacks. */
  readonly unexpected: readonly string[]
}

export class StateDictError extends SinterError implements LoadReport {
  readonly missing: readonly string[]
  readonly unexpected: readonly string[]
  constructor(message: string, { missing, unexpected }: LoadReport) {
    super('SINTER_STATE_DICT', message)
    this.missing = missing
    this.unexpected = unexpected
  }
}

/** Copies `source` into `target`'s tensors after checking names, kinds of numbers and shapes. */
export function checkStateDict(
  who: string,
  target: ReadonlyMap<string, Tensor>,
  source: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  strict: boolean,
): LoadReport {
  const given: ReadonlyMap<string, Tensor> = isMap(source) ? source : new Map(Object.entries(source))
  // What is tied need not come under each of its names.
  const filled = new Set([...target].filter(([name]) => given.has(name)).map(([, tensor]) => tensor))
  const missing = [...target].filter(([name, tensor]) => !given.has(name) && !filled.has(tensor)).map(([name]) => name)
  const unexpected = [...given.keys()].filter((name) => !target.has(name))
  const unfit = [...target].flatMap(([name, tensor]) => (given.has(name) ? misfit(name, given.get(name), tensor) : []))
  const problems = [...unfit.slice(0, MOST), ...more(unfit)].map((line) => `  ${line}`)
  if (strict) {
    if (missing.length > 0) problems.push(`  missing: ${list(missing)}`)
    if (unexpected.length > 0) problems.push(`  unexpected: ${list(unexpected, (name) => meant(name, missing))}`)
  }
  if (problems.length > 0) {
    const advice = [...prefixes(missing, unexpected)]
    if (strict && unfit.length === 0) advice.push('pass {strict: false} to load what matches')
    const lines = [`${who}.loadStateDict: the state dict does not fit:`, ...problems, ...advice]
    throw new StateDictError(lines.join('\n'), { missing, unexpected })
  }
  noGrad(() => {
    for (const [name, tensor] of target) {
      const value = given.get(name)
      if (value !== undefined) copy_(tensor, value)
    }
  })
  return { missing, unexpected }
}

const isMap = (value: object): value is ReadonlyMap<string, Tensor> => value instanceof Map

/** What is wrong with the value for `tensor`, if anything. */
function misfit(name: string, value: unknown, tensor: Tensor): string[] {
  if (!(value instanceof Tensor)) {
    const found = value === null ? 'null' : typeof value === 'object' ? value.constructor?.name : typeof value
    return [`value of ${name}: found ${found ?? 'an object'}, expected a tensor`]
  }
  const problems: string[] = []
  if (!sameShape(value.shape, tensor.shape))
    problems.push(`shape of ${name}: found ${show(value.shape)}, expected ${show(tensor.shape)}`)
  // Of one kind, precision may differ. Integers for weights are most likely quantized ones, which mean something else.
  if (kind(value.dtype) !== kind(tensor.dtype)) {
    const expected = `${tensor.dtype} or another ${kind(tensor.dtype)} dtype`
    problems.push(`dtype of ${name}: found ${value.dtype}, expected ${expected}; if it is meant, convert it with .to()`)
  }
  return problems
}

const kind = (dtype: DType): string => (isFloating(dtype) ? 'floating-point' : isComplex(dtype) ? 'complex' : 'integer')

/** Names, or lines, that are shown of many. */
const MOST = 12
const more = (names: readonly string[]): string[] => (names.length > MOST ? [`and ${names.length - MOST} more`] : [])
const list = (names: readonly string[], shown = (name: string): string => name): string =>
  [names.slice(0, MOST).map(shown).join(', '), ...more(names)].join(' ')

/** A name that the module lacks, with the one that it may be a misspelling of. */
function meant(name: string, missing: readonly string[]): string {
  const near = nearest(name, missing)
  return near === undefined ? name : `${name} (did you mean ${near}?)`
}

/** Wrappers that put a word before every name. */
const WRAPPERS: Readonly<Record<string, string>> = {
  'module.': ', as those of PyTorch’s DataParallel do',
  '_orig_mod.': ', as those of torch.compile do',
}

/** Says so when names would fit without, or with, something before them. */
function* prefixes(missing: readonly string[], unexpected: readonly string[]): Generator<string> {
  const surplus = prefixOf(unexpected, missing)
  if (surplus !== undefined)
    yield `the state dict’s names begin with '${surplus}'${WRAPPERS[surplus] ?? ''}: take that away from them`
  const lack = prefixOf(missing, unexpected)
  if (lack !== undefined)
    yield `the module’s names begin with '${lack}', the state dict’s do not: put it before them, or load into that part of the module`
}

/** What stands before most of `names` among the `longer`, if anything does. */
function prefixOf(longer: readonly string[], names: readonly string[]): string | undefined {
  const [first] = names
  if (first === undefined) return undefined
  const all = new Set(longer)
  for (const name of longer) {
    if (!name.endsWith(`.${first}`)) continue
    const prefix = name.slice(0, name.length - first.length)
    if (names.filter((other) => all.has(prefix + other)).length > names.length / 2) return prefix
  }
  return undefined
}
