#include "cuda/kernels/chain/generator.h"

#include <bit>
#include <cstdio>
#include <unordered_set>
#include <vector>

#include "cuda/kernels/pointwise/arithmetic.h"
#include "cuda/kernels/pointwise/launch.h"
#include "engine/backend.h"

namespace sinter::cuda {

namespace {

constexpr size_t kMostText = 512 << 10;  // beyond it compiling takes too long: one element at a time, or step by step

// Whether the operator takes {mode, scalar, ...} and one or two operands (ops.def).
bool takes_scalar(int opcode) {
  switch (static_cast<Opcode>(opcode)) {
#define SINTER_PAIR(op, Op, costly) case Opcode::op:
    SINTER_ARITHMETIC(SINTER_PAIR)
    SINTER_ARITHMETIC_OF_NUMBERS(SINTER_PAIR)
    SINTER_COMPARISONS(SINTER_PAIR)
    SINTER_PAIRS(SINTER_PAIR)
    SINTER_BITS(SINTER_PAIR)
    SINTER_SHIFTS_AND_DIVISORS(SINTER_PAIR)
#undef SINTER_PAIR
    case Opcode::nextafter: return true;
    default: return false;
  }
}

// The type that elements are computed in: its name in steps.cu, and what PTX calls it.
struct Type {
  const char* name;
  const char* ptx;
};
constexpr Type kF32{"f32", "f32"}, kF64{"f64", "f64"}, kI32{"i32", "b32"}, kI64{"i64", "b64"};
const Type& type_of(DType dtype) {
  switch (dtype) {
    case DType::f32:
    case DType::bf16:
    case DType::f16: return kF32;
    case DType::f64: return kF64;
    case DType::i64: return kI64;
    default: return kI32;
  }
}
std::string element_name(DType dtype) { return dtype == DType::boolean ? "boolean" : dtype_name(dtype); }
// Whether elements are the numbers that are computed with.
bool is_plain(DType dtype) { return dtype_size(dtype) >= 4; }

std::string hex(const char* prefix, int digits, uint64_t bits) {
  char text[32];
  std::snprintf(text, sizeof text, "%s%0*llX", prefix, digits, static_cast<unsigned long long>(bits));
  return text;
}
std::string constant(double x) { return hex("0d", 16, std::bit_cast<uint64_t>(x)); }

class Generator {
 public:
  Generator(const Steps& steps, const Chain& chain, const ChainLayout& layout, int results)
      : steps_(steps), chain_(chain), layout_(layout), results_(results), elements_(layout.elements),
        values_(static_cast<size_t>(chain.inputs + chain.count),
                std::vector<std::string>(static_cast<size_t>(elements_))) {}

  std::string run() {
    text_ = ".visible .entry " + std::string(kChainKernel) + "(.param .align 8 .b8 words[" +
            std::to_string(sizeof(ChainWords)) + "])\n.maxntid " + std::to_string(kChainThreads) + ",1,1\n{\n";
    index();
    for (int k = 0; k < chain_.inputs; k++) load(k);
    for (int s = 0; s < chain_.count; s++)
      for (int e = 0; e < elements_; e++)
        if (!step(chain_.steps[s], value(chain_.inputs + s, e), e) || text_.size() > kMostText) return {};
    for (int s = 0; s < chain_.count; s++)
      if (chain_.steps[s].result >= 0) store(chain_.inputs + s, chain_.steps[s].result);
    return ".version 8.0\n.target sm_80\n.address_size 64\n" + variables_ + text_ + "ret;\n}\n";
  }

 private:
  std::string& value(int v, int e) { return values_[static_cast<size_t>(v)][static_cast<size_t>(e)]; }
  const std::string& value(const ChainStep& step, int k, int e) { return value(step.value(k), e); }
  DType dtype(int v) const {
    return v < chain_.inputs ? layout_.dtypes[results_ + v] : chain_.steps[v - chain_.inputs].dtype;
  }

