// A line search by the strong Wolfe conditions. Place in the whole: lbfgs.ts; it knows no parameters, only evaluations of the loss along
// a direction. Definition: torch.optim.LBFGS, after Schmidt's minFunc; conditions: Nocedal and Wright, "Numerical optimization", 3.1.
import type { Tensor } from '../tensor/tensor.js'

/** The loss at distance t along the direction, its gradient, and its slope: the gradient's product with the direction. */
export interface Evaluation {
  readonly t: number
  readonly loss: number
  readonly grad: Tensor
  readonly slope: number
}

export interface Search {
  /** At distance 0. */
  readonly begin: Evaluation
  /** The first distance to try. */
  readonly first: number
  /** The direction's largest element. */
  readonly size: number
  /** The search ends when no element of the bracket's ends differs by more. */
  readonly toleranceChange: number
  /** Evaluations, but for the first. */
  readonly most: number
}

/** Sufficient decrease, and the curvature condition. */
const [C1, C2] = [1e-4, 0.9]

/**
 * Goes on until the slope turns or the loss rises, which brackets a point that satisfies both conditions; then narrows the bracket
 * by cubic interpolation until it has one. Evaluations that lost are freed, but for `begin` unless another one won.
 */
export async function strongWolfe(
  { begin, first, size, toleranceChange, most }: Search,
  evaluate: (t: number) => Promise<Evaluation>,
): Promise<{ best: Evaluation; evaluations: number }> {
  const made: Evaluation[] = []
  const at = async (t: number): Promise<Evaluation> => {
    const found = await evaluate(t)
    made.push(found)
    return found
  }
  const rises = ({ t, loss }: Evaluation) => loss > begin.loss + C1 * t * begin.slope
  const isFlat = ({ slope }: Evaluation) => Math.abs(slope) <= -C2 * begin.slope

  let last = begin
  let next = await at(first)
  let steps = 0
  let bracket: Evaluation[] = []
  while (steps < most && bracket.length === 0) {
    if (rises(next) || (steps > 1 && next.loss >= last.loss)) bracket = [last, next]
    else if (isFlat(next)) bracket = [next]
    else if (next.slope >= 0) bracket = [last, next]
    else {
      const t = cubicMinimum(last, next, next.t + 0.01 * (next.t - last.t), next.t * 10)
      last = next
      next = await at(t)
      steps++
    }
  }
  const found = bracket.length === 1
  if (bracket.length === 0) bracket = [begin, next]

  let stalled = false
  // Index of the lower end.
  let low = bracket.length === 1 || (bracket[0] as Evaluation).loss <= (bracket[1] as Evaluation).loss ? 0 : 1
  for (let done = found; !done && steps < most; steps++) {
    const [a, b] = bracket as [Evaluation, Evaluation]
    const [left, right] = [Math.min(a.t, b.t), Math.max(a.t, b.t)]
    if ((right - left) * size < toleranceChange) break
    let t = cubicMinimum(a, b, left, right)
    // Twice in a row next to an end, or at one, is no progress: a tenth of the bracket inwards is.
    const margin = 0.1 * (right - left)
    if (Math.min(right - t, t - left) >= margin) {
      stalled = false
    } else if (stalled || t >= right || t <= left) {
      t = Math.abs(t - right) < Math.abs(t - left) ? right - margin : left + margin
      stalled = false
    } else {
      stalled = true
    }
    const tried = await at(t)
    const high = 1 - low
    const lowest = bracket[low] as Evaluation
    if (rises(tried) || tried.loss >= lowest.loss) {
      bracket[high] = tried
      low = (bracket[0] as Evaluation).loss <= (bracket[1] as Evaluation).loss ? 0 : 1
    } else {
      if (isFlat(tried)) done = true
      else if (tried.slope * ((bracket[high] as Evaluation).t - lowest.t) >= 0) bracket[high] = lowest
      bracket[low] = tried
    }
  }
  const best = bracket[low] as Evaluation
  for (const one of best === begin ? made : [begin, ...made]) if (one !== best) one.grad.dispose()
  return { best, evaluations: made.length }
}

/** Where the cubic through two points and their slopes is least, within bounds; their middle where it has no minimum. */
function cubicMinimum(a: Evaluation, b: Evaluation, low: number, high: number): number {
  const [left, right] = a.t <= b.t ? [a, b] : [b, a]
  const d1 = left.slope + right.slope - (3 * (left.loss - right.loss)) / (left.t - right.t)
  const square = d1 * d1 - left.slope * right.slope
  if (!(square >= 0)) return (low + high) / 2
  const d2 = Math.sqrt(square)
  const share = (right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2)
  return Math.min(Math.max(right.t - (right.t - left.t) * share, low), high)
}
