/**
 * The roofline of a run, as SVG. Place in the whole: main.ts hands over the rows and the measured limits (--plot); nothing is read or
 * measured here.
 *
 * Both axes are logarithmic: floating-point operations a byte of operands and results, and GFLOP/s. A roof that rises is a bandwidth, a
 * level one the arithmetic of a dtype; no implementation gets above what covers it. A case is a stem with a point for each library,
 * its colour; the point's form is the dtype. Hovering over a point tells its figures. Williams, Waterman and Patterson, "Roofline: an
 * insightful visual performance model for multicore architectures", CACM 52 (2009).
 */
import { Places } from './places.js'
import type { PeerFigures, Row } from './report.js'

export interface Roof {
  label: string
  /** GB/s, or GFLOP/s. */
  rate: number
}

/** What a plot needs of a row. */
export type Plotted = Pick<Row, 'case' | 'dtype' | 'ours_ms' | 'gflops' | 'intensity'> & {
  peers: readonly Pick<PeerFigures, 'name' | 'ms'>[]
}

export interface Roofline {
  title: string
  rows: readonly Plotted[]
  bandwidths: readonly Roof[]
  peaks: readonly Roof[]
}

interface Point {
  library: string
  dtype: string
  intensity: number
  gflops: number
  about: string
}

interface Stem {
  label: string
  points: Point[]
}

const WIDTH = 1200
const HEIGHT = 760
const AREA = { left: 78, right: 1030, top: 56, bottom: 690 }
/** Ours first; colours that differ for colour-blind eyes too (Okabe and Ito), on light and dark. */
const COLOURS = ['#d55e00', '#0072b2', '#009e73', '#cc79a7']
const DARK_COLOURS = ['#ff8a3d', '#56b4e9', '#2bd4a4', '#e79cc8']
const FONT = 12
/** Mean width of a character of the font, in its size. */
const ASPECT = 0.56

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
const short = (x: number): string => `${Number(x.toPrecision(3))}`

function stems(rows: readonly Plotted[]): Stem[] {
  const several = new Set(rows.map((row) => row.dtype)).size > 1
  return rows.flatMap((row) => {
    if (row.intensity === null || row.gflops === null) return []
    const { intensity, dtype, gflops, ours_ms } = row
    const point = (library: string, ms: number): Point => {
      const speed = (gflops * ours_ms) / ms
      return {
        library,
        dtype,
        intensity,
        gflops: speed,
        about: `${row.case}, ${library}: ${short(speed)} GFLOP/s, ${short(ms)} ms`,
      }
    }
    const peers = row.peers.flatMap((peer) => (peer.ms === null ? [] : [point(peer.name, peer.ms)]))
    const name = row.case.replace(/^gemm\./, '')
    return [{ label: several ? name : name.replace(`${dtype}.`, ''), points: [point('sinter', ours_ms), ...peers] }]
  })
}

/** A logarithmic axis from value to pixel. */
type Scale = (value: number) => number

function logScale(from: number, to: number, low: number, high: number): Scale {
  const [a, b] = [Math.log(from), Math.log(to)]
  return (value) => low + ((Math.log(value) - a) / (b - a)) * (high - low)
}

/** 1, 2 and 5 times the powers of ten within a range. */
function ticks(from: number, to: number): number[] {
  const found: number[] = []
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); power++) {
    for (const step of [1, 2, 5]) {
      const value = step * 10 ** power
      if (value >= from * 0.999 && value <= to * 1.001) found.push(value)
    }
  }
  return found
}

interface Frame {
  x: Scale
  y: Scale
  xRange: readonly [number, number]
  yRange: readonly [number, number]
}

function frameOf(points: readonly Point[], peaks: readonly Roof[]): Frame {
  const intensities = points.map((p) => p.intensity)
  const xRange = [Math.min(...intensities) / 2, Math.max(...intensities) * 2] as const
  const speeds = points.map((p) => p.gflops)
  const yRange = [Math.min(...speeds) / 1.6, Math.max(...speeds, ...peaks.map((p) => p.rate)) * 1.6] as const
  return {
    x: logScale(...xRange, AREA.left, AREA.right),
    y: logScale(...yRange, AREA.bottom, AREA.top),
    xRange,
    yRange,
  }
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(content)}</text>`
}

function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  return `<line class="${kind}" x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}"/>`
}

