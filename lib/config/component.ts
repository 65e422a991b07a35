// From what a configuration says of a component to the thing itself. Place in the whole: names are looked up in the registry, modules
// imported, and whatever a factory finds wrong gets the path and the line of the file in front of it.
import { createRequire } from 'node:module'
import { isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SinterError } from '../errors.js'
import { didYouMean } from '../suggest.js'
import { ConfigError, describe } from '../train/config.js'
import { type Context, type Factory, factoryOf, type Kind, type Kinds, type Options, registered } from './registry.js'
import type { Path, Source } from './source.js'

/** What a builder knows of the run. */
export interface BuilderSettings {
  readonly source: Source
  readonly seed: number
  readonly quick: boolean
}

export class Builder {
  readonly #settings: BuilderSettings

  constructor(settings: BuilderSettings) {
    this.#settings = settings
  }

  /** An error about the value at `path`. */
  error(path: Path, problem: string, options?: ErrorOptions): ConfigError {
    return new ConfigError(this.#settings.source.at(path), path.join('.'), problem, options)
  }

  /** A file that the configuration names, relative to its folder. */
  resolve(path: string): string {
    return resolve(this.#settings.source.folder, path)
  }

  /** What to import for a module that the configuration names: a path relative to its folder, or a package. */
  moduleUrl(module: string): string {
    const isFile = /^\.{1,2}\//.test(module) || isAbsolute(module) || /\.m?[jt]s$/.test(module)
    if (isFile) return pathToFileURL(this.resolve(module)).href
    try {
      // Found from the configuration's folder, not from this library's.
      return pathToFileURL(createRequire(join(this.#settings.source.folder, 'config.js')).resolve(module)).href
    } catch {
      return module
    }
  }

  async build<K extends Kind>(
    kind: K,
    spec: unknown,
    path: Path,
    own: Kinds[K]['context'],
  ): Promise<Kinds[K]['value']> {
    const context = this.#context<K>(path, own)
    if (typeof spec === 'function') return await this.#guarded(path, {}, () => spec(context))
    const { name, module, export: exported, ...options } = typeof spec === 'string' ? { name: spec } : fields(spec)
    if (typeof name === 'string') {
      const factory = factoryOf(kind, name)
      if (factory === undefined) {
        const known = registered(kind)
        const list = known.length === 0 ? 'none is registered' : `there are ${known.join(', ')}`
        throw this.error([...path, 'name'], `no ${kind} '${name}'${didYouMean(name, known)} (${list})`)
      }
      return await this.#guarded(path, options, () => factory(options, context))
    }
    if (typeof module !== 'string')
      throw this.error(path, `found ${describe(spec)}, expected a name, {name, ...options} or {module, export, ...}`)
    const make = await this.#exported<K>(path, module, exported as string | undefined)
    return await this.#guarded(path, options, () => make(options, context))
  }

  #context<K extends Kind>(path: Path, own: Kinds[K]['context']): Context<K> {
    const { seed, quick } = this.#settings
    return {
      ...own,
      seed,
      quick,
      resolve: (file: string) => this.resolve(file),
      build: (kind, spec, field, inner) =>
        this.build(kind, spec, [...path, ...[field].flat()], inner ?? (own as Kinds[typeof kind]['context'])),
    } as Context<K>
  }

  async #exported<K extends Kind>(path: Path, module: string, name = 'default'): Promise<Factory<K>> {
    let exports: Record<string, unknown>
    try {
      exports = (await import(this.moduleUrl(module))) as Record<string, unknown>
    } catch (cause) {
      const message = (cause as Error).message
      throw this.error([...path, 'module'], `${module} cannot be imported: ${message}`, { cause })
    }
    const make = exports[name]
    if (typeof make !== 'function') {
      const names = Object.keys(exports)
      const found = make === undefined ? `${module} has no export '${name}'` : `'${name}' is ${describe(make)}`
      const list = names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')}`
      throw this.error(
        [...path, 'export'],
        `${found}${didYouMean(name, names)}: expected a class or function (${list})`,
      )
    }
    // A class's `prototype` property is the one that cannot be written.
    const isClass = Object.getOwnPropertyDescriptor(make, 'prototype')?.writable === false
    return isClass
      ? (options) => Reflect.construct(make, [options]) as Kinds[K]['value']
      : (make as unknown as Factory<K>)
  }

  /** Says of an error where in the configuration it came from. */
  async #guarded<T>(path: Path, options: Options, make: () => T | Promise<T>): Promise<T> {
    try {
      return await make()
    } catch (cause) {
      // One about a component within this one has its place already.
      if (cause instanceof ConfigError) throw cause
      const message = cause instanceof Error ? cause.message : String(cause)
      const option = /no such option: '(\w+)'/.exec(message)?.[1]
      const place = option !== undefined && option in options ? [...path, option] : path
      if (cause instanceof SinterError) throw this.error(place, message, { cause })
      const where = `${this.#settings.source.at(path)}: ${path.join('.')}`
      throw new SinterError('SINTER_COMPONENT', `${where}: ${message}`, { cause })
    }
  }
}

const fields = (spec: unknown): Options => (typeof spec === 'object' && spec !== null ? (spec as Options) : {})
