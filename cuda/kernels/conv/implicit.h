// What the kernels of convolutions as matrix products and their host side agree on. Place in the whole: implicit.cpp fills these in.
//
// Sources lie channels-last: an element is at (pixel * pixel_stride + group * depth + channel), the channels of a group padded with
// zeros to a multiple of 16 bytes (`depth`). Weights lie as (group, row, tap, depth). A chunk of 16 bytes then is of one tap and pixel.
#pragma once
#include "cuda/kernels/views.h"

namespace sinter::cuda {

// Taps of a window, those along the three dimensions added up: which of them meet the source is a bit each, and not all of 32.
constexpr int kConvTaps = 31;
constexpr int kConvClasses = 32;  // residue classes along one dimension

// Along one dimension a pixel of the grid, at position q, meets the source at q * step + base + t * tap_step through weight
// first + t * weight_step, t < taps. Pixels of residue class r of the input's gradient have q * classes + r for their place, and meet
// every weight_step-th weight; else there is one class.
struct ConvClass {
  int32_t base;
  int16_t first, taps;
};
struct ConvGrid {
  Divisor grid;    // positions of each class, some of which may be beyond `size`
  int32_t size;    // of the result
  int32_t source;  // size of the source
  int32_t step, tap_step, weight_step;
  int32_t kernel;  // weights
  int32_t classes;
  ConvClass of[kConvClasses];
};

// y, or gx: rows are channels of the result, columns its pixels; k is (tap, channel of the source).
struct ConvTiles {
  const void* source;
  const void* weights;
  const void* bias;
  const void* residual;
  void* y;
  int64_t pixel_stride;  // of the source
  int64_t y_image, y_channel, y_stride[3];
  ConvGrid axis[3];
  Divisor y_places;     // of the result's image
  int32_t pixels;       // of a class: images * grid
  int32_t rows, depth;  // channels of a group: of the result; of the source, padded
  int32_t groups;
  int32_t row_tiles, column_tiles, parts;  // a part: some of the steps along k
  void* partial;                           // with several parts: (parts, total) sums in the order of y, for conv_finish
  int64_t total;                           // elements of y
  int32_t activation;
  int32_t straight;  // pixels lie one after the other in an image of y
  int32_t last;      // y lies channels-last
  int32_t packs;     // elements that are finished together lie together, and aligned
};

// gw: rows are channels of y, columns (tap, channel of x); k is y's pixels.
struct ConvWeightTiles {
  const void* g;
  const void* x;
  void* partial;               // (parts, groups, rows, columns) sums
  int64_t g_stride, x_stride;  // from pixel to pixel
  ConvGrid axis[3];            // of one class
  Divisor depth;               // channels of a group of x, padded; likewise rows
  Divisor kernel[2];           // height, width
  int32_t pixels, rows, columns, g_depth, groups;
  int32_t row_tiles, column_tiles, parts, part_pixels;
};

// Tiles: rows and columns of a block, and its threads.
struct ConvTile {
  int rows, columns, threads;
};
constexpr ConvTile kConvLarge{128, 128, 128}, kConvMedium{64, 128, 128}, kConvSmall{64, 64, 64};
constexpr ConvTile kConvSimtLarge{128, 128, 256}, kConvSimtSmall{64, 64, 64}, kConvDouble{64, 64, 256};

// ---- conv_layout
constexpr int kLayoutThreads = 256;
constexpr int kLayoutPlaces = 64;  // of a tile; its channels are 128 bytes

// (items, channels, places) -> (images, places, item's group, depth)
struct ConvTurn {
  const void* from;
  void* to;
  int64_t places, channels, depth;  // depth: channels, padded
  int64_t pixel_stride;             // of the result
  int64_t groups;                   // items of an image
  int64_t place_tiles, channel_tiles;
  int32_t packs;  // rows of places begin at multiples of 16 bytes
};

// Weights as (group, row, tap, depth): from element group * group_stride + row * row_stride + tap + channel * channel_stride.
struct ConvWeights {
  const void* from;
  void* to;
  int64_t group_stride, row_stride, channel_stride;
  int64_t total;  // chunks of the result
  int32_t rows, taps, channels, depth;
  int32_t rows_inside;  // neighbouring threads have neighbouring rows, not chunks
};

// y = activation(the parts' sums + bias + residual)
struct ConvParts {
  const void* partial;
  const void* bias;
  const void* residual;
  void* y;
  int64_t total;
  Divisor together;  // elements of a channel that lie together
  Divisor channels;
  int32_t parts, activation;
  int32_t packs;  // of one channel each, or of one place
};

// gw[group, row, channel, tap] = the parts' sums at (group, row, tap, depth).
struct ConvWeightParts {
  const void* partial;
  void* gw;
  int64_t total;  // sums of a part
  int32_t taps, channels, depth, parts;
};

}  // namespace sinter::cuda
