// Steps inside the backward pass. Place in the whole: hooks on parameters that call an optimizer, so that gradients do not wait for it.
import { type HookHandle, registerPostAccumulateGradHook } from '../autograd/hooks.js'
import { noGrad } from '../autograd/mode.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Optimizer } from './optimizer.js'

export interface BackwardSteps {
  /** Backward passes no longer step: gradients stay until `optimizer.step()`. */
  remove(): void
}

/**
 * From now on a backward pass updates each parameter of the optimizer as soon as its gradient is complete, and frees the gradient: no
 * more than a few gradients exist at a time, and neither `step` nor `zeroGrad` is called. Weights are to the bit those of a step after the
 * pass (of rules that look at one parameter at a time, which is all but Lookahead, refused). PyTorch's recipe for
 * `register_post_accumulate_grad_hook`.
 *
 * What needs all gradients at once has no place here: clipping by the joint norm, a GradScaler, gradients added up over several passes.
 * Parameters that join the optimizer later, or do not require gradients now, are not covered. Two-pass derivatives (`createGraph`,
 * `retainGraph`) see parameters that have changed, and say so.
 *
 * @throws ValueError in the backward pass for an optimizer that steps all parameters together
 */
export function stepInBackward(optimizer: Optimizer<any>): BackwardSteps {
  const params: readonly Tensor[] = optimizer.paramGroups.flatMap((group) => group.params)
  const handles: HookHandle[] = params
    .filter((param) => param.requiresGrad)
    .map((param) =>
      registerPostAccumulateGradHook(param, () => {
        noGrad(() => optimizer.stepParameter(param))
        param.grad?.dispose()
        param.grad = null
      }),
    )
  return {
    remove() {
      for (const handle of handles) handle.remove()
    },
  }
}
