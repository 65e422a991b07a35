// Two-dimensional convolutions forward, and both gradients: kernels of 1 to 7, strides, padding, groups, channels around the edges; 3 x 3
// ones by Winograd's algorithms too, where the work is large enough for them.
import { conv2d, tensor } from '#lib/index.js'
import { DTYPES, generator, whole } from '../edges.mjs'

/** [channels in, channels out, groups] */
const CHANNELS = [
  [1, 1, 1],
  [3, 5, 1],
  [3, 64, 1],
  [7, 16, 1],
  [16, 17, 1],
  [17, 33, 1],
  [35, 37, 1],
  [36, 50, 2],
  [32, 48, 1],
  [8, 12, 4],
  [13, 13, 13],
  [32, 32, 32],
]
/** [kernel, stride, padding] */
const WINDOWS = [
  [1, 1, 0],
  [1, 2, 0],
  [2, 1, 0],
  [3, 1, 1],
  [3, 2, 1],
  [5, 1, 2],
  [7, 2, 3],
]
/** [images, height, width] */
const IMAGES = [
  [1, 7, 7],
  [2, 8, 11],
  [1, 13, 17],
  [3, 9, 5],
  [1, 4, 35],
]

/** Calls visit(x index, w index, y index) for each product of the convolution. */
function products({ n, c, o, groups, h, w, kernel, stride, padding, oh, ow }, visit) {
  const [cg, og] = [c / groups, o / groups]
  for (let image = 0; image < n; image++)
    for (let out = 0; out < o; out++)
      for (let y = 0; y < oh; y++)
        for (let x = 0; x < ow; x++)
          for (let from = 0; from < cg; from++)
            for (let ky = 0; ky < kernel; ky++)
              for (let kx = 0; kx < kernel; kx++) {
                const [iy, ix] = [y * stride + ky - padding, x * stride + kx - padding]
                if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue
                const channel = Math.floor(out / og) * cg + from
                visit(
                  ((image * c + channel) * h + iy) * w + ix,
                  ((out * cg + from) * kernel + ky) * kernel + kx,
                  ((image * o + out) * oh + y) * ow + x,
                )
              }
}

export default function conv({ turn, compare, scope }) {
  for (const [c, o, groups] of CHANNELS) {
    for (const [kernel, stride, padding] of WINDOWS) {
      for (const [n, h, w] of IMAGES) {
        let exact
        const winograd = kernel === 3 && stride === 1
        for (const [dtype, precision] of [
          ...DTYPES.map((d) => [d, 'highest']),
          ...(winograd ? [['f32', 'high']] : []),
        ]) {
          const label = `conv2d ${dtype} ${n}x${c}x${h}x${w} to ${o}, groups ${groups}, kernel ${kernel}, stride ${stride}, ${precision}`
          if (!turn(label)) continue
          const [oh, ow] = [h, w].map((side) => Math.floor((side + 2 * padding - kernel) / stride) + 1)
          const plan = { n, c, o, groups, h, w, kernel, stride, padding, oh, ow }
          const shapes = { x: [n, c, h, w], w: [o, c / groups, kernel, kernel], y: [n, o, oh, ow] }
          const size = (shape) => shape.reduce((a, b) => a * b, 1)
          exact ??= (() => {
            const next = generator(c * 65537 + o * 257 + kernel)
            const [vx, vw, g] = [shapes.x, shapes.w, shapes.y].map((shape) => whole(size(shape), next))
            const [y, dx, dw] = [g, vx, vw].map((like) => new Float64Array(like.length))
            products(plan, (ix, iw, iy) => {
              y[iy] += vx[ix] * vw[iw]
              dx[ix] += g[iy] * vw[iw]
              dw[iw] += g[iy] * vx[ix]
            })
            return { vx, vw, g, y, dx, dw }
          })()
          scope(() => {
            const x = tensor(exact.vx, { shape: shapes.x, dtype }).requiresGrad_()
            const weight = tensor(exact.vw, { shape: shapes.w, dtype }).requiresGrad_()
            const y = conv2d(x, weight, null, { stride, padding, groups, precision })
            // Products of numbers up to 8; see setConvPrecision.
            const slack = (terms) => (precision === 'high' ? 16 * 2 ** -24 * 64 * terms : 0)
            compare(label, y, exact.y, slack((c / groups) * 9))
            y.backward({ gradient: tensor(exact.g, { shape: shapes.y, dtype }) })
            compare(`${label}, gradient of x`, x.grad, exact.dx, slack((o / groups) * 9))
            compare(`${label}, gradient of w`, weight.grad, exact.dw)
            x.grad.dispose()
            weight.grad.dispose()
          })
        }
      }
    }
  }
}
