// Types of clouds.mjs.
import type { Dataset } from '#lib/data/index.js'
import { Module } from '#lib/nn/index.js'

export function clouds(options?: { samples?: number; seed?: number; spread?: number }): Dataset<any>

export class Net extends Module {
  constructor(options?: { width?: number })
}
