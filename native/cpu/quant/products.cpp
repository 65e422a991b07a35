// Products of bytes for instruction sets without a row of their own in dispatch.cpp; products_vnni.cpp is for the one with.
#include "cpu/quant/int_matmul.h"
#include "cpu/quant/linear.h"
