// A model's graph: what is in it, and that its picture can be read.
import { describe, expect, it } from 'vitest'
import { type Tensor, ValueError, zeros } from '#lib/index.js'
import { Bert, GPT2, resnet18 } from '#lib/models/index.js'
import { type Box, layOut } from '#lib/nn/graph-layout.js'
import * as nn from '#lib/nn/index.js'

const nameOf = (graph: nn.ModelGraph, id: string): string => graph.nodes.find((n) => n.id === id)?.name as string
const edges = (graph: nn.ModelGraph): string[] =>
  graph.edges.map(({ from, to }) => `${nameOf(graph, from)} > ${nameOf(graph, to)}`).sort()

class Residual extends nn.Module {
  first = new nn.Linear(4, 4)
  drop = new nn.Dropout(0.5)
  second = new nn.Linear(4, 4)
  override forward(x: Tensor): Tensor {
    return this.second.call(this.drop.call(this.first.call(x).tanh())).add(x)
  }
}

describe('modelGraph', () => {
  it('follows tensors through modules and the operators between them', () => {
    const model = new nn.Sequential(new Residual(), new nn.Flatten())
    const graph = nn.modelGraph(model, [2, 4])
    expect(graph.name).toBe('Sequential')
    expect(edges(graph)).toEqual([
      '0.first > tanh',
      '0.second > add',
      '1 > output',
      'add > 1',
      'input 0 > 0.first',
      'input 0 > add',
      'tanh > 0.second',
    ])
    expect(graph.groups).toMatchObject([{ name: '0', type: 'Residual', group: null }])
    expect(graph.nodes.map(({ name }) => name)).toEqual([
      'input 0',
      '0.first',
      'tanh',
      '0.second',
      'add',
      '1',
      'output',
    ])
    const [group] = graph.groups
    const first = graph.nodes.find(({ name }) => name === '0.first')
    expect(first).toMatchObject({ kind: 'module', type: 'Linear', shape: [2, 4], parameters: 20, group: group?.id })
    model.dispose()
  })

  it('is as deep as asked', () => {
    const model = new nn.Sequential(new Residual(), new Residual())
    expect(edges(nn.modelGraph(model, [2, 4], { depth: 1 }))).toEqual(['0 > 1', '1 > output', 'input 0 > 0'])
    const [input, whole, output] = nn.modelGraph(model, [2, 4], { depth: 0 }).nodes
    expect(input).toMatchObject({ kind: 'input', name: 'input 0', shape: [2, 4] })
    expect(whole).toMatchObject({ kind: 'module', name: '', type: 'Sequential', parameters: 80 })
    expect(output).toMatchObject({ kind: 'output', shape: [2, 4] })
    model.dispose()
  })

  it('leads indices and options to the modules that get them, and names results', () => {
    const model = new Bert({ vocabSize: 9, positions: 8, channels: 4, layers: 2, heads: 2 })
    nn.freeze(model, 'embeddings')
    const graph = nn.modelGraph(model, { shape: [1, 5], dtype: 'i32' }, { depth: 1 })
    expect(edges(graph)).toEqual([
      'embeddings > encoder',
      'encoder > features',
      'encoder > pooler',
      'input 0 > embeddings',
      'pooler > pooled',
    ])
    expect([...model.embeddings.parameters()].some(({ requiresGrad }) => requiresGrad)).toBe(false)
    expect([...model.parameters()].every(({ grad }) => grad === null)).toBe(true)
    expect(model.training).toBe(true)
    model.dispose()
  })

  it('has a box for each call of a shared module', () => {
    const shared = new nn.Linear(2, 2)
    const model = new nn.Sequential(shared, new nn.Tanh(), shared)
    const graph = nn.modelGraph(model, [1, 2])
    expect(graph.nodes.map(({ name }) => name)).toEqual(['input 0', '0', '1', '0', 'output'])
    model.dispose()
  })

  it('shows results of several parts, backward hooks or not', () => {
    class Parts extends nn.Module {
      lstm = new nn.LSTM(2, 3)
      head = new nn.Linear(3, 2)
      override forward(x: Tensor): Tensor[] {
        const [y, [h]] = this.lstm.call(x)
        return [this.head.call(y), h]
      }
    }
    const model = new Parts()
    const wanted = ['head > output 0', 'input 0 > lstm', 'lstm > head', 'lstm > output 1']
    expect(edges(nn.modelGraph(model, [4, 1, 2]))).toEqual(wanted)
    model.lstm.registerFullBackwardHook(() => undefined)
    model.registerFullBackwardHook(() => undefined)
    expect(edges(nn.modelGraph(model, [4, 1, 2]))).toEqual(wanted)
    model.dispose()
  })

  it('of what hands its argument on is one line', () => {
    expect(edges(nn.modelGraph(new nn.Dropout(0.5), [3]))).toEqual(['input 0 > output'])
  })

  it('says what it cannot do', () => {
    class Counting extends nn.Module {
      override forward(x: Tensor): Tensor {
        return x.argmax()
      }
    }
    expect(() => nn.modelGraph(new Counting(), [3])).toThrow(/nothing that Counting gives has gradients/)
    expect(() => nn.modelGraph(new nn.ReLU(), [3], { depth: -1 })).toThrow(ValueError)
    expect(() => nn.modelGraph(new nn.ReLU(), [3], { deep: 1 } as nn.GraphOptions)).toThrow(/no such option: 'deep'/)
    expect(() => nn.modelGraph(new nn.Sequential(new nn.Linear(2, 2)), [1, 3])).toThrow(/\(in 0, a Linear/)
  })
})

describe('a graph’s picture', () => {
  const within = (a: Box, b: Box): boolean =>
    a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height
  const apart = (a: Box, b: Box): boolean =>
    a.x + a.width < b.x || b.x + b.width < a.x || a.y + a.height < b.y || b.y + b.height < a.y

  it('has boxes apart, within their frames, and lines that lead down', () => {
    const resnet = resnet18({ classes: 3 })
    const gpt = new GPT2({ vocabSize: 9, positions: 8, channels: 4, layers: 2, heads: 2 })
    const graphs = [
      nn.modelGraph(resnet, [1, 3, 32, 32], { depth: 3 }),
      nn.modelGraph(gpt, { shape: [1, 5], dtype: 'i32' }, { depth: 4 }),
    ]
    for (const graph of graphs) {
      const sized = graph.nodes.map((node, i) => ({ ...node, size: { width: 40 + (i % 5) * 20, height: 30 } }))
      const { nodes, groups, lines, width, height } = layOut(sized, graph.groups, graph.edges, new Map())
      const whole = { x: 0, y: 0, width, height }
      const all = [...graph.nodes, ...graph.groups].map((item) => ({
        ...item,
        box: (nodes.get(item.id) ?? groups.get(item.id)) as Box,
      }))
      for (const a of all) {
        expect(within(a.box, (a.group && groups.get(a.group)) || whole)).toBe(true)
        for (const b of all) if (a.id < b.id && a.group === b.group) expect(apart(a.box, b.box)).toBe(true)
      }
      for (const { points } of lines) {
        for (const [i, [, y]] of points.entries()) expect(y).toBeGreaterThanOrEqual(points[i - 1]?.[1] ?? 0)
      }
      expect(lines.filter(({ arrow }) => arrow).length).toBeGreaterThanOrEqual(graph.nodes.length - 1)
    }
    for (const model of [resnet, gpt]) model.dispose()
  })

  it('is SVG and DOT, with names as text', () => {
    class Odd extends nn.Module {
      parts = new nn.ModuleDict({ 'a<b> & "c"': new nn.Linear(2, 2) })
      override forward(x: Tensor): Tensor {
        return (this.parts.get('a<b> & "c"') as nn.Linear).call(x)
      }
    }
    const model = new Odd()
    const graph = nn.modelGraph(model, zeros([1, 2]))
    const svg = graph.toSVG()
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+"/)
    expect(svg).toContain('parts.a&lt;b&gt; &amp; &quot;c&quot; Linear</text>')
    expect(svg).toContain('6 parameters</title>')
    expect(svg).not.toMatch(/NaN|undefined/)
    const tags = svg.match(/<\/?(?:svg|g|text|title|defs|marker)\b/g) ?? []
    expect(tags.filter((tag) => tag.startsWith('</'))).toHaveLength(tags.length / 2)
    const dot = graph.toDot()
    expect(dot).toMatch(/^digraph "Odd" \{\n/)
    expect(dot).toContain('[label="parts.a<b> & \\"c\\" Linear\\n(1, 2)", shape=box]')
    expect(dot.match(/->/g)).toHaveLength(2)
    model.dispose()
  })
})
