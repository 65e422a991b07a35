// Parts of a model by pattern. Place in the whole: what freezes, replaces, checkpoints and pictures parts of models asks here which they are.
import { ValueError } from '../errors.js'
import { nearest } from '../suggest.js'
import { Module } from './module.js'
import { Parameter } from './parameter.js'

/** A class of modules; abstract ones too. `never`: whatever its constructor takes. */
export type ModuleClass<M extends Module = Module> = abstract new (...args: never[]) => M

/**
 * Which modules: those at a path, of a class, for which a function says so, or of any of several patterns.
 *
 * A path is a glob over names as in state dicts: `*` is any part of a name, `**` any number of names (none, too) and `{a,b}` either:
 * 'encoder.layer.*.attention.**', 'layer{3,4}'. A RegExp is searched for anywhere in a path; the model itself has the path ''.
 */
export type ModulePattern =
  | string
  | RegExp
  | ModuleClass
  | ((module: Module, path: string) => boolean)
  | readonly ModulePattern[]

/** Which parameters: as for modules, whose parameters are all meant; paths may be those of parameters, and functions see parameters. */
export type ParameterPattern =
  | string
  | RegExp
  | ModuleClass
  | ((parameter: Parameter, name: string) => boolean)
  | readonly ParameterPattern[]

/** A model's modules with all their paths: one that is shared comes once for each. The model itself has the path ''. */
export function* modulePaths(model: Module, prefix = ''): Generator<[string, Module]> {
  yield [prefix, model]
  for (const [name, child] of model.namedChildren())
    yield* modulePaths(child, prefix === '' ? name : `${prefix}.${name}`)
}

/**
 * The modules that `pattern` selects, with their paths, outer ones first; one that is shared comes once, under its first path that
 * is selected.
 *
 * @throws ValueError when there are none, naming what is nearest
 */
export function modulesMatching(model: Module, pattern: ModulePattern): [string, Module][] {
  const found = new Map<Module, string>()
  const all = [...modulePaths(model)]
  eachPattern(pattern, (one) => {
    const selects = typeof one === 'string' || one instanceof RegExp ? byPath(one) : byModule(one)
    const selected = all.filter(([path, module]) => selects(path, module))
    if (selected.length === 0) throw nothing('modulesMatching', model, one, all)
    for (const [path, module] of selected) if (!found.has(module)) found.set(module, path)
  })
  // In the model's order, whatever that of the patterns.
  return all.flatMap(([path, module]) => (found.get(module) === path ? [[path, module]] : []))
}

/**
 * The parameters that `pattern` selects, with their names; one that is shared comes once, and is selected by any of its names.
 *
 * @throws ValueError when there are none, naming what is nearest
 */
export function parametersMatching(model: Module, pattern: ParameterPattern): [string, Parameter][] {
  const all = [...model._namedTensors()].flatMap(([name, t]) => (t instanceof Parameter ? [[name, t] as const] : []))
  const found = new Set<Parameter>()
  eachPattern(pattern, (one) => {
    const selected = selectParameters(model, one, all)
    if (selected.length === 0) throw nothing('parametersMatching', model, one, [...modulePaths(model), ...all])
    for (const parameter of selected) found.add(parameter)
  })
  return [...model.namedParameters()].filter(([, parameter]) => found.has(parameter))
}

function selectParameters(
  model: Module,
  pattern: Exclude<ParameterPattern, readonly ParameterPattern[]>,
  all: readonly (readonly [string, Parameter])[],
): Parameter[] {
  if (typeof pattern === 'function' && !isClass(pattern))
    return all.filter(([name, parameter]) => pattern(parameter, name)).map(([, parameter]) => parameter)
  if (pattern instanceof RegExp) {
    const selects = byPath(pattern)
    return all.filter(([name]) => selects(name)).map(([, parameter]) => parameter)
  }
  const selects = isClass(pattern) ? byModule(pattern) : byPath(pattern)
  const within = [...modulePaths(model)].filter(([path, module]) => selects(path, module))
  const named = isClass(pattern) ? [] : all.filter(([name]) => (selects as (path: string) => boolean)(name))
  return [...within.flatMap(([, module]) => [...module.parameters()]), ...named.map(([, parameter]) => parameter)]
}

/**
 * Freezes parameters: they collect no gradients any more, and those collected are freed, so that optimizers leave them as they are.
 * Running statistics of norms go on in training mode: put those modules into eval mode too where they should not. Returns the names.
 *
 *     freeze(model, 'encoder.layer.{0,1,2}')
 *     freeze(model, BatchNorm2d)
 *     freeze(model, (parameter) => parameter.rank < 2)
 *
 * @throws ValueError when the pattern selects none
 */
