// A graph of modules, operators and what flows between them. Place in the whole: graph.ts finds it in a model, graph-svg.ts draws it.
import type { Shape } from '../tensor/shape.js'
import { drawSvg, labelOf, titleOf } from './graph-svg.js'

export interface GraphNode {
  readonly id: string
  readonly kind: 'input' | 'output' | 'module' | 'operator'
  /** A module's path, an operator's name, the place of an input or output. */
  readonly name: string
  /** A module's class; '' for others. */
  readonly type: string
  /** Of the result, where it is known. */
  readonly shape: Shape | null
  /** Elements of a module's parameters. */
  readonly parameters: number
  /** Id of the group it is in; null for the outermost. */
  readonly group: string | null
}

/** A module that is drawn as a frame around what happens in it. */
export interface GraphGroup {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly group: string | null
}

export interface GraphEdge {
  readonly from: string
  readonly to: string
}

/** Nodes in the order in which they ran. */
export class ModelGraph {
  readonly name: string
  readonly nodes: readonly GraphNode[]
  /** Outer ones first. */
  readonly groups: readonly GraphGroup[]
  readonly edges: readonly GraphEdge[]

  /** @internal */
  constructor(name: string, nodes: readonly GraphNode[], groups: readonly GraphGroup[], edges: readonly GraphEdge[]) {
    this.name = name
    this.nodes = nodes
    this.groups = groups
    this.edges = edges
  }

  /** In Graphviz' language: `dot -Tsvg`. */
  toDot(): string {
    const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n')}"`
    const inside = (group: string | null, indent: string): string[] => [
      ...this.nodes
        .filter((node) => node.group === group)
        .map((node) => {
          const shape = node.kind === 'module' ? 'box' : node.kind === 'operator' ? 'ellipse' : 'plaintext'
          return `${indent}${node.id} [label=${quote(labelOf(node, this).join('\n'))}, shape=${shape}]`
        }),
      ...this.groups
        .filter((other) => other.group === group)
        .flatMap((other) => [
          `${indent}subgraph cluster_${other.id} {`,
          `${indent}  label=${quote(titleOf(other, this))}`,
          ...inside(other.id, `${indent}  `),
          `${indent}}`,
        ]),
    ]
    return [
      `digraph ${quote(this.name)} {`,
      '  graph [fontname="sans-serif", color="#9aa5b1"]',
      '  node [fontname="sans-serif", fontsize=11]',
      ...inside(null, '  '),
      ...this.edges.map(({ from, to }) => `  ${from} -> ${to}`),
      '}',
      '',
    ].join('\n')
  }

  /** A picture, from top to bottom: a file for browsers, or to be put into a page. */
  toSVG(): string {
    return drawSvg(this)
  }
}