function axes({ x, y, xRange, yRange }: Frame): string[] {
  const parts: string[] = []
  for (const value of ticks(...xRange)) {
    parts.push(line(x(value), AREA.top, x(value), AREA.bottom, 'grid'))
    parts.push(text(x(value), AREA.bottom + 18, short(value), 'text-anchor="middle"'))
  }
  for (const value of ticks(...yRange)) {
    parts.push(line(AREA.left, y(value), AREA.right, y(value), 'grid'))
    parts.push(text(AREA.left - 8, y(value) + 4, short(value), 'text-anchor="end"'))
  }
  const middle = (AREA.top + AREA.bottom) / 2
  parts.push(
    text((AREA.left + AREA.right) / 2, AREA.bottom + 44, 'FLOP a byte of operands and results', 'text-anchor="middle"'),
  )
  parts.push(text(22, middle, 'GFLOP/s', `text-anchor="middle" transform="rotate(-90 22 ${middle})"`))
  return parts
}

function roofs(
  { x, y, xRange, yRange }: Frame,
  bandwidths: readonly Roof[],
  peaks: readonly Roof[],
  places: Places,
): string[] {
  const parts: string[] = []
  const top = Math.max(...peaks.map((p) => p.rate))
  for (const { label, rate } of peaks) {
    parts.push(line(AREA.left, y(rate), AREA.right, y(rate), 'roof'))
    places.takeLine(AREA.left, y(rate), AREA.right, y(rate))
    parts.push(text(AREA.right + 8, y(rate) - 2, label), text(AREA.right + 8, y(rate) + 13, `${short(rate)} GFLOP/s`))
  }
  const decade = (scale: Scale): number => scale(10) - scale(1)
  const angle = (Math.atan2(decade(y), decade(x)) * 180) / Math.PI
  for (const [i, { label, rate }] of bandwidths.entries()) {
    // From where the line enters the area to where it meets the highest peak.
    const from = Math.max(xRange[0], yRange[0] / rate)
    const to = Math.min(xRange[1], top / rate)
    if (from >= to) continue
    const ends = [x(from), y(from * rate), x(to), y(to * rate)] as const
    parts.push(line(...ends, 'roof'))
    places.takeLine(...ends)
    const at = from * (to / from) ** 0.1
    // Where two roofs are close the lower one's name goes below it.
    const below = (bandwidths[i - 1]?.rate ?? Number.POSITIVE_INFINITY) < 1.4 * rate
    const [px, py] = [x(at), y(at * rate)]
    const name = `${label} ${short(rate)} GB/s`
    parts.push(
      text(
        px,
        py,
        name,
        `dy="${below ? 15 : -7}" transform="rotate(${angle.toFixed(2)} ${px.toFixed(1)} ${py.toFixed(1)})"`,
      ),
    )
    const length = name.length * FONT * ASPECT
    const [along, up] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]
    for (const above of below ? [-5, -9, -13] : [7, 11, 15]) {
      const [sx, sy] = [px + above * up, py - above * along]
      places.takeLine(sx, sy, sx + length * along, sy + length * up)
    }
  }
  return parts
}

/** A form for each dtype, of about the same weight, around the origin. */
const FORMS = [
  '<circle r="5"/>',
  '<rect x="-4.5" y="-4.5" width="9" height="9"/>',
  '<path d="M0 -6 5.5 4.5 -5.5 4.5Z"/>',
  '<path d="M0 -6.5 6 0 0 6.5 -6 0Z"/>',
]

function mark(px: number, py: number, library: number, form: number, about = ''): string {
  const title = about && `<title>${escaped(about)}</title>`
  const shape = FORMS[form % FORMS.length] as string
  const kind = `${library === 0 ? 'ours' : 'peer'} c${library % COLOURS.length}`
  return `<g class="${kind}" transform="translate(${px.toFixed(1)} ${py.toFixed(1)})">${title}${shape}</g>`
}