  void line(std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) text_ += part;
    text_ += ";\n";
  }
  std::string fresh(const char* ptx) {
    const std::string name = std::string("%v").append(std::to_string(next_++));
    line({".reg .", ptx, " ", name});
    return name;
  }
  std::string word(int i, const char* ptx = "b64", int offset = 0) {
    const std::string x = fresh(ptx);
    line({"ld.param.", ptx, " ", x, ",[words+", std::to_string(8 * i + offset), "]"});
    return x;
  }

  // The variables that a function reads.
  void declare(std::string_view function) {
    for (size_t at = function.find(kStepsVariable); at != std::string_view::npos;
         at = function.find(kStepsVariable, at + 1)) {
      const size_t end = function.find_first_not_of("0123456789", at + kStepsVariable.size());
      const std::string_view name = function.substr(at, end - at);
      if (!declared_.insert(name).second) continue;
      variables_ += steps_.text(name);
      variables_ += '\n';
    }
  }

  // A function, with registers and labels of this place; false where there is none.
  bool paste(const std::string& name, const std::vector<std::string>& operands, const std::string& result) {
    const std::string_view from = steps_.text(name);
    if (from.empty()) return false;
    declare(from);
    const std::string mark = std::string("s").append(std::to_string(next_++)).append("_");
    for (size_t i = 0; i < from.size(); i++) {
      const char c = from[i], after = i + 1 < from.size() ? from[i + 1] : '\0';
      if (c == '@' && after == 'y') {
        text_ += result;
        i++;
      } else if (c == '@' && after >= '0' && after <= '9') {
        text_ += operands[static_cast<size_t>(after - '0')];
        i++;
      } else {
        text_ += c;
        if (c == '%' || c == '$') text_ += mark;
      }
    }
    text_ += '\n';
    return true;
  }

  // The thread's first index, %i, and its coordinates where some operand lies by strides.
  void index() {
    line({".reg .b32 %i,%block,%thread,%n"});
    line({".reg .pred %outside"});
    line({"mov.u32 %block,%ctaid.x"});
    line({"mov.u32 %thread,%tid.x"});
    line({"mad.lo.u32 %i,%block,", std::to_string(kChainThreads), ",%thread"});
    if (elements_ > 1) line({"mul.lo.u32 %i,%i,", std::to_string(elements_)});
    line({"ld.param.b32 %n,[words]"});
    line({"setp.ge.u32 %outside,%i,%n"});
    text_ += "@%outside ret;\n";
    bool wanted = false;
    for (int k = 0; k < layout_.operands(); k++) wanted |= has_strides(layout_.ways[k]);
    if (!wanted) return;
    std::string rest = "%i";
    for (int d = 0; d < layout_.walk.rank; d++) {
      std::string at = rest;
      if (d + 1 < layout_.walk.rank) {
        const std::string size = word(1 + 2 * d, "b32"), factor = word(1 + 2 * d, "b32", 4),
                          shift = word(2 + 2 * d, "b32"), q = fresh("b32");
        line({"mul.hi.u32 ", q, ",", rest, ",", factor});
        line({"add.u32 ", q, ",", q, ",", rest});
        line({"shr.u32 ", q, ",", q, ",", shift});
        at = fresh("b32");
        line({"mul.lo.u32 ", at, ",", q, ",", size});
        line({"sub.u32 ", at, ",", rest, ",", at});
        rest = q;
      }
      const std::string wide = fresh("b64");
      line({"cvt.u64.u32 ", wide, ",", at});
      coordinates_.push_back(wide);
    }
  }

  // The address of an operand's first element of this thread.
  std::string address(int operand) {
    const int first = word_of(layout_, operand);
    const Way way = layout_.ways[operand];
    const std::string at = fresh("b64");
    line({"cvta.to.global.u64 ", at, ",", word(first)});
    if (way == Way::flat) {
      const std::string offset = fresh("b64");
      line({"mul.wide.u32 ", offset, ",%i,", std::to_string(layout_.walk.sizes[operand])});
      line({"add.s64 ", at, ",", at, ",", offset});
    }
    for (int d = 0; d < layout_.walk.rank && has_strides(way); d++)
      line({"mad.lo.s64 ", at, ",", coordinates_[static_cast<size_t>(d)], ",", word(first + 1 + d), ",", at});
    return at;
  }

