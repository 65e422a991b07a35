// Cases whose config is a layer's name and its arguments. Place in the whole: the families of torch.nn's layers, whose Python side has
// PyTorch's arguments and ours beside each other.
import * as nn from '#lib/nn/index.js'
import type { Cases, Config, ParityCase } from '../harness.js'

type Layer = new (...args: readonly unknown[]) => nn.Module

export function build({ layer, args }: Config): nn.Module {
  const Class = (nn as unknown as Readonly<Record<string, Layer>>)[layer]
  if (!Class) throw new Error(`lib/nn has no ${layer}`)
  return new Class(...args)
}

/** `lengths`: of each case the terms of its longest sum. */
export const byName = (lengths: Readonly<Record<string, number>>, others: Omit<ParityCase, 'build'> = {}): Cases =>
  Object.fromEntries(Object.entries(lengths).map(([name, length]) => [name, { ...others, build, length }]))
