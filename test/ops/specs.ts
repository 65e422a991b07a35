/** All OpSpecs. Place in the whole: what the tests about the tests, and the promotion test, go through. */
import type { OpSpec } from '../opspec/spec.js'
import * as attention from './attention.spec.js'
import * as binary from './binary.spec.js'
import * as conv from './conv.spec.js'
import * as convert from './convert.spec.js'
import * as creation from './creation.spec.js'
import * as indexing from './indexing.spec.js'
import * as inplace from './inplace.spec.js'
import * as join from './join.spec.js'
import * as loss from './loss.spec.js'
import * as matmul from './matmul.spec.js'
import * as norm from './norm.spec.js'
import * as optimize from './optimize.spec.js'
import * as pooling from './pooling.spec.js'
import * as random from './random.spec.js'
import * as reduce from './reduce.spec.js'
import * as select from './select.spec.js'
import * as softmax from './softmax.spec.js'
import * as unary from './unary.spec.js'
import * as views from './views.spec.js'

const families = {
  attention,
  binary,
  conv,
  convert,
  creation,
  indexing,
  inplace,
  join,
  loss,
  matmul,
  norm,
  optimize,
  pooling,
  random,
  reduce,
  select,
  softmax,
  unary,
  views,
}

/** By family: the names of test/ops/<family>.spec.ts. */
export const SPECS: Readonly<Record<string, readonly OpSpec[]>> = Object.fromEntries(
  Object.entries(families).map(([name, m]) => [name, m.specs]),
)
