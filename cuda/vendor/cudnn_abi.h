// cuDNN's types and numbers, as far as they are used. Place in the whole: below cudnn.h; nothing of the build includes a header of the
// library, so facts of its ABI stand here once, as cudnn_graph.h of cuDNN 9.24 has them (all of these are as old as 9.0).
#pragma once
#include <cstddef>
#include <cstdint>

#include "cuda/runtime/abi.h"

namespace sinter::cuda {

using DnnHandle = struct DnnContext*;
using DnnDescriptor = void*;

enum class DnnStatus : int {
  success = 0,
  not_initialized = 1001,
  bad_param = 2000,
  not_supported = 3000,
  execution_failed = 5000
};
enum class DnnType : int { f32 = 0, f16 = 2, i32 = 4, bf16 = 9, boolean = 11 };  // cudnnDataType_t

// cudnnBackendDescriptorType_t
enum class DnnKind : int {
  pointwise = 0,
  convolution = 1,
  engine = 2,
  engine_config = 3,
  heuristics = 4,
  plan = 5,
  conv_forward = 10,
  conv_weight_grad = 11,
  conv_input_grad = 12,
  pointwise_op = 13,
  graph = 15,
  variant_pack = 16,
  tensor = 17,
  matmul = 18,
  matmul_op = 19,
  reduction = 21,
  reduction_op = 22,
  reshape_op = 31,
};

// cudnnBackendAttributeType_t
enum class DnnValue : int {
  handle = 0,
  data_type = 1,
  boolean = 2,
  i64 = 3,
  f32 = 4,
  f64 = 5,
  pointer = 6,
  convolution_mode = 7,
  heuristic_mode = 8,
  nan_propagation = 10,
  numerical_note = 11,
  pointwise_mode = 14,
  descriptor = 15,
  reduction_operator = 18,
};

// cudnnBackendAttributeName_t; what its value is stands behind
enum class DnnAttribute : int {
  pointwise_mode = 0,        // pointwise_mode
  pointwise_precision = 1,   // data_type
  pointwise_nan = 2,         // nan_propagation
  pointwise_swish_beta = 8,  // f32
  pointwise_axis = 9,        // i64

  conv_precision = 100,  // data_type
  conv_mode = 101,       // convolution_mode
  conv_dilations = 102,  // i64, one a dimension, as the next three
  conv_strides = 103,
  conv_padding_behind = 104,
  conv_padding_before = 105,
  conv_dimensions = 106,  // i64

  heuristics_mode = 200,     // heuristic_mode
  heuristics_graph = 201,    // descriptor
  heuristics_results = 202,  // descriptors, which are filled in

  config_engine = 300,  // descriptor

  plan_handle = 400,     // handle
  plan_config = 401,     // descriptor
  plan_workspace = 402,  // i64, bytes

  // alpha and beta f32, the others descriptors
  conv_forward_alpha = 700,
  conv_forward_beta = 701,
  conv_forward_conv = 702,
  conv_forward_w = 703,
  conv_forward_x = 704,
  conv_forward_y = 705,
  conv_input_grad_alpha = 706,
  conv_input_grad_beta = 707,
  conv_input_grad_conv = 708,
  conv_input_grad_w = 709,
  conv_input_grad_gx = 710,
  conv_input_grad_gy = 711,
  conv_weight_grad_alpha = 712,
  conv_weight_grad_beta = 713,
  conv_weight_grad_conv = 714,
  conv_weight_grad_gw = 715,
  conv_weight_grad_x = 716,
  conv_weight_grad_gy = 717,

  // descriptors
  pointwise_op_mode = 750,
  pointwise_op_x = 751,
  pointwise_op_b = 752,
  pointwise_op_y = 753,
  pointwise_op_t = 758,

  graph_handle = 800,      // handle
  graph_operations = 801,  // descriptors

  tensor_alignment = 900,    // i64, bytes
  tensor_type = 901,         // data_type
  tensor_dimensions = 902,   // i64, one a dimension
  tensor_strides = 903,      // i64, one a dimension
  tensor_id = 906,           // i64
  tensor_is_virtual = 907,   // boolean
  tensor_is_by_value = 908,  // boolean

  pack_ids = 1000,        // i64
  pack_pointers = 1001,   // pointers
  pack_workspace = 1003,  // pointer

  engine_notes = 1303,  // numerical_notes, which are filled in

  matmul_precision = 1500,  // data_type
  // descriptors
  matmul_op_a = 1520,
  matmul_op_b = 1521,
  matmul_op_c = 1522,
  matmul_op_matmul = 1523,

  reduction_operator = 1600,   // reduction_operator
  reduction_precision = 1601,  // data_type
  // descriptors
  reduction_op_x = 1610,
  reduction_op_y = 1611,
  reduction_op_reduction = 1612,

  // descriptors
  reshape_op_x = 2200,
  reshape_op_y = 2201,
};

// cudnnPointwiseMode_t. y = x op b; select: t ? x : b; index: of an element of x along an axis
enum class DnnPointwise : int {
  add = 0,
  multiply = 1,
  divide = 6,
  subtract = 9,
  exponential = 13,
  logarithm = 15,
  identity = 21,
  relu = 100,
  gelu = 104,
  swish = 106,
  gelu_tanh = 107,
  at_least = 303,
  index = 501,
  select = 601,
};
enum class DnnReduction : int { add = 0, maximum = 3 };    // cudnnReduceTensorOp_t
constexpr int32_t kDnnPropagateNan = 1;                    // cudnnNanPropagation_t
constexpr int32_t kDnnCrossCorrelation = 1;                // cudnnConvolutionMode_t
enum class DnnHeuristic : int { fallback = 2, best = 3 };  // cudnnBackendHeurMode_t; best: CUDNN_HEUR_MODE_A
// cudnnBackendNumericalNote_t: what an engine does to numbers.
enum class DnnNote : int {
  tensor_core = 0,
  narrows_inputs = 1,  // of f32: tf32
  narrows_sums = 2,
  fft = 3,
  not_deterministic = 4,
  winograd = 5,
  winograd_4x4 = 6,
  winograd_6x6 = 7,
  winograd_13x13 = 8,
  strict_nan = 9,
};

}  // namespace sinter::cuda
