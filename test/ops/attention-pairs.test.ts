/** Attention of bf16 by pairs (native/cpu/attention/pairs.h), on AVX2 with the instruction spelled out. */
import { describe, vi } from 'vitest'

// Before the first stream opens, which is when the set is chosen, and for the kernels' part of the suite; each test file is a
// process of its own.
vi.hoisted(() => {
  if (process.arch === 'x64') process.env['SINTER_ISA'] = 'avx2pairs'
  process.env['SINTER_OPS_QUICK'] = '1'
})

import { attentionGradients } from '../helpers/attention-gradients.js'
import type { OpSpec } from '../opspec/spec.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './attention.spec.js'
import { specs as paged } from './paged.spec.js'

const isFused = (spec: OpSpec): boolean => spec.ops.some((op) => /attention/i.test(op)) && !spec.accuracy.composed
testOps([...specs, ...paged].filter(isFused).map((spec) => ({ ...spec, dtypes: ['bf16'], refuses: [], errors: {} })))

describe('against f64', () => attentionGradients())
