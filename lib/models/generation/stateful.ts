// Sequences of a model whose memory is a state of fixed size, as recurrent ones have. Place in the whole: see decoding.ts.
// Shapes: B rows, T new positions, V vocabulary.
import { keep } from '../../engine/lifetime.js'
import { tensor } from '../../ops/creation.js'
import { indexSelect } from '../../ops/indexing.js'
import { concat } from '../../ops/join.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { Decoding } from './decoding.js'
import { distinctLengths, lastOf, padded, sameNumbers } from './rows.js'

/** Tensors of one row each along dimension 1, as recurrent layers' states are: (L, B, H). */
export type State = readonly Tensor[]

export interface Stateful {
  /** How many rows begin. */
  readonly rows: number
  /** What they begin with; null where the model begins with its own. Stays the caller's. */
  readonly state: State | null
  /** What rows read and do not change, a row each along dimension 0: an encoder's results. Stays the caller's. */
  readonly fixed: readonly Tensor[]
  /** Tokens (B, T), the state before them and what is fixed to logits (B, T, V), or the last ones, and the state behind. */
  run(tokens_BT: Tensor, state: State | null, fixed: readonly Tensor[]): readonly [logits_BTV: Tensor, state: State]
}

export class StatefulDecoding implements Decoding {
  readonly #given: Stateful
  /** Which of the rows that began each row goes on from. */
  #origins: readonly number[]
  #state: State | null
  #fixed: readonly Tensor[]

  constructor(given: Stateful) {
    this.#given = given
    this.#origins = Array.from({ length: given.rows }, (_, n) => n)
    this.#state = given.state
    this.#fixed = given.fixed
  }

  step(tokens: readonly (readonly number[])[]): Tensor {
    const groups = distinctLengths(tokens)
    const results = groups.map((rows) => {
      const own = (t: Tensor, axis: number): Tensor => (groups.length === 1 ? t : indexSelect(t, axis, placesOf(rows)))
      const [logits_BTV, state] = this.#given.run(
        padded(rows.map((n) => tokens[n] as readonly number[])),
        this.#state?.map((t) => own(t, 1)) ?? null,
        this.#fixed.map((t) => own(t, 0)),
      )
      return [lastOf(logits_BTV), state] as const
    })
    const [first] = results as [(typeof results)[0]]
    if (groups.length === 1) {
      this.#setState(first[1])
      return first[0]
    }
    // The groups' rows one behind the other, back in the order of the sequences.
    const order = groups.flat()
    const places = placesOf(order.map((_, n) => order.indexOf(n)))
    const joined = (parts: readonly Tensor[], axis: number): Tensor => indexSelect(concat(parts, axis), axis, places)
    this.#setState(
      first[1].map((_, i) =>
        joined(
          results.map(([, state]) => state[i] as Tensor),
          1,
        ),
      ),
    )
    return joined(
      results.map(([logits_BV]) => logits_BV),
      0,
    )
  }

  select(rows: readonly number[]): void {
    const places = placesOf(rows)
    if (this.#state !== null) this.#setState(this.#state.map((t) => indexSelect(t, 1, places)))
    const origins = rows.map((row) => this.#origins[row] as number)
    if (!sameNumbers(origins, this.#origins) && this.#given.fixed.length > 0) {
      const at = placesOf(origins)
      this.#setFixed(this.#given.fixed.map((t) => indexSelect(t, 0, at)))
      at.dispose()
    }
    places.dispose()
    this.#origins = origins
  }

  #setState(state: State | null): void {
    if (this.#state !== this.#given.state) for (const t of this.#state ?? []) t.dispose()
    this.#state = state === null ? null : state.map(keep)
  }

  #setFixed(fixed: readonly Tensor[]): void {
    if (this.#fixed !== this.#given.fixed) for (const t of this.#fixed) t.dispose()
    this.#fixed = fixed.map(keep)
  }

  dispose(): void {
    this.#setState(null)
    this.#setFixed([])
  }
}

const placesOf = (rows: readonly number[]): Tensor => tensor(Int32Array.from(rows))
