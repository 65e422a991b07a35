// Names of sinter/transforms. Place in the whole: called by builtin.ts; every function there is a name. Options that functions take by
// position are named here.

import { known } from '../check.js'
import type { BatchTransform } from '../data/transform.js'
import * as transforms from '../transforms/index.js'
import { register } from './registry.js'

/** Parameters before the options; other functions take options alone. */
const POSITIONAL: Readonly<Record<string, readonly string[]>> = {
  centerCrop: ['size'],
  fiveCrop: ['size'],
  gaussianBlur: ['kernelSize'],
  pad: ['padding'],
  randomAdjustSharpness: ['factor'],
  randomCrop: ['size'],
  randomPosterize: ['bits'],
  randomResizedCrop: ['size'],
  randomRotation: ['degrees'],
  randomSolarize: ['threshold'],
  resize: ['size'],
  tenCrop: ['size'],
  toDtype: ['dtype'],
}
const WITHOUT_OPTIONS = ['centerCrop', 'fiveCrop']
/** Of other transforms. */
const COMPOSED: Readonly<Record<string, readonly string[]>> = {
  compose: [],
  randomApply: ['p'],
  randomChoice: ['p', 'perBatch'],
}

type Make = (...args: unknown[]) => BatchTransform

export function registerTransforms(): void {
  for (const [name, value] of Object.entries(transforms)) {
    if (typeof value !== 'function') continue
    const make = value as unknown as Make
    const keys = COMPOSED[name]
    if (keys !== undefined) {
      register('transform', name, async ({ transforms: specs, ...options }, { build }) => {
        known(name, options, keys)
        const parts: BatchTransform[] = []
        for (const [i, spec] of (Array.isArray(specs) ? specs : []).entries())
          parts.push(await build('transform', spec, ['transforms', i]))
        return make(parts, options)
      })
      continue
    }
    const positional = POSITIONAL[name] ?? []
    register('transform', name, (options) => {
      const rest = Object.fromEntries(Object.entries(options).filter(([key]) => !positional.includes(key)))
      if (WITHOUT_OPTIONS.includes(name)) known(name, options, positional)
      return make(...positional.map((key) => options[key]), rest)
    })
  }
}
