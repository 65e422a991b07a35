// Weights that are one tensor in several places. Place in the whole: a tool over models; state dicts, casts and optimizers see one Parameter.
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { didYouMean } from '../suggest.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Module } from './module.js'
import { Parameter } from './parameter.js'
import { modulePaths } from './select.js'

/**
 * Puts the parameter called `kept` in the place of the `others` as well: one tensor, trained by the gradients of all its places, counted
 * and updated once, and in state dicts under each of its names. Names are those of state dicts. Make optimizers afterwards.
 *
 *     tieWeights(model, 'embedding.weight', 'head.weight')
 *
 * @throws ValueError for a name that no parameter has, ShapeError or DTypeError where the parameters differ in shape or dtype
 */
export function tieWeights(model: Module, kept: string, ...others: readonly string[]): void {
  const names = [...model._namedTensors()].filter(([, t]) => t instanceof Parameter)
  const all = new Map(names as [string, Parameter][])
  const find = (name: string): Parameter => {
    const parameter = all.get(name)
    if (parameter) return parameter
    const near = didYouMean(name, [...all.keys()])
    throw new ValueError(`tieWeights: ${model.constructor.name} has no parameter called '${name}'${near}`)
  }
  const parameter = find(kept)
  for (const name of others) {
    const other = find(name)
    if (!sameShape(other.shape, parameter.shape)) {
      throw new ShapeError(
        `tieWeights: ${kept} is ${show(parameter.shape)}, ${name} ${show(other.shape)}; tied weights have one shape`,
      )
    }
    if (other.dtype !== parameter.dtype)
      throw new DTypeError(`tieWeights: ${kept} is ${parameter.dtype}, ${name} ${other.dtype}; cast the model first`)
  }
  const modules = new Map(modulePaths(model))
  for (const name of others) {
    const dot = name.lastIndexOf('.')
    modules.get(dot < 0 ? '' : name.slice(0, dot))?._setParameter(name.slice(dot + 1), parameter)
  }
}
