// Makes the generator's table of functions of the PTX of cuda/kernels/chain/steps/steps.cu. Place in the whole: a step of the build
// (cmake/SinterCuda.cmake); cuda/kernels/chain/steps.h says what an entry means.
//
//   node scripts/chain-steps.mjs STEPS.ptx TABLE
//
// A function's text is its body with `@0`, `@1`, ... for operands and `@y` for the result.

import { readFileSync, writeFileSync } from 'node:fs'

const [source, target] = process.argv.slice(2)
const text = readFileSync(source, 'utf8')

/** Characters of the longest text: what computes for longer gains nothing by staying out of memory. Programs with it run step by step. */
const LONGEST = 12_000

/** Variables of the module. Numbers of 8 or 4 bytes become constants where they are loaded by name; else the module that pastes declares them. */
const numbers = new Map()
const variables = new Map()
for (const [, space, type, name, size, values] of text.matchAll(
  /^(?:\.weak |\.visible )?(\.(?:global|const) \.align \d+) \.(\w+) ([\w$]+)\[(\d+)\](?: = \{(.*)\})?;$/gm,
)) {
  const initial = values === undefined ? '' : `={${values.replaceAll(' ', '')}}`
  variables.set(name, { declared: `${space} .${type}`, size, initial })
  if (type !== 'b8' || (size !== '4' && size !== '8')) continue
  const bytes = Buffer.alloc(Number(size))
  bytes.set(values?.split(',').map(Number) ?? [])
  const hex = (size === '8' ? bytes.readBigUInt64LE() : BigInt(bytes.readUInt32LE())).toString(16).toUpperCase()
  numbers.set(name, hex.padStart(2 * bytes.length, '0'))
}

/** A variable's name in the table, where the functions that read it are. */
const used = new Map()
function nameOf(variable) {
  if (!used.has(variable)) used.set(variable, `steps_${used.size}`)
  return used.get(variable)
}

/** A load of a parameter that has `size` bits in a register, of which fewer may be wanted: the lowest. */
function loaded(type, register, operand, size) {
  const bits = Number(type.slice(1))
  if (size === 32 && register.startsWith('%rd'))
    return `cvt.${type.startsWith('s') ? 's' : 'u'}64.${type} ${register},${operand};`
  if (bits === size) return `mov.${type.startsWith('f') ? type : `b${bits}`} ${register},${operand};`
  if (size === 64 && bits === 32) return `cvt.u32.u64 ${register},${operand};`
  if (size === 64) return `{ .reg .b32 %t;\ncvt.u32.u64 %t,${operand};\n${loaded(type, register, '%t', 32)}}`
  const wide = register.startsWith('%rs') ? 16 : 32
  if (bits === 16 && wide === 16) return `cvt.u16.u32 ${register},${operand};`
  const sign = type.startsWith('s') ? 's' : 'u'
  return `cvt.${sign}${wide}.${sign}${bits} ${register},${operand};`
}

function bodyOf(name, sizes, body) {
  let short = body
    .replace(/\/\/.*$/gm, '')
    .replace(/[ \t]+/g, ' ')
    .replace(/\n ?/g, '\n')
    .replace(/\n+/g, '\n')
    .trim()
  short = short.replace(
    new RegExp(`^ld\\.param\\.(\\w+) (%\\w+), \\[${name}_param_(\\d)\\];$`, 'gm'),
    (_, type, r, k) => loaded(type, r, `@${k}`, sizes[k]),
  )
  short = short.replace(/^ld\.global\.([fub])(32|64) (%\w+), \[([\w$]+)\];$/gm, (all, kind, bits, r, symbol) => {
    const value = numbers.get(symbol)
    if (value === undefined) return all
    return `mov.${kind === 'f' ? 'f' : 'b'}${bits} ${r},0${kind !== 'f' ? 'x' : bits === '32' ? 'f' : 'd'}${value};`
  })
  // A result may be the lower half of a register.
  short = short
    .replace(/^st\.param\.(\w+) \[func_retval0\+0\], (%\w+);$/gm, (_, type, r) =>
      type === 'b32' && r.startsWith('%rd') ? `cvt.u32.u64 @y,${r};` : `mov.${type} @y,${r};`,
    )
    .replace(/\nret;$/, '')
  if (/\bret;/.test(short)) short = `${short.replace(/\bret;/g, 'bra $end;')}\n$end:`
  // Sums and products that several operators round, one after the other, are not to become one.
  short = short.replace(/^(@!?%\w+ )?(add|sub|mul)\.(f32|f64) /gm, '$1$2.rn.$3 ')
  short = short.replace(/\$L__BB\d+_/g, '$$').replace(/, /g, ',')
  // Only a function that calls none and reads nothing but variables can stand in the midst of a kernel.
  if (short.length > LONGEST || /param|call|\.local|\bst\.|@y[^,]/.test(short)) return null
  return short.replace(/(?<![%$@\w])[A-Za-z_][\w$]*/g, (word) => (variables.has(word) ? nameOf(word) : word))
}

const table = []
for (const [, name, parameters, body] of text.matchAll(
  /\.visible \.func {2}\([^)]*\) (\w+)\(([^)]*)\)\s*\{([\s\S]*?)\n\}/g,
)) {
  const sizes = [...parameters.matchAll(/\.param \.b(\d+)/g)].map(([, bits]) => Number(bits))
  const short = bodyOf(name, sizes, body)
  if (short === null) continue
  table.push([name.replace(/^step_/, ''), short])
}

for (const [variable, name] of used) {
  const { declared, size, initial } = variables.get(variable)
  table.push([name, `${declared} ${name}[${size}]${initial};`])
}
// An empty name ends the table.
writeFileSync(target, [...table.flat(), '\0'].join('\0'))