  // Registers of one access of `bytes`, and how to say it: elements that are numbers, or words that hold several elements.
  struct Access {
    std::vector<std::string> registers;
    std::string type, list;
    int each;  // elements in a register
  };
  Access access(DType dtype, int count) {
    const int size = static_cast<int>(dtype_size(dtype)), bytes = size * count;
    Access a;
    const char* ptx = is_plain(dtype) ? type_of(dtype).ptx : bytes >= 4 ? "b32" : "b16";
    const int registers = is_plain(dtype) ? count : bytes >= 4 ? bytes / 4 : 1;
    a.each = count / registers;
    for (int i = 0; i < registers; i++) {
      a.registers.push_back(fresh(ptx));
      a.list += (i ? "," : "") + a.registers.back();
    }
    if (registers > 1) {
      a.type = std::string(".v").append(std::to_string(registers));
      a.list.insert(0, 1, '{');
      a.list += '}';
    }
    a.type += bytes == 1 ? ".u8" : std::string(".") + ptx;
    return a;
  }

  void load(int k) {
    const int operand = results_ + k;
    const DType d = layout_.dtypes[operand];
    const Way way = layout_.ways[operand];
    const int count = way == Way::single || way == Way::constant ? 1 : elements_;
    const std::string at = address(operand);
    const Access a = access(d, count);
    line({"ld.global.nc", a.type, " ", a.list, ",[", at, "]"});
    for (int e = 0; e < elements_; e++) {
      if (e >= count) {
        value(k, e) = value(k, 0);
      } else if (is_plain(d)) {
        value(k, e) = a.registers[static_cast<size_t>(e)];
      } else {
        const int place = e % a.each;
        const std::string from = a.registers[static_cast<size_t>(e / a.each)];
        std::string bits = from;
        if (a.each * static_cast<int>(dtype_size(d)) < 4) {
          bits = fresh("b32");
          line({"cvt.u32.u16 ", bits, ",", from});
        }
        if (place) {
          const std::string whole = bits;
          bits = fresh("b32");
          line({"shr.u32 ", bits, ",", whole, ",", std::to_string(8 * place * static_cast<int>(dtype_size(d)))});
        }
        value(k, e) = fresh(type_of(d).ptx);
        paste("read_" + element_name(d), {bits}, value(k, e));
      }
    }
  }

  // Sets the places of a register that no element has been written to.
  void merge(const char* ptx, int place, const std::string& to, const std::string& bits) {
    if (place)
      line({"or.", ptx, " ", to, ",", to, ",", bits});
    else
      line({"mov.", ptx, " ", to, ",", bits});
  }

  void store(int v, int result) {
    const DType d = dtype(v);
    const std::string at = address(result);
    const Access a = access(d, elements_);
    const int size = static_cast<int>(dtype_size(d));
    for (int e = 0; e < elements_; e++) {
      const std::string& to = a.registers[static_cast<size_t>(e / a.each)];
      if (is_plain(d)) {
        line({"mov.", type_of(d).ptx, " ", to, ",", value(v, e)});
        continue;
      }
      std::string bits = fresh("b32");
      paste("write_" + element_name(d), {value(v, e)}, bits);
      const int place = e % a.each;
      if (place) line({"shl.b32 ", bits, ",", bits, ",", std::to_string(8 * place * size)});
      if (a.each * size >= 4) {
        merge("b32", place, to, bits);
      } else {
        const std::string low = fresh("b16");
        line({"cvt.u16.u32 ", low, ",", bits});
        merge("b16", place, to, low);
      }
    }
    line({"st.global", a.type, " [", at, "],", a.list});
  }

  std::string number(DType d, const Numbers& numbers, int k) const {
    switch (type_of(d).name[0] == 'i' ? (d == DType::i64 ? 3 : 2) : d == DType::f64 ? 1 : 0) {
      case 0: return hex("0f", 8, std::bit_cast<uint32_t>(numbers.f32[k]));
      case 1: return constant(numbers.f64[k]);
      case 2: return hex("0x", 8, static_cast<uint32_t>(numbers.whole[k]));
      default: return hex("0x", 16, static_cast<uint64_t>(numbers.whole[k]));
    }
  }