export function freeze(model: Module, pattern: ParameterPattern): string[] {
  return parametersMatching(model, pattern).map(([name, parameter]) => {
    parameter.requiresGrad_(false)
    parameter.grad?.dispose()
    parameter.grad = null
    return name
  })
}

/** Lets parameters collect gradients again. Returns their names. @throws ValueError when the pattern selects none */
export function unfreeze(model: Module, pattern: ParameterPattern): string[] {
  return parametersMatching(model, pattern).map(([name, parameter]) => {
    parameter.requiresGrad_(true)
    return name
  })
}

function eachPattern<P>(pattern: P | readonly P[], fn: (pattern: Exclude<P, readonly unknown[]>) => void): void {
  if (Array.isArray(pattern)) for (const one of pattern) eachPattern<P>(one, fn)
  else fn(pattern as Exclude<P, readonly unknown[]>)
}

const isClass = (pattern: unknown): pattern is ModuleClass =>
  typeof pattern === 'function' && (pattern === Module || pattern.prototype instanceof Module)

function byModule(
  pattern: ModuleClass | ((module: Module, path: string) => boolean),
): (path: string, module: Module) => boolean {
  return isClass(pattern) ? (_, module) => module instanceof pattern : (path, module) => pattern(module, path)
}

function byPath(pattern: string | RegExp): (path: string) => boolean {
  if (pattern instanceof RegExp) return (path) => path.search(pattern) >= 0
  const glob = globOf(pattern)
  return (path) => path !== '' && glob.test(path)
}

/** `**` stands for whole names with their dots, so 'a.**' also selects a, and '**.b' also b. */
function globOf(pattern: string): RegExp {
  if (pattern === '**') return /^/
  const body = pattern
    .split('.')
    .map((name, i, names) => {
      if (name !== '**') return (i > 0 && names[i - 1] !== '**' ? '\\.' : '') + nameOf(name, pattern)
      if (i === 0) return '(?:[^.]+\\.)*'
      return i === names.length - 1 ? '(?:\\.[^.]+)*' : '\\.(?:[^.]+\\.)*'
    })
    .join('')
  return new RegExp(`^${body}$`)
}

function nameOf(name: string, pattern: string): string {
  if (name.includes('**'))
    throw new ValueError(`pattern '${pattern}': ** stands for whole names: a.**.b; within one use *`)
  return name
    .replace(/[\\^$+?()[\]|]/g, '\\$&')
    .replace(/\*/g, '[^.]*')
    .replace(/\{([^{}]*)\}/g, (_, names: string) => `(?:${names.split(',').join('|')})`)
}

/** Paths, or classes, that an error lists. */
const LISTED = 4

function nothing(
  who: string,
  model: Module,
  pattern: unknown,
  all: readonly (readonly [string, unknown])[],
): ValueError {
  const type = model.constructor.name
  if (isClass(pattern)) {
    const types = [...new Set([...model.modules()].map((module) => module.constructor.name))]
    return new ValueError(`${who}: no module in ${type} is a ${pattern.name}; there are ${types.join(', ')}`)
  }
  const paths = [...new Set(all.map(([path]) => path))].filter((path) => path !== '')
  const near = typeof pattern === 'string' ? nearPaths(pattern, paths) : []
  const asked = typeof pattern === 'function' ? 'the given function' : String(pattern)
  const some = near.length > 0 ? `near it: ${near.join(', ')}` : `there are ${paths.slice(0, LISTED).join(', ')}, ...`
  return new ValueError(`${who}: nothing in ${type} matches ${asked}; ${some}`)
}

/** What a pattern may have meant: the names that stand where it first goes wrong. */
function nearPaths(pattern: string, paths: readonly string[]): string[] {
  const names = pattern.split('.')
  for (let length = names.length; length > 0; length--) {
    const before = names.slice(0, length - 1)
    const fits = before.length === 0 ? null : globOf(before.join('.'))
    const level = paths.filter((path) => {
      const at = path.lastIndexOf('.')
      return at < 0 ? fits === null : (fits?.test(path.slice(0, at)) ?? false)
    })
    if (level.length === 0) continue
    const word = names[length - 1] as string
    const lasts = [...new Set(level.map((path) => path.slice(path.lastIndexOf('.') + 1)))]
    const best = nearest(word.replace(/\*/g, ''), lasts)
    const meant = best === undefined ? level : level.filter((path) => path.endsWith(best))
    return meant.slice(0, LISTED)
  }
  return []
}
