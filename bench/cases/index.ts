/** All timed cases, in the order in which they run. */
import type { Case } from '../case.js'
import { attention } from './attention.js'
import { augment } from './augment.js'
import { conv } from './conv.js'
import { elementary } from './elementary.js'
import { embedding } from './embedding.js'
import { gemm } from './gemm.js'
import { groups } from './groups.js'
import { image } from './image.js'
import { infer } from './infer.js'
import { int8 } from './int8.js'
import { layout } from './layout.js'
import { loss } from './loss.js'
import { norm } from './norm.js'
import { operators } from './operators.js'
import { optim } from './optim.js'
import { overhead } from './overhead.js'
import { persample } from './persample.js'
import { pointwise } from './pointwise.js'
import { pool } from './pool.js'
import { random } from './random.js'
import { reduce } from './reduce.js'
import { rnn } from './rnn.js'
import { signal } from './signal.js'
import { sparseProducts } from './sparse.js'
import { train } from './train.js'

export const CASES: readonly Case[] = [
  ...overhead,
  ...gemm,
  ...int8,
  ...groups,
  ...conv,
  ...attention,
  ...rnn,
  ...norm,
  ...loss,
  ...embedding,
  ...pointwise,
  ...elementary,
  ...reduce,
  ...layout,
  ...random,
  ...pool,
  ...operators,
  ...image,
  ...augment,
  ...signal,
  ...sparseProducts,
  ...optim,
  ...train,
  ...infer,
  ...persample,
]
