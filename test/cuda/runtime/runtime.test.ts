/**
 * cuda/runtime over the stand-in driver: memory, copies, launches, graphs, several devices, and what fails. Place in the whole: each
 * case is a function of *_cases.cpp; orders of streams are the simulator's, by seed.
 */
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { built, runCase, simulator } from './harness.js'

const there = existsSync(simulator)
if (!there) console.log('build/cuda/libcudasim.so is not there: the CUDA runtime is not tested')

function passes(name: string, env: Record<string, string> = {}): void {
  const { status, signal, stderr } = runCase(name, { SINTER_CUDA_DRIVER: simulator, SINTER_SIM_CHECK: '1', ...env })
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' })
}

describe.skipIf(!built || !there)('the CUDA runtime', () => {
  const seeded = [
    'reuse_keeps_order',
    'shared_blocks_wait_for_the_others',
    'threads',
    'copies',
    'uploads_in_a_row',
    'launches',
    'graphs_run_again',
    'graphs_keep_their_memory',
    'graphs_keep_their_uploads',
    'recording_beside_others',
  ]
  for (const name of seeded)
    test.each(['1', '2', '3'])(`${name}, seed %s`, (seed) => passes(name, { SINTER_SIM_SEED: seed }))
  test.each(['1', '2', '3', '4', '5'])('two_devices, seed %s', (seed) =>
    passes('two_devices', { SINTER_SIM_SEED: seed, SINTER_SIM_DEVICES: '2' }),
  )

  const plain = [
    'statistics',
    'reuse_is_immediate',
    'limit_holds',
    'queues_come_and_go',
    'launches_that_fail',
    'parameters_are_compared',
    'images_that_do_not_load',
    'code_of_a_device',
    'damaged_archives',
    'machine_code_that_is_refused',
    'images_without_machine_code',
    'mapped_memory',
    'recording_that_fails',
    'giving_back_while_recording',
    'a_fault_loses_the_device',
  ]
  test.each(plain)('%s', (name) => passes(name))

  test.each(['8.0', '9.0', '12.0'])('shared_memory, compute capability %s', (capability) =>
    passes('shared_memory', { SINTER_SIM_CAPABILITY: capability }),
  )
  test('guarded_blocks', () => passes('guarded_blocks', { SINTER_DEBUG: 'guard' }))
  const guarded = [
    'threads',
    'copies',
    'graphs_run_again',
    'graphs_keep_their_memory',
    'recording_beside_others',
    'giving_back_while_recording',
  ]
  test.each(guarded)('%s, guarded', (name) => passes(name, { SINTER_DEBUG: 'guard' }))
  test('exhaustion_is_survived', () => passes('exhaustion_is_survived', { SINTER_SIM_MEMORY: String(256 << 20) }))
  test('failed_allocation_is_survived', () => passes('failed_allocation_is_survived', { SINTER_SIM_FAIL_ALLOC: '1' }))
  test.each(['1', '3'])('a_lost_device after %s launches', (n) => passes('a_lost_device', { SINTER_SIM_LOSE_AFTER: n }))
  test('a_copy_that_fails', () => passes('a_copy_that_fails', { SINTER_SIM_FAIL_COPY: '2' }))
})