/** The case's name as near to our point as there is room, led to it by a line when that is not beside it; else the point's title tells. */
function stemLabel({ label, points }: Stem, { x, y }: Frame, places: Places): string {
  const width = label.length * (FONT - 1) * ASPECT + 4
  const [px, py] = [x((points[0] as Point).intensity), y((points[0] as Point).gflops)]
  for (let far = 12; far <= 120; far += 12) {
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0.8, -0.6],
      [-0.8, -0.6],
      [0.8, 0.6],
      [-0.8, 0.6],
      [0, -1],
      [0, 1],
    ] as const) {
      // The middle of the label's nearest edge.
      const [ex, ey] = [px + dx * far, py + dy * far]
      const left = dx > 0 ? ex : dx < 0 ? ex - width : ex - width / 2
      const base = dx === 0 && dy > 0 ? ey + FONT - 4 : dx === 0 ? ey - 2 : ey + 4
      if (!places.try(left, base - FONT + 2, left + width, base + 3)) continue
      const leader = far > 12 ? line(px, py, ex, ey, 'leader') : ''
      return leader + text(left + 2, base, label, 'class="label"')
    }
  }
  return ''
}

function legend(libraries: readonly string[], dtypes: readonly string[]): string[] {
  const at = AREA.right + 16
  let y = AREA.bottom - 24 * (libraries.length + (dtypes.length > 1 ? dtypes.length + 1 : 0))
  const parts: string[] = []
  const entry = (symbol: string, name: string): void => {
    parts.push(symbol, text(at + 14, y + 4, name))
    y += 24
  }
  for (const [i, name] of libraries.entries()) entry(mark(at, y, i, 0), name)
  if (dtypes.length === 1) return parts
  y += 24
  for (const [i, name] of dtypes.entries()) entry(mark(at, y, 0, i), name)
  return parts
}

function style(): string {
  const colours = (list: readonly string[]): string =>
    list.map((c, i) => `.c${i}{stroke:${c};fill:${c}}.peer.c${i}{fill:none}`).join('')
  return `<style>
text{font:${FONT}px system-ui,sans-serif;fill:#222}.title{font-size:16px;font-weight:600}.label{font-size:${FONT - 1}px;fill:#444}
.paper{fill:#fff}.grid{stroke:#e4e4e4}.roof{stroke:#555;stroke-width:1.6}.stem{stroke:#bbb}.leader{stroke:#999;stroke-width:.7}
.peer{stroke-width:1.8}${colours(COLOURS)}
@media (prefers-color-scheme:dark){text{fill:#ddd}.label{fill:#bbb}.paper{fill:#14171a}.grid{stroke:#2a2e33}.roof{stroke:#aaa}
.stem{stroke:#555}.leader{stroke:#888}${colours(DARK_COLOURS)}}
</style>`
}

/** The whole picture. Rows without an intensity (which count no operations, or no bytes) have no place in it. */
export function rooflineSvg({ title, rows, bandwidths, peaks }: Roofline): string {
  const all = stems(rows)
  const points = all.flatMap((stem) => stem.points)
  if (points.length === 0) throw new Error('no measured case counts both operations and bytes: nothing to plot')
  const libraries = [...new Set(points.map((p) => p.library))]
  const dtypes = [...new Set(points.map((p) => p.dtype))]
  const frame = frameOf(points, peaks)
  const places = new Places(AREA)
  const parts = [...axes(frame), ...roofs(frame, bandwidths, peaks, places)]
  for (const p of points) {
    const [px, py] = [frame.x(p.intensity), frame.y(p.gflops)]
    places.take(px - 6, py - 6, px + 6, py + 6)
  }
  for (const { points: own } of all) {
    const heights = own.map((p) => frame.y(p.gflops))
    const px = frame.x((own[0] as Point).intensity)
    parts.push(line(px, Math.min(...heights), px, Math.max(...heights), 'stem'))
  }
  for (const stem of all) parts.push(stemLabel(stem, frame, places))
  // Ours last, on top.
  for (const p of points.toReversed()) {
    const [library, form] = [libraries.indexOf(p.library), dtypes.indexOf(p.dtype)]
    parts.push(mark(frame.x(p.intensity), frame.y(p.gflops), library, form, p.about))
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">
${style()}
<rect class="paper" width="${WIDTH}" height="${HEIGHT}"/>
${text(AREA.left, 32, title, 'class="title"')}
${[...parts, ...legend(libraries, dtypes)].filter(Boolean).join('\n')}
</svg>
`
}
