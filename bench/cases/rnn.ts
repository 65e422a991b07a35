/** Recurrent layers, of nn. Names are t = steps, b = sequences, i = inputs, h = units; backward goes to the input and all parameters. */
import { randn } from 'sinter'
import { GRU, LSTM } from 'sinter/nn'
import { type Case, forwardOnly, withBackward } from '../case.js'

const [STEPS, BATCH, INPUTS, HIDDEN] = [128, 32, 256, 512] as const

function recurrentCase(kind: 'lstm' | 'gru', backward: boolean): Case {
  const gates = kind === 'lstm' ? 4 : 3
  return {
    name: `rnn.${kind}.${backward ? 'fwdbwd' : 'fwd'}.t${STEPS}b${BATCH}i${INPUTS}h${HIDDEN}`,
    dtype: 'f32',
    flops: 2 * STEPS * BATCH * gates * HIDDEN * (INPUTS + HIDDEN) * (backward ? 3 : 1),
    bar: () => (backward ? 1.2 : 1),
    prepare() {
      const net = kind === 'lstm' ? new LSTM(INPUTS, HIDDEN) : new GRU(INPUTS, HIDDEN)
      const x = randn([STEPS, BATCH, INPUTS])
      const forward = () => net.forward(x)[0]
      if (backward) return withBackward(forward, [x, ...net.parameters()])
      net.requiresGrad_(false)
      return forwardOnly(forward)
    },
  }
}

export const rnn: readonly Case[] = [
  recurrentCase('lstm', false),
  recurrentCase('lstm', true),
  recurrentCase('gru', false),
  recurrentCase('gru', true),
]
