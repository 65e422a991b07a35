/** One AdamW step over 50 million parameters in ten tensors. The peer has a fused kernel and a tensor-by-tensor one; we, one. */
import { randn } from 'sinter'
import { Parameter } from 'sinter/nn'
import { AdamW } from 'sinter/optim'
import type { Case } from '../case.js'

const TENSORS = 10
const ELEMENTS = 5_000_000

function adamwCase(name: string): Case {
  return {
    name,
    dtype: 'f32',
    bytes: 4 * TENSORS * ELEMENTS * 7, // reads p, g, m, v and writes p, m, v
    prepare() {
      const parameters = Array.from({ length: TENSORS }, () => new Parameter(randn([ELEMENTS])))
      for (const p of parameters) p.grad = randn([ELEMENTS])
      const optimizer = new AdamW(parameters)
      return () => optimizer.step()
    },
  }
}

export const optim: readonly Case[] = [adamwCase('adamw.fused.50m'), adamwCase('adamw.foreach_off.50m')]
