/** Tiny tensors: what is left is the cost of an operator as such, forward, gradient bookkeeping and backward. */
import { randn, scope } from 'sinter'
import { Linear, ReLU, Sequential } from 'sinter/nn'
import { AdamW } from 'sinter/optim'
import { type Case, forwardOnly } from '../case.js'

/** 1,000 sums a call. */
const add16: Case = {
  name: 'overhead.add16',
  dtype: 'f32',
  items: 1000,
  prepare() {
    const a = randn([16])
    const b = randn([16])
    return forwardOnly(() => {
      for (let i = 0; i < 1000; i++) a.add(b).dispose()
    })
  },
}

/** 50 products and 50 sums, a reduction, backward. */
const chain: Case = {
  name: 'overhead.chain100.fwdbwd',
  dtype: 'f32',
  items: 100,
  prepare() {
    const a = randn([16]).requiresGrad_()
    const b = randn([16])
    return () =>
      scope(() => {
        let y = a.mul(b).add(b)
        for (let i = 1; i < 50; i++) y = y.mul(b).add(b)
        y.sum().backward()
        a.grad?.dispose()
        a.grad = null
      })
  },
}

const mlp: Case = {
  name: 'overhead.linear_mlp.b1_64_64_64.train',
  dtype: 'f32',
  prepare() {
    const model = new Sequential(new Linear(64, 64), new ReLU(), new Linear(64, 64))
    const x = randn([1, 64])
    const optimizer = new AdamW(model.parameters())
    return () =>
      scope(() => {
        optimizer.zeroGrad()
        model.call(x).sum().backward()
        optimizer.step()
      })
  },
}

export const overhead: readonly Case[] = [add16, chain, mlp]
