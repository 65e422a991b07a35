// Makes the generator's table of functions of the PTX of cuda/kernels/chain/steps/steps.cu. Place in the whole: a step of the build
// (cmake/SinterCuda.cmake); cuda/kernels/chain/steps.h says what an entry means, and steps.cpp includes the table.
//
//   node scripts/chain-steps.mjs STEPS.ptx TABLE
//
// A function's text is its body with `@0`, `@1`, ... for operands and `@y` for the result. What is long, or not worth its bytes, is left out:
// programs with such a step run step by step.

import { readFileSync, writeFileSync } from 'node:fs'

const [source, target] = process.argv.slice(2)
const text = readFileSync(source, 'utf8')

/** Operators that are worth it, and how long a function may be in each type. */
const WORTH = new Set(
  `neg abs sign square sqrt rsqrt reciprocal frac floor ceil round trunc isnan isfinite logicalNot signbit isinf
   exp expm1 log log1p exp2 log2 log10 tanh sigmoid erf sinh cosh atan asin acos
   add sub mul div maximum minimum fmax fmin heaviside divTrunc remainder prelu copysign logaddexp xlogy
   pow fmod
   eq ne lt le gt ge logicalAnd logicalOr logicalXor isclose bitwiseAnd bitwiseOr bitwiseXor bitwiseNot
   bitwiseLeftShift bitwiseRightShift
   relu clamp threshold gelu geluTanh silu softsign leakyRelu elu softplus hardswish hardsigmoid shrink tanhshrink mish logSigmoid scaledElu
   reluBackward geluBackward geluTanhBackward siluBackward tanhBackward sigmoidBackward leakyReluBackward eluBackward
   softplusBackward clampBackward gate hardswishBackward mishBackward logSigmoidBackward scaledEluBackward
   lerp addcmul addcdiv`.split(/\s+/),
)
const LONGEST = { f32: 8000, f64: 900, i32: 800, i64: 800 }

/** Constants in memory that functions load: 8 bytes or 4 each. */
const constants = new Map()
for (const [, bits, name, size, values] of text.matchAll(
  /^\.weak \.global \.align \d+ \.(b8|f32|f64|b32|b64) ([\w$]+)(?:\[(\d+)\])?(?: = (.*))?;$/gm,
)) {
  if (bits !== 'b8' || (size !== '4' && size !== '8')) continue
  const bytes = Buffer.alloc(Number(size))
  for (const [i, v] of (values ?? '0').replace(/[{}]/g, '').split(',').entries()) bytes[i] = Number(v)
  const hex = (size === '8' ? bytes.readBigUInt64LE() : BigInt(bytes.readUInt32LE())).toString(16).toUpperCase()
  constants.set(name, hex.padStart(2 * bytes.length, '0'))
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
    const value = constants.get(symbol)
    if (value === undefined) return all
    return `mov.${kind === 'f' ? 'f' : 'b'}${bits} ${r},0${kind !== 'f' ? 'x' : bits === '32' ? 'f' : 'd'}${value};`
  })
  // A result may be the lower half of a register.
  short = short
    .replace(/^st\.param\.(\w+) \[func_retval0\+0\], (%\w+);$/gm, (_, type, r) =>
      type === 'b32' && r.startsWith('%rd') ? `cvt.u32.u64 @y,${r};` : `mov.${type} @y,${r};`,
    )
    .replace(/\nret;$/, '')
  // Sums and products that several operators round, one after the other, are not to become one.
  short = short.replace(/^(@!?%\w+ )?(add|sub|mul)\.(f32|f64) /gm, '$1$2.rn.$3 ')
  short = short.replace(/\$L__BB\d+_/g, '$$').replace(/, /g, ',')
  return /\bret;|param|call|\bld\.|@y[^,]|\[/.test(short) ? null : short
}

const table = []
for (const [, name, parameters, body] of text.matchAll(
  /\.visible \.func {2}\([^)]*\) (\w+)\(([^)]*)\)\s*\{([\s\S]*?)\n\}/g,
)) {
  const sizes = [...parameters.matchAll(/\.param \.b(\d+)/g)].map(([, bits]) => Number(bits))
  const short = bodyOf(name, sizes, body)
  if (short === null) continue
  const step = /^step_(\w+)_([fi]\d\d)$/.exec(name)
  if (step !== null && (!WORTH.has(step[1]) || short.length > LONGEST[step[2]])) continue
  table.push([name.replace(/^step_/, ''), short])
}

// The texts are much alike: the pair of characters that is there most often becomes one, again and again (Gage, "A new algorithm for data
// compression", 1994), a fourth of the bytes in the end. Characters from 128 on stand for pairs.
const FIRST = 128
const pairs = []
let texts = table.map(([, body]) => [...body].map((c) => c.charCodeAt(0)))
while (FIRST + pairs.length < 256) {
  const counts = new Map()
  for (const t of texts)
    for (let i = 1; i < t.length; i++) counts.set(t[i - 1] * 256 + t[i], (counts.get(t[i - 1] * 256 + t[i]) ?? 0) + 1)
  const [best, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))
  if (count < 4) break
  const code = FIRST + pairs.push([Math.floor(best / 256), best % 256]) - 1
  texts = texts.map((t) => {
    const shorter = []
    for (let i = 0; i < t.length; i++)
      if (t[i] * 256 + t[i + 1] === best) {
        shorter.push(code)
        i++
      } else shorter.push(t[i])
    return shorter
  })
}

// Octal, as what follows a hexadecimal escape might be taken for a digit of it.
const character = (c) =>
  c < 32 || c > 126 || c === 34 || c === 92 ? `\\${c.toString(8).padStart(3, '0')}` : String.fromCharCode(c)
const literal = (codes) => `"${codes.map(character).join('')}"`
// Names and texts in turn, a zero behind each: pointers would take as much room again.
writeFileSync(
  target,
  `constexpr char kPairs[] = ${literal(pairs.flat())};
constexpr char kTable[] =
${table.map(([name], i) => `"${name}\\0" ${literal(texts[i])} "\\0"`).join('\n')};
`,
)
