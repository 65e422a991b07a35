// A graph as a picture. Place in the whole: behind ModelGraph.toSVG; graph-layout.ts says where everything lies.
import { show } from '../tensor/shape.js'
import { type Box, type Line, layOut, type Size } from './graph-layout.js'
import type { GraphGroup, GraphNode, ModelGraph } from './model-graph.js'

const FONT = 11
const LINE = 14
/** Of a character on average; a little more than usual fonts have. */
const CHARACTER = 6.6

/** Fill and border of a box, by the module's class. */
const COLOURS: readonly (readonly [RegExp, string, string])[] = [
  [/Conv/, '#dbeafe', '#3b82f6'],
  [/Norm/, '#fef3c7', '#d97706'],
  [/Attention/, '#ede9fe', '#7c3aed'],
  [/Linear|Embedding|Bilinear/, '#dcfce7', '#16a34a'],
  [/Pool|Flatten|Upsample/, '#fee2e2', '#dc2626'],
  [/LSTM|GRU|RNN/, '#cffafe', '#0891b2'],
]
const OTHER = ['#f1f5f9', '#64748b'] as const

export function drawSvg(graph: ModelGraph): string {
  const titles = new Map(graph.groups.map((group) => [group.id, widthOf(titleOf(group, graph)) + 16]))
  const sized = graph.nodes.map((node) => ({ ...node, size: sizeOf(labelOf(node, graph)) }))
  const { width, height, nodes, groups, lines } = layOut(sized, graph.groups, graph.edges, titles)
  const [w, h] = [Math.ceil(width), Math.ceil(height)]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" font-family="sans-serif" font-size="${FONT}">`,
    `<title>${escaped(graph.name)}</title>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#475569"/></marker></defs>',
    `<rect width="${w}" height="${h}" fill="#ffffff"/>`,
    ...graph.groups.map((group) => frame(groups.get(group.id) as Box)),
    ...lines.map(curve),
    ...graph.groups.map((group) => title(groups.get(group.id) as Box, titleOf(group, graph))),
    ...graph.nodes.map((node) => box(nodes.get(node.id) as Box, node, labelOf(node, graph))),
    '</svg>',
    '',
  ].join('\n')
}

/** Lines of a node's box. Inside a frame a path goes on from the frame's. */
export function labelOf(node: GraphNode, graph: ModelGraph): string[] {
  const { kind, name, type, shape } = node
  const first = kind === 'module' ? `${inFrame(name, node.group, graph)} ${type}`.trimStart() : name
  return shape ? [first, show(shape)] : [first]
}

export const titleOf = ({ name, type, group }: GraphGroup, graph: ModelGraph): string =>
  `${inFrame(name, group, graph)} ${type}`

function inFrame(path: string, frame: string | null, { groups }: ModelGraph): string {
  const outer = groups.find(({ id }) => id === frame)
  return outer && path.startsWith(`${outer.name}.`) ? path.slice(outer.name.length + 1) : path
}

const widthOf = (text: string): number => text.length * CHARACTER

function sizeOf(lines: readonly string[]): Size {
  return { width: Math.max(...lines.map(widthOf)) + 16, height: lines.length * LINE + 8 }
}

const frame = ({ x, y, width, height }: Box): string =>
  `<rect ${place(x, y, width, height)} rx="6" fill="#64748b" fill-opacity="0.06" stroke="#94a3b8"/>`

/** Over the lines, which may pass behind it. */
const title = ({ x, y }: Box, text: string): string =>
  `<text x="${number(x + 8)}" y="${number(y + 14)}" fill="#475569" stroke="#ffffff" stroke-width="3" paint-order="stroke">${escaped(text)}</text>`

function box({ x, y, width, height }: Box, node: GraphNode, label: readonly string[]): string {
  const { kind, type, name, parameters } = node
  const [fill, stroke] =
    kind === 'module' ? (COLOURS.find(([of]) => of.test(type))?.slice(1) ?? OTHER) : ['#ffffff', OTHER[1]]
  const border = kind === 'input' || kind === 'output' ? ' stroke-dasharray="3 2"' : ''
  const radius = kind === 'operator' ? height / 2 : 4
  const lines = label.map((text, i) => {
    const base = y + height / 2 + (i - (label.length - 1) / 2) * LINE + FONT * 0.35
    const weight = i === 0 ? '' : ' fill="#475569"'
    return `<text x="${number(x + width / 2)}" y="${number(base)}" text-anchor="middle"${weight}>${escaped(text)}</text>`
  })
  const count = parameters > 0 ? `, ${parameters.toLocaleString('en-US')} parameters` : ''
  const hover = kind === 'module' ? `<title>${escaped(`${name}: ${type}${count}`)}</title>` : ''
  const rect = `<rect ${place(x, y, width, height)} rx="${radius}" fill="${fill}" stroke="${stroke}"${border}/>`
  return `<g>${hover}${rect}${lines.join('')}</g>`
}

/** Straight down where it can be; else it leaves and arrives vertically. */
function curve({ points, arrow }: Line): string {
  const path = points.map(([x, y], i) => {
    const before = points[i - 1]
    if (!before) return `M${number(x)} ${number(y)}`
    if (before[0] === x) return `V${number(y)}`
    const middle = number((before[1] + y) / 2)
    return `C${number(before[0])} ${middle} ${number(x)} ${middle} ${number(x)} ${number(y)}`
  })
  const end = arrow ? ' marker-end="url(#arrow)"' : ''
  return `<path d="${path.join('')}" fill="none" stroke="#475569"${end}/>`
}

const number = (x: number): string => String(Math.round(x * 10) / 10)

const place = (x: number, y: number, width: number, height: number): string =>
  `x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"`

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => ESCAPES[c] as string)
