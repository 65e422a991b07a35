// What readers have in common. Place in the whole: every class of lib/data/readers is one of these, a dataset that also says how
// a worker thread makes its like.
import type { DatasetModule } from '../dataset.js'

/**
 * A dataset that loaders' workers can build for themselves: it is a DatasetModule too. What else it has it keeps private or on its
 * prototype, as the own properties of a DatasetModule are sent to every worker.
 */
export abstract class Reader implements DatasetModule {
  readonly module: string
  readonly export: string
  readonly args: readonly unknown[]

  constructor({ module, export: name = 'default', args = [] }: DatasetModule) {
    this.module = String(module)
    this.export = name
    this.args = args
  }
}
