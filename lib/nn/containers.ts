// Modules made of modules. Place in the whole: the containers of PyTorch, with its names ('0', '1', ...) in state dicts.
import { ValueError } from '../errors.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import type { Parameter } from './parameter.js'

/** Modules run one after the other: each receives what the one before returned. */
export class Sequential extends Module {
  readonly #layers: Module[]

  constructor(...layers: readonly Module[]) {
    super()
    this.#layers = [...layers]
  }

  get length(): number {
    return this.#layers.length
  }

  at(index: number): Module | undefined {
    return this.#layers.at(index)
  }

  [Symbol.iterator](): Iterator<Module> {
    return this.#layers[Symbol.iterator]()
  }

  override _held(): Iterable<unknown> {
    return this.#layers
  }

  override *_fields(): Generator<[string, Module]> {
    for (const [i, layer] of this.#layers.entries()) yield [String(i), layer]
  }

  override _setChild(name: string, module: Module): void {
    this.#layers[Number(name)] = module
  }

  override forward(x: Tensor): Tensor {
    let y = x
    for (const layer of this.#layers) y = layer.call(y) as Tensor
    return y
  }
}

/** Modules in a list, to be called by the module that holds it. */
export class ModuleList<M extends Module = Module> extends Module {
  readonly #modules: M[]

  constructor(modules: Iterable<M> = []) {
    super()
    this.#modules = [...modules]
  }

  get length(): number {
    return this.#modules.length
  }

  at(index: number): M | undefined {
    return this.#modules.at(index)
  }

  push(...modules: M[]): this {
    this.#modules.push(...modules)
    return this
  }

  [Symbol.iterator](): Iterator<M> {
    return this.#modules[Symbol.iterator]()
  }

  override _held(): Iterable<unknown> {
    return this.#modules
  }

  override *_fields(): Generator<[string, Module]> {
    for (const [i, module] of this.#modules.entries()) yield [String(i), module]
  }

  override _setChild(name: string, module: Module): void {
    this.#modules[Number(name)] = module as M
  }

  override forward(): never {
    throw new ValueError('ModuleList: a list has no forward: iterate it, or use Sequential')
  }
}

/** Modules by name, to be called by the module that holds it. */
export class ModuleDict<M extends Module = Module> extends Module {
  readonly #modules: Map<string, M>

  constructor(modules: Readonly<Record<string, M>> | Iterable<readonly [string, M]> = []) {
    super()
    this.#modules = new Map(Symbol.iterator in modules ? (modules as Iterable<[string, M]>) : Object.entries(modules))
  }

  get size(): number {
    return this.#modules.size
  }

  get(name: string): M | undefined {
    return this.#modules.get(name)
  }

  set(name: string, module: M): this {
    this.#modules.set(name, module)
    return this
  }

  [Symbol.iterator](): Iterator<[string, M]> {
    return this.#modules[Symbol.iterator]()
  }

  override _held(): Iterable<unknown> {
    return this.#modules.values()
  }

  override *_fields(): Generator<[string, Module]> {
    yield* this.#modules
  }

  override _setChild(name: string, module: Module): void {
    this.#modules.set(name, module as M)
  }

  override forward(): never {
    throw new ValueError('ModuleDict: a dictionary has no forward: get the module you want')
  }
}

/** Parameters in a list. */
export class ParameterList extends Module {
  readonly #parameters: Parameter[]

  constructor(parameters: Iterable<Parameter> = []) {
    super()
    this.#parameters = [...parameters]
  }

  get length(): number {
    return this.#parameters.length
  }

  at(index: number): Parameter | undefined {
    return this.#parameters.at(index)
  }

  [Symbol.iterator](): Iterator<Parameter> {
    return this.#parameters[Symbol.iterator]()
  }

  override _held(): Iterable<unknown> {
    return this.#parameters
  }

  override *_fields(): Generator<[string, Parameter]> {
    for (const [i, parameter] of this.#parameters.entries()) yield [String(i), parameter]
  }

  override _setParameter(name: string, parameter: Parameter): void {
    this.#parameters[Number(name)] = parameter
  }

  override forward(): never {
    throw new ValueError('ParameterList: a list has no forward: iterate it')
  }
}

/** Parameters by name. */
export class ParameterDict extends Module {
  readonly #parameters: Map<string, Parameter>

  constructor(parameters: Readonly<Record<string, Parameter>> | Iterable<readonly [string, Parameter]> = []) {
    super()
    const entries = Symbol.iterator in parameters ? parameters : Object.entries(parameters)
    this.#parameters = new Map(entries as Iterable<[string, Parameter]>)
  }

  get size(): number {
    return this.#parameters.size
  }

  get(name: string): Parameter | undefined {
    return this.#parameters.get(name)
  }

  set(name: string, parameter: Parameter): this {
    this.#parameters.set(name, parameter)
    return this
  }

  [Symbol.iterator](): Iterator<[string, Parameter]> {
    return this.#parameters[Symbol.iterator]()
  }

  override _held(): Iterable<unknown> {
    return this.#parameters.values()
  }

  override *_fields(): Generator<[string, Parameter]> {
    yield* this.#parameters
  }

  override forward(): never {
    throw new ValueError('ParameterDict: a dictionary has no forward: get the parameter you want')
  }
}
