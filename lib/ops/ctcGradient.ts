/**
 * The gradient of ctcLoss composed of differentiable operators, a frame at a time. Place in the whole: for backward passes that
 * are recorded; the kernel ctcLossBackward computes the same.
 */
import { OP } from '../generated/ops.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, eq, lt, mul, ne, sub } from './binary.js'
import { cast } from './convert.js'
import { arange, full, zeros } from './creation.js'
import { make0 } from './emit.js'
import { gather, scatterAdd } from './gather.js'
import { indexSelect } from './indexing.js'
import { concat, stack } from './join.js'
import { logsumexp, sum } from './reduce.js'
import { where } from './select.js'
import { clamp, exp } from './unary.js'
import { expand, narrow, permute, reshape, select, unsqueeze } from './views.js'

/** The logarithm of what cannot be: finite, so that its gradients are zeros and not NaN. */
const NEVER = -1e30

/**
 * g (exp(x) - posterior): see native/cpu/loss/ctc_loss_backward.cpp. x (t, n, c), targets (n, s) or (sum), lengths (n).
 */
export function ctcGradient(
  g: Tensor,
  x: Tensor,
  targets: Tensor,
  frames: Tensor,
  sizes: Tensor,
  blank: number,
  zeroInfinity: boolean,
): Tensor {
  const [t, n, c] = x.shape as [number, number, number]
  if (x.numel === 0) return mul(x, 0)
  const wide = cast(x, 'f64')
  const padded = targets.rank === 2 ? targets : padTargets(targets, sizes)
  const s = padded.shape[1] as number
  const i64 = { dtype: 'i64' as const, device: x.device }
  const listed = lt(arange(s, undefined, 1, i64), unsqueeze(sizes, 1))
  const blanks = full([n, s, 1], blank, i64)
  const known = unsqueeze(where(listed, padded, blank), 2)
  // (n, states): blank, l1, blank, l2, ...
  const labels = concat([full([n, 1], blank, i64), reshape(concat([known, blanks], 2), [n, 2 * s])], 1)
  const states = 2 * s + 1
  const emissions = gather(permute(wide, [1, 0, 2]), 2, expand(unsqueeze(labels, 1), [n, t, states]))
  const place = arange(states, undefined, 1, i64)
  const end = unsqueeze(add(mul(sizes, 2), 1), 1)
  const real = lt(place, end)
  const first = where(real.logicalAnd(lt(place, 2)), 0, full([], NEVER, { dtype: 'f64', device: x.device }))
  const last = where(real.logicalAnd(lt(add(place, 2), end).logicalNot()), 0, first.mul(0).add(NEVER))
  const skips = skipsOf(labels)
  const alpha: Tensor[] = []
  for (let i = 0; i < t; i++) {
    const emission = select(emissions, 1, i)
    alpha.push(add(i === 0 ? first : step(alpha[i - 1] as Tensor, skips, -1), emission))
  }
  const beta: Tensor[] = new Array<Tensor>(t)
  for (let i = t - 1; i >= 0; i--) {
    const final = unsqueeze(eq(frames, i + 1), 1)
    const from = i === t - 1 ? last : where(final, last, step(beta[i + 1] as Tensor, skips, 1))
    beta[i] = add(from, select(emissions, 1, i))
  }
  // At a sample's first frame, beta and the ways to begin are the whole probability.
  const likelihood = logsumexp(add(beta[0] as Tensor, first), 1)
  const joint = sub(add(stack(alpha, 1), stack(beta, 1)), emissions)
  const counted = lt(arange(t, undefined, 1, i64), unsqueeze(frames, 1))
  const lost = likelihood.lt(NEVER / 2)
  const possible = unsqueeze(real, 1)
    .logicalAnd(unsqueeze(counted, 2))
    .logicalAnd(reshape(lost, [n, 1, 1]).logicalNot())
  const share = exp(where(possible, sub(joint, reshape(likelihood, [n, 1, 1])), NEVER))
  const at = expand(unsqueeze(labels, 1), [n, t, states])
  const posterior = scatterAdd(zeros([n, t, c], { dtype: 'f64', device: x.device }), 2, at, share)
  const scale = zeroInfinity ? where(lost, 0, cast(g, 'f64')) : cast(g, 'f64')
  const rows = where(unsqueeze(counted, 2), sub(exp(permute(wide, [1, 0, 2])), posterior), 0)
  return cast(mul(permute(rows, [1, 0, 2]), reshape(scale, [1, n, 1])), x.dtype)
}

/** Sums over the ways to a state from the frame before (d -1) or after (d 1). */
function step(from: Tensor, skips: { before: Tensor; after: Tensor }, d: number): Tensor {
  const [n, states] = from.shape as [number, number]
  const never = (k: number): Tensor => make0(OP.fill, from.device, from.dtype, [n, k], [NEVER])
  const shifted = (k: number): Tensor => {
    if (k >= states) return never(states)
    const kept = narrow(from, 1, d < 0 ? 0 : k, states - k)
    return concat(d < 0 ? [never(k), kept] : [kept, never(k)], 1)
  }
  const far = add(shifted(2), d < 0 ? skips.before : skips.after)
  return logsumexp(stack([from, shifted(1), far], 0), 0)
}

/** 0 where a state may be reached past the one between (two different labels), else NEVER. */
function skipsOf(labels: Tensor): { before: Tensor; after: Tensor } {
  const [n, states] = labels.shape as [number, number]
  const like = { dtype: 'f64' as const, device: labels.device }
  const ends = full([n, Math.min(2, states)], NEVER, like)
  if (states <= 2) return { before: ends, after: ends }
  const differ = ne(narrow(labels, 1, 2, states - 2), narrow(labels, 1, 0, states - 2))
  const open = where(differ, 0, full([], NEVER, like))
  return { before: concat([ends, open], 1), after: concat([open, ends], 1) }
}

/** Targets one after the other as (n, longest there can be). */
function padTargets(targets: Tensor, sizes: Tensor): Tensor {
  const [n, k] = [sizes.numel, targets.numel]
  const options = { dtype: 'i64' as const, device: targets.device }
  const order = arange(n, undefined, 1, options)
  const earlier = lt(order, unsqueeze(order, 1))
  const begin = sum(where(earlier, sizes, 0), 1, { keepDim: true })
  if (k === 0) return zeros([n, 0], options)
  const at = clamp(add(begin, arange(k, undefined, 1, options)), 0, k - 1)
  return reshape(indexSelect(targets, 0, reshape(at, [-1])), [n, k])
}
