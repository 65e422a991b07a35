/** Products and convolutions of bf16 by vdpbf16ps. */
import { vi } from 'vitest'
import { pairConvolutions } from '../helpers/pair-convolutions.js'
import { pairProducts } from '../helpers/pair-products.js'

// Before the first stream opens, which is when the set is chosen; each test file is a process of its own.
vi.hoisted(() => {
  if (process.arch === 'x64') process.env['SINTER_ISA'] = 'avx2pairs'
})

pairProducts('avx2pairs', 768)
pairConvolutions('avx2pairs')
