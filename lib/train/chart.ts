// Line charts as SVG text. Place in the whole: the curves that a run leaves behind; knows of numbers and names only.

export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Drawn pale, as the raw data behind a smoothed curve. */
  readonly pale?: boolean
  /** Index of the colour; default: its place. */
  readonly color?: number
}

export interface ChartOptions {
  readonly title: string
  readonly xLabel?: string
  /** A logarithmic y axis: points at or below zero are left out. Default false. */
  readonly log?: boolean
  /** Pixels. Default 640 by 320. */
  readonly width?: number
  readonly height?: number
}

// Wong's palette (Nature Methods 2011), which colour-blind people can tell apart.
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']
const MARGIN = { left: 64, right: 16, top: 32, bottom: 40 }

/** Running mean with factor `smoothing` (0: none, towards 1: more), without the bias of its start, as TensorBoard draws it. */
export function smoothed(
  points: readonly (readonly [number, number])[],
  smoothing: number,
): (readonly [number, number])[] {
  let [mean, weight] = [0, 0]
  return points.map(([x, y]) => {
    mean = smoothing * mean + (1 - smoothing) * y
    weight = smoothing * weight + (1 - smoothing)
    return [x, mean / weight] as const
  })
}

/** At most `most` points: means of neighbours. */
export function thinned(
  points: readonly (readonly [number, number])[],
  most: number,
): readonly (readonly [number, number])[] {
  if (points.length <= most) return points
  const size = points.length / most
  return Array.from({ length: most }, (_, i) => {
    const part = points.slice(Math.floor(i * size), Math.floor((i + 1) * size))
    const mean = (axis: 0 | 1) => part.reduce((sum, point) => sum + point[axis], 0) / part.length
    return [mean(0), mean(1)] as const
  })
}

/** A chart of lines, complete with axes and legend; not finite points are left out. */
export function lineChart(series: readonly Series[], options: ChartOptions): string {
  const { title, xLabel = 'step', log = false, width = 640, height = 320 } = options
  const drawable = series.map((one) => ({
    ...one,
    points: one.points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y) && (!log || y > 0)),
  }))
  const all = drawable.flatMap(({ points }) => points)
  const [x0, x1] = range(all.map(([x]) => x))
  const [y0, y1] = range(all.map(([, y]) => (log ? Math.log10(y) : y)))
  const plot = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom }
  const px = (x: number) => MARGIN.left + ((x - x0) / (x1 - x0)) * plot.width
  const py = (level: number) => MARGIN.top + (1 - (level - y0) / (y1 - y0)) * plot.height
  const text = (x: number, y: number, content: string, anchor: string, extra = '') =>
    `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${extra}>${escaped(content)}</text>`
  const parts: string[] = []
  for (const level of ticks(y0, y1)) {
    const y = round(py(level))
    parts.push(`<line x1="${MARGIN.left}" x2="${width - MARGIN.right}" y1="${y}" y2="${y}" stroke="#ddd"/>`)
    parts.push(text(MARGIN.left - 6, y + 4, short(log ? 10 ** level : level), 'end'))
  }
  for (const x of ticks(x0, x1)) parts.push(text(px(x), height - MARGIN.bottom + 16, short(x), 'middle'))
  parts.push(text(MARGIN.left + plot.width / 2, height - 6, xLabel, 'middle'))
  parts.push(text(MARGIN.left, 20, title, 'start', ' font-weight="bold"'))
  let legend = width - MARGIN.right
  for (const [i, { name, points, pale, color = i }] of drawable.entries()) {
    const stroke = COLORS[color % COLORS.length]
    const path = points.map(([x, y]) => `${round(px(x))},${round(py(log ? Math.log10(y) : y))}`).join(' ')
    parts.push(
      `<polyline points="${path}" fill="none" stroke="${stroke}" stroke-width="1.5"${pale ? ' opacity="0.25"' : ''}/>`,
    )
    // A single point has no line.
    const [only] = points
    if (points.length === 1 && only !== undefined)
      parts.push(
        `<circle cx="${round(px(only[0]))}" cy="${round(py(log ? Math.log10(only[1]) : only[1]))}" r="3" fill="${stroke}"/>`,
      )
    if (pale) continue
    parts.push(text(legend, 20, name, 'end', ` fill="${stroke}"`))
    legend -= 7 * name.length + 16
  }
  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`
  return `${open}\n<rect width="100%" height="100%" fill="white"/>\n${parts.join('\n')}\n</svg>\n`
}

/** From least to greatest; around a single value, and 0 to 1 of nothing. */
function range(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)]
  if (low > high) return [0, 1]
  if (low < high) return [low, high]
  const around = Math.abs(low) / 2 || 0.5
  return [low - around, high + around]
}

/** About five round numbers between two. */
function ticks(low: number, high: number): number[] {
  const rough = (high - low) / 5
  const unit = 10 ** Math.floor(Math.log10(rough))
  const step = unit * ([1, 2, 5, 10].find((factor) => factor * unit >= rough) ?? 10)
  const first = Math.ceil(low / step)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step)
}

const round = (value: number): number => Math.round(value * 10) / 10
const short = (value: number): string => String(Number(value.toPrecision(3)))
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] as string)