  // x, a number of `from`, as an element of `d`, to which it is rounded.
  bool convert(const Type& from, DType d, const std::string& x, std::string& y) {
    if (is_plain(d) && &from == &type_of(d)) {
      y = x;
      return true;
    }
    y = fresh(type_of(d).ptx);
    return paste(std::string("convert_") + from.name + "_" + element_name(d), {x}, y);
  }

  bool choose(DType d, const std::string& condition, const std::string& a, const std::string& b, std::string& y) {
    const std::string p = fresh("pred");
    line({"setp.ne.s32 ", p, ",", condition, ",0"});
    y = fresh(type_of(d).ptx);
    line({"selp.", type_of(d).ptx, " ", y, ",", a, ",", b, ",", p});
    return true;
  }

  // The value of one step for element e.
  bool step(const ChainStep& s, std::string& y, int e) {
    const DType d = s.dtype;
    if (is_complex(d)) return false;
    const Opcode op = static_cast<Opcode>(s.opcode);
    std::string x;
    switch (op) {
      case Opcode::fill: return s.nattr > 0 && convert(kF64, d, moved(constant(s.attr[0])), y);
      case Opcode::copy: return convert(type_of(dtype(s.value(0))), d, value(s, 0, e), y);
      case Opcode::where: return choose(d, value(s, 0, e), value(s, 1, e), value(s, 2, e), y);
      case Opcode::maskedFill:
        return convert(kF64, d, moved(constant(s.attr[0])), x) && choose(d, value(s, 1, e), x, value(s, 0, e), y);
      default: break;
    }
    if (s.nin == 0) return false;
    const DType from = dtype(s.value(0));
    if (d != from && d != DType::boolean) return false;
    std::vector<std::string> operands;
    for (int k = 0; k < s.nin; k++) {
      if (dtype(s.value(k)) != from) return false;
      operands.push_back(value(s, k, e));
    }
    Numbers numbers;
    if (takes_scalar(s.opcode)) {
      if (s.nattr < 2) return false;
      numbers = numbers_of(from, s.attr + 2, s.nattr - 2, s.attr[0] == 0 ? 0 : s.attr[1]);
      if (s.attr[0] == 1) operands.push_back(number(from, numbers, kNumber));
      if (s.attr[0] == 2) operands.insert(operands.begin(), number(from, numbers, kNumber));
    } else if (op == Opcode::lerp && s.nin == 2) {
      numbers = numbers_of(from, nullptr, 0, s.attr[0]);
      operands.push_back(number(from, numbers, kNumber));
    } else {
      numbers = numbers_of(from, s.attr, s.nattr);
    }
    std::string function = op_info(s.opcode).name;
    // The common powers, as the operator has them.
    if (op == Opcode::pow && s.attr[0] == 1 && s.attr[1] == 2) function = "square";
    if (op == Opcode::pow && s.attr[0] == 1 && s.attr[1] == -1 && is_floating(from)) function = "reciprocal";
    if (function != "pow" && op == Opcode::pow) operands.pop_back();
    for (int k = 0; k < kNumber; k++) operands.push_back(number(from, numbers, k));
    const Type& computed = d == DType::boolean ? kI32 : type_of(from);
    x = fresh(computed.ptx);
    return paste(function + "_" + type_of(from).name, operands, x) && convert(computed, d, x, y);
  }

  std::string moved(const std::string& number) {
    const std::string x = fresh("f64");
    line({"mov.f64 ", x, ",", number});
    return x;
  }

  const Steps& steps_;
  const Chain& chain_;
  const ChainLayout& layout_;
  const int results_, elements_;
  std::string variables_, text_;
  std::unordered_set<std::string_view> declared_;
  int next_ = 0;
  std::vector<std::vector<std::string>> values_;  // registers by value and element
  std::vector<std::string> coordinates_;          // innermost first
};

}  // namespace

std::string generate(const Steps& steps, const Chain& chain, const ChainLayout& layout, int results) {
  return Generator(steps, chain, layout, results).run();
}

}  // namespace sinter::cuda
