/** The roofline that `npm run bench -- --plot` writes. */
import { describe, expect, it } from 'vitest'
import { type Plotted, rooflineSvg } from '../../bench/plot.js'

const row = (name: string, intensity: number, gflops: number): Plotted => ({
  case: name,
  dtype: name.split('.')[1] as string,
  ours_ms: 2,
  gflops,
  intensity,
  peers: [
    { name: 'torch-2', ms: 4 },
    { name: 'onnxruntime-1', ms: null },
  ],
})
const limits = {
  title: 'A & B <processor>',
  bandwidths: [{ label: 'memory', rate: 20 }],
  peaks: [{ label: 'f32', rate: 100 }],
}
const count = (svg: string, what: RegExp): number => svg.match(what)?.length ?? 0

describe('a roofline', () => {
  const rows = [row('gemm.f32.1x64x64', 0.5, 8), row('gemm.f32.64x64x64', 10, 80)]
  const svg = rooflineSvg({ ...limits, rows })

  it('has a point for each library that ran a case, with its figures, and names the cases', () => {
    // One more of each library stands in the legend.
    expect(count(svg, /<g class="ours c0"/g)).toBe(rows.length + 1)
    expect(count(svg, /<g class="peer c1"/g)).toBe(rows.length + 1)
    expect(svg).not.toContain('onnxruntime')
    expect(svg).toContain('<title>gemm.f32.64x64x64, torch-2: 40 GFLOP/s, 4 ms</title>')
    expect(count(svg, /class="label">(1x64x64|64x64x64)</g)).toBe(2)
  })

  it('puts points where bandwidth and peak meet on the corner of the roofs', () => {
    const corner = rooflineSvg({ ...limits, rows: [row('gemm.f32.5', 5, 100), row('gemm.f32.1', 0.1, 1)] })
    const [, x, y] =
      /<g class="ours c0" transform="translate\(([\d.]+) ([\d.]+)\)"><title>gemm.f32.5,/.exec(corner) ?? []
    expect(corner).toMatch(new RegExp(`<line class="roof" x1="[\\d.]+" y1="[\\d.]+" x2="${x}" y2="${y}"/>`))
    expect(corner).toMatch(new RegExp(`<line class="roof" x1="[\\d.]+" y1="${y}" x2="[\\d.]+" y2="${y}"/>`))
  })

  it('escapes what is not its own and tells dtypes apart', () => {
    expect(svg).toContain('A &amp; B &lt;processor&gt;')
    const two = rooflineSvg({ ...limits, rows: [...rows, row('gemm.f64.64x64x64', 5, 40)] })
    expect(two).toContain('>f64.64x64x64<')
    expect(two).toContain('>f64<')
  })

  it('needs a case that counts operations and bytes', () => {
    expect(() => rooflineSvg({ ...limits, rows: [{ ...row('x.f32', 1, 1), intensity: null }] })).toThrow(
      /nothing to plot/,
    )
  })
})
