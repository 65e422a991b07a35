/** Single steps of recurrent networks. Place in the whole: recurrent.ts runs whole sequences. Shapes as there. */
import { autocasting } from '../autograd/mode.js'
import { ShapeError } from '../errors.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { alwaysFull } from './autocast.js'
import { cast } from './convert.js'
import { recurrence } from './recurrence.js'
import type { Cell } from './recurrenceLayer.js'
import { checkDTypes, checkWeights, type RecurrentWeights } from './recurrent.js'
import { squeeze, unsqueeze } from './views.js'

/** Without a projection: a step's result is h itself. */
export type CellWeights = Omit<RecurrentWeights, 'weightHr'>

/** One step of `lstm`: x (B, I) or (I), `state` [h, c] (B, H) or (H), zeros without it -> [h, c]. Definition: torch.nn.LSTMCell. */
export function lstmCell(x: Tensor, state: readonly [Tensor, Tensor] | null, weights: CellWeights): [Tensor, Tensor] {
  return step('lstmCell', 'lstm', x, state?.[0] ?? null, state?.[1] ?? null, weights) as [Tensor, Tensor]
}

/** One step of `gru`: x (B, I) or (I), h (B, H) or (H), zeros without it -> h. Definition: torch.nn.GRUCell. */
export function gruCell(x: Tensor, h: Tensor | null, weights: CellWeights): Tensor {
  return step('gruCell', 'gru', x, h, null, weights)[0] as Tensor
}

/** One step of `rnnTanh`; see `gruCell`. Definition: torch.nn.RNNCell. */
export function rnnTanhCell(x: Tensor, h: Tensor | null, weights: CellWeights): Tensor {
  return step('rnnTanhCell', 'tanh', x, h, null, weights)[0] as Tensor
}

/** One step of `rnnRelu`; see `gruCell`. Definition: torch.nn.RNNCell. */
export function rnnReluCell(x: Tensor, h: Tensor | null, weights: CellWeights): Tensor {
  return step('rnnReluCell', 'relu', x, h, null, weights)[0] as Tensor
}

function step(
  name: string,
  cell: Cell,
  x: Tensor,
  h0: Tensor | null,
  c0: Tensor | null,
  { weightIh, weightHh, biasIh = null, biasHh = null }: CellWeights,
): Tensor[] {
  if (autocasting.frame) {
    return alwaysFull([x, h0, c0, weightIh, weightHh, biasIh, biasHh], (x, h, c, ih, hh, bih, bhh) =>
      step(name, cell, x, h, c, { weightIh: ih, weightHh: hh, biasIh: bih, biasHh: bhh }),
    )
  }
  const { dtype } = x
  const computing = checkDTypes(name, dtype, [h0, c0, weightIh, weightHh, biasIh, biasHh])
  if (x.rank !== 1 && x.rank !== 2) throw new ShapeError(`${name}: takes (b, i) or (i), got ${show(x.shape)}`)
  const { hidden } = checkWeights(
    name,
    cell,
    { weightIh, weightHh, biasIh, biasHh },
    x.shape.at(-1) as number,
    'of the cell',
  )
  const shape = [...x.shape.slice(0, -1), hidden]
  for (const state of [h0, c0])
    if (state && !sameShape(state.shape, shape))
      throw new ShapeError(`${name}: a state ${show(state.shape)} for input ${show(x.shape)} and ${hidden} units`)
  const rows = (t: Tensor): Tensor => (x.rank === 1 ? unsqueeze(t, 0) : t)
  const wide = (t: Tensor | null): Tensor | null => t && cast(t, computing)
  const input = rows(wide(x) as Tensor)
  const batch = input.shape[0] as number
  const results = recurrence(
    { cell, reverse: false, steps: { count: batch ? 1 : 0, batch, sizes: null } },
    {
      x: input,
      weightIh: wide(weightIh) as Tensor,
      weightHh: wide(weightHh) as Tensor,
      biasIh: wide(biasIh),
      biasHh: wide(biasHh),
      h0: h0 && rows(wide(h0) as Tensor),
      c0: c0 && rows(wide(c0) as Tensor),
      weightHr: null,
    },
  )
  return results.slice(1).map((t) => cast(x.rank === 1 ? squeeze(t, 0) : t, dtype))
}
