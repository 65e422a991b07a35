// The weight gradient of 3 x 3 kernels of stride 1 by Winograd's F(3 x 3, 4 x 4). Place in the whole: convWeightGrad's way
// for f32 where precision 'high' allows it and it pays; the forward pass is winograd.cpp.
//
// The grid is cut into tiles of 4 x 4, each of which sees 6 x 6 elements of the source. With x an index of 36:
//   V[x] (tiles, source channels) of the source, as forward
//   U[x] (channels, tiles) = G g G^T of each tile of results' gradients
//   M[x] (channels, source channels) += U[x] * V[x] over all tiles, 36 products instead of 144
//   gw = A^T M A
// The tiles go in passes whose U and V stay in L3; a task takes some channels, all x. A result's sums depend on the shapes alone.
#include <algorithm>

#include "cpu/conv/weight_grad.h"
#include "cpu/conv/winograd_tiles.h"
#include "cpu/conv/workplaces.h"
#include "cpu/gemm/row_tiles.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int kMatrices = 36;
constexpr int kPanel = kNR<float>;
constexpr int64_t kPassBytes = 5 << 20;  // of U and V

template <class S>
class WinogradWeightGrad {
 public:
  using Patches = TileReader<PatchTransform<4>>;
  using Gradients = TileReader<WeightGradPoints>;

  WinogradWeightGrad(const Problem& p, const WeightGrad& out)
      : p_(p), out_(out), tiling_(p), inputs_(p.source_channels), padded_inputs_(round_up(inputs_, kPanel)) {
    int64_t a_tile = kMatrices * (padded_inputs_ + out.channels) * static_cast<int64_t>(sizeof(float));
    pass_ = std::clamp<int64_t>(kPassBytes / a_tile / kPanel * kPanel, 4 * kPanel, 32 * kPanel);
    pass_ = std::min(pass_, round_up(tiling_.tiles(), kPanel));
    passes_ = ceil_div(tiling_.tiles(), pass_);
    rows_ = 4 * kMR;
    while (rows_ > kMR && ceil_div(out.channels, rows_) < 4 * pool_threads()) rows_ -= kMR;
    rows_ = std::min(rows_, out.channels);
    gradients_stride_ = odd_lines(out.channels * pass_);
    patches_stride_ = odd_lines(padded_inputs_ * pass_);
    products_stride_ = odd_lines(rows_ * padded_inputs_);
  }

  void run(const Call& c) const {
    int64_t blocks = ceil_div(out_.channels, rows_), panels = padded_inputs_ / kPanel;
    float* gradients = c.scratch_of<float>(kMatrices * gradients_stride_);
    float* patches = c.scratch_of<float>(kMatrices * patches_stride_);
    // Of several passes the products are kept; else they live in a task's cache.
    float* products = passes_ > 1 ? c.scratch_of<float>(blocks * kMatrices * products_stride_) : nullptr;
    float* sums = c.scratch_of<float>(passes_ * out_.channels);
    int64_t segments = round_up(pass_ * sizeof(Segment), 64);
    int64_t scratch = round_up(std::max(Patches::floats(tiling_.across, pass_) + kMatrices * kPanel * pass_,
                                        Gradients::floats(tiling_.across, pass_)) *
                                   sizeof(float),
                               64);
    Workplaces transforming(c, segments + scratch, panels + out_.channels);
    Workplaces multiplying(c, passes_ > 1 ? 0 : kMatrices * products_stride_ * sizeof(float), blocks);
    for (int64_t g = 0; g < p_.groups; g++) {
      for (int64_t pass = 0; pass < passes_; pass++) {
        int64_t t0 = pass * pass_, tiles = std::min(pass_, tiling_.tiles() - t0);
        // Patches of a panel of channels, which take about as long as gradients of 16, come first.
        parallel_for(panels + ceil_div(out_.channels, kPanel), 1, [&](int64_t begin, int64_t end) {
          int64_t place = transforming.claim();
          Segment* list = reinterpret_cast<Segment*>(transforming.memory(place));
          float* memory = reinterpret_cast<float*>(transforming.memory(place) + segments);
          int64_t n = tiling_.segments(t0, tiles, list);
          for (int64_t i = begin; i < end; i++) {
            if (i < panels) {
              transform_patches(g, i, list, n, tiles, patches + i * kPanel * pass_, memory);
              continue;
            }
            int64_t o0 = (i - panels) * kPanel;
            for (int64_t o = o0; o < std::min(o0 + kPanel, out_.channels); o++)
              sums[pass * out_.channels + o] = transform_gradients(g, o, list, n, tiles, gradients + o * pass_, memory);
          }
          transforming.release(place);
        });
        parallel_for(blocks, 1, [&](int64_t begin, int64_t end) {
          int64_t place = multiplying.claim();
          for (int64_t i = begin; i < end; i++) {
            int64_t o = i * rows_, rows = std::min(rows_, out_.channels - o);
            float* m = products ? products + i * kMatrices * products_stride_
                                : reinterpret_cast<float*>(multiplying.memory(place));
            multiply(gradients + o * pass_, patches, rows, tiles, pass > 0, m);
            if (pass == passes_ - 1) deliver(g, o, rows, m);
          }
          multiplying.release(place);
        });
      }
      for (int64_t o = 0; o < out_.channels; o++) {
        float sum = 0;
        for (int64_t pass = 0; pass < passes_; pass++) sum += sums[pass * out_.channels + o];
        static_cast<S*>(out_.gb)[g * out_.channels + o] = narrow<S>(sum);
      }
    }
  }

