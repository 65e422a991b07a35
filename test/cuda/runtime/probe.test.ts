/**
 * What is said where CUDA does not work. Place in the whole: cuda/runtime/probe.cpp against drivers that are missing, old, empty or
 * broken, each a small library compiled here with the functions of driver.def.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { built, root, runCase } from './harness.js'

const folder = mkdtempSync(join(tmpdir(), 'sinter-driver-'))
const symbols = [...readFileSync(join(root, 'cuda/runtime/driver.def'), 'utf8').matchAll(/^DRIVER\(\w+, (\w+),/gm)].map(
  (match) => match[1] as string,
)

/** A driver with all functions but those that are `without`; `own` are C definitions in place of those that return 0. */
function driver(name: string, own: Record<string, string> = {}, without: string[] = [], top = ''): string {
  const functions = symbols
    .filter((symbol) => !without.includes(symbol))
    .map((symbol) => own[symbol] ?? `int ${symbol}(void) { return 0; }`)
  const [source, target] = [join(folder, `${name}.c`), join(folder, `${name}.so`)]
  writeFileSync(source, `#include <stdlib.h>\n#include <unistd.h>\n${top}\n${functions.join('\n')}\n`)
  execFileSync(process.env['CC'] ?? 'cc', ['-shared', '-fPIC', '-o', target, source])
  return target
}

const version = (n: number): string => `int cuDriverGetVersion(int* v) { *v = ${n}; return 0; }`
const init = (code: number): string => `int cuInit(unsigned f) { return ${code}; }`
const count = (n: number): string => `int cuDeviceGetCount(int* c) { *c = ${n}; return 0; }`
const attributes = (major: number): string =>
  `int cuDeviceGetAttribute(int* v, int a, int d) { *v = a == 75 ? ${major} : a == 76 ? 6 : 0; return 0; }`
const good = {
  cuDriverGetVersion: version(12080),
  cuDeviceGetCount: count(1),
  cuDeviceGetAttribute: attributes(8),
}

/** [devices, version, sentence] */
function probe(library: string, env: Record<string, string> = {}): [number, number, string] {
  const { status, stdout, stderr } = runCase('probe_prints', { SINTER_CUDA_DRIVER: library, ...env })
  expect([status, stderr]).toEqual([0, ''])
  const [, devices, number, reason] = /^(\d+) (\d+) (.*)\n$/.exec(stdout) ?? []
  return [Number(devices), Number(number), String(reason)]
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(!built)('the probe', () => {
  test('a driver that works', () => {
    expect(symbols.length).toBeGreaterThan(40)
    expect(probe(driver('good', good))).toEqual([1, 12080, 'CUDA driver 12.8 with 1 device'])
    expect(probe(driver('many', { ...good, cuDeviceGetCount: count(40) }))).toEqual([
      16,
      12080,
      'CUDA driver 12.8 with 40 devices',
    ])
  })

  test('no driver', () => {
    const [devices, , reason] = probe('/nonexistent/libcuda.so.1')
    expect(devices).toBe(0)
    expect(reason).toMatch(
      /^no CUDA driver: what SINTER_CUDA_DRIVER names does not load: \/nonexistent\/libcuda\.so\.1: /,
    )
  })

  test('no CUDA driver at all, or an incomplete one', () => {
    const other = join(folder, 'other.so')
    writeFileSync(join(folder, 'other.c'), 'int other(void) { return 0; }\n')
    execFileSync(process.env['CC'] ?? 'cc', ['-shared', '-fPIC', '-o', other, join(folder, 'other.c')])
    expect(probe(other)[2]).toBe(`${other} is not a CUDA driver: it has no cuInit; CUDA 12.4 or newer is needed`)
    const old = driver('incomplete', { ...good, cuDriverGetVersion: version(11020) }, ['cuLaunchKernelEx'])
    expect(probe(old)).toEqual([
      0,
      11020,
      'the CUDA driver is too old (CUDA 11.2): it has no cuLaunchKernelEx; CUDA 12.4 or newer is needed',
    ])
  })

  test('a driver that is too old', () => {
    const [devices, number, reason] = probe(driver('old', { ...good, cuDriverGetVersion: version(12020) }))
    expect([devices, number]).toEqual([0, 12020])
    expect(reason).toBe('the CUDA driver is too old: it is of CUDA 12.2, and 12.4 or newer is needed (driver 550)')
  })

  test('no device', () => {
    const none = driver('none', { ...good, cuInit: init(100) })
    expect(probe(none)).toEqual([0, 12080, 'the CUDA driver is there but finds no device'])
    expect(probe(none, { CUDA_VISIBLE_DEVICES: '' })[2]).toMatch(/because CUDA_VISIBLE_DEVICES is empty$/)
    expect(probe(none, { CUDA_VISIBLE_DEVICES: '7' })[2]).toMatch(/\(CUDA_VISIBLE_DEVICES is 7\)$/)
    expect(probe(driver('zero', { ...good, cuDeviceGetCount: count(0) }))[2]).toMatch(/finds no device$/)
  })

  test('a device that is too old', () => {
    const [devices, , reason] = probe(driver('pascal', { ...good, cuDeviceGetAttribute: attributes(6) }))
    expect(devices).toBe(0)
    expect(reason).toMatch(/compute capability 8\.0 \(Ampere\) or newer is needed, found 6\.6$/)
  })

  test('a driver that does not start', () => {
    expect(probe(driver('stub', { ...good, cuInit: init(34) }))[2]).toMatch(/the toolkit's stub for linking/)
    expect(probe(driver('mismatch', { ...good, cuInit: init(803) }))[2]).toMatch(
      /different versions: restart the machine$/,
    )
    expect(probe(driver('strange', { ...good, cuInit: init(12345) }))[2]).toMatch(/does not start: error 12345$/)
  })

  test('a driver that crashes, ends or aborts this process is tried in another', () => {
    const top = '__attribute__((constructor)) static void at_load(void) { *(volatile int*)8 = 1; }'
    const crash = driver('crash', good, [], top)
    expect(probe(crash)).toEqual([
      0,
      0,
      `the CUDA driver ${crash} was tried in a child process: it ended by Segmentation fault`,
    ])
    const abort = driver('abort', { ...good, cuInit: 'int cuInit(unsigned f) { abort(); }' })
    expect(probe(abort)[2]).toMatch(/in a child process: it ended by Aborted$/)
    const exit = driver('exit', { ...good, cuInit: 'int cuInit(unsigned f) { _exit(3); }' })
    expect(probe(exit)[2]).toMatch(/in a child process: it ended with exit code 3$/)
    const leave = driver('leave', good, [], '__attribute__((constructor)) static void at_load(void) { _exit(0); }')
    expect(probe(leave)[2]).toMatch(/in a child process: it ended with exit code 0$/)
  })
})