 private:
  // A panel of V: patches[x] (tiles, kPanel), channels beyond the last as zeros. The transform yields tiles side by side, the product wants
  // channels, hence a transposition.
  void transform_patches(int64_t g, int64_t panel, const Segment* segments, int64_t n, int64_t tiles, float* patches,
                         float* memory) const {
    constexpr int kL = kLanes<float>;
    float* rows = memory + Patches::floats(tiling_.across, pass_);  // (36, kPanel, pass_)
    Patches reader(tiling_.across, pass_, memory);
    for (int64_t j = 0; j < kPanel; j++) {
      int64_t ch = panel * kPanel + j;
      for (int64_t i = 0; i < n; i++) {
        const Segment& at = segments[i];
        int64_t plane = ch < inputs_ ? p_.plane(at.image, g, ch) : -1;
        const S* source = static_cast<const S*>(p_.source) + plane * p_.source_h * p_.source_w;
        reader.take(plane < 0 ? nullptr : source, p_.source_h, p_.source_w, at.y + tiling_.dy, at.x + tiling_.dx,
                    tiling_.apart, at);
      }
      reader.finish(tiles, rows + j * pass_, kPanel * pass_, 2 * kL);
    }
    for (int x = 0; x < kMatrices; x++)
      for (int64_t t = 0; t < tiles; t += kL)
        for (int h = 0; h < kPanel; h += kL) {
          Vf square[kL];
          for (int j = 0; j < kL; j++) square[j] = load(rows + (x * kPanel + h + j) * pass_ + t);
          transpose(square);
          for (int j = 0; j < kL; j++) store(patches + x * patches_stride_ + (t + j) * kPanel + h, square[j]);
        }
  }

  // A row of U; returns the sum of the channel's gradients.
  float transform_gradients(int64_t g, int64_t o, const Segment* segments, int64_t n, int64_t tiles, float* gradients,
                            float* memory) const {
    Gradients reader(tiling_.across, pass_, memory);
    Vf sum = {};
    for (int64_t i = 0; i < n; i++) {
      const Segment& at = segments[i];
      const S* plane = static_cast<const S*>(out_.g) + out_.plane(p_, at.image, g, o) * p_.pixels();
      sum += reader.take<true>(plane, p_.grid_h, p_.grid_w, at.y, at.x, tiling_.apart, at);
    }
    reader.finish(tiles, gradients, gradients_stride_, 2 * kLanes<float>);
    return reduce_add<float>(sum);
  }

  // products[x] (rows, inputs) = [products[x] +] gradients[x] * patches[x]
  void multiply(const float* gradients, const float* patches, int64_t rows, int64_t tiles, bool accumulate,
                float* products) const {
    const RowTiles row_tiles(rows);
    MicroTile<float> tile;
    tile.k = tiles, tile.rsa = pass_, tile.csa = 1, tile.ldb = kPanel, tile.ldc = padded_inputs_, tile.cols = kPanel;
    tile.accumulate = accumulate;
    for (int x = 0; x < kMatrices; x++)
      for (int64_t i = 0; i < row_tiles.count; i++) {
        RowTile r = row_tiles[i];
        tile.rows = r.rows, tile.a = gradients + x * gradients_stride_ + r.first * pass_;
        for (int64_t ch = 0; ch < padded_inputs_; ch += kPanel) {
          tile.b = patches + x * patches_stride_ + ch * pass_;
          tile.c = products + x * products_stride_ + r.first * padded_inputs_ + ch;
          micro_kernel(tile);
        }
      }
  }

  void deliver(int64_t g, int64_t o, int64_t rows, const float* products) const {
    constexpr int kL = kLanes<float>;
    for (int64_t r = 0; r < rows; r++) {
      S* gw = static_cast<S*>(out_.gw) + (g * out_.channels + o + r) * p_.depth();
      for (int64_t ch = 0; ch < inputs_; ch += kL) {
        Vf down[6][3];
        for (int j = 0; j < 6; j++) {
          Vf column[6];
          for (int i = 0; i < 6; i++)
            column[i] = load(products + (i * 6 + j) * products_stride_ + r * padded_inputs_ + ch);
          WeightGradPoints::weights(column, down[j]);
        }
        float taps[9][kL];
        for (int i = 0; i < 3; i++) {
          Vf row[6], weights[3];
          for (int j = 0; j < 6; j++) row[j] = down[j][i];
          WeightGradPoints::weights(row, weights);
          for (int j = 0; j < 3; j++) store(taps[3 * i + j], weights[j]);
        }
        for (int64_t j = 0, count = std::min<int64_t>(kL, inputs_ - ch); j < count; j++)
          for (int t = 0; t < 9; t++) gw[(ch + j) * 9 + t] = narrow<S>(taps[t][j]);
      }
    }
  }

  Problem p_;
  WeightGrad out_;
  Tiling<4> tiling_;
  int64_t inputs_, padded_inputs_, pass_, passes_, rows_, gradients_stride_, patches_stride_, products_stride_;
};

}  // namespace

void winograd_weight_grad(const Call& c, DType dtype, const Problem& p, const WeightGrad& out) {
  if (dtype == DType::bf16) return WinogradWeightGrad<bf16>(p, out).run(c);
  if (dtype == DType::f16) return WinogradWeightGrad<f16>(p, out).run(c);
  WinogradWeightGrad<float>(p, out).run(c);
}

}  // namespace sinter::cpu::SINTER_ISA
