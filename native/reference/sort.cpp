// Reference backend: sorting and searching. A line's places are sorted by std::stable_sort; everything else picks from
// them.
#include <numeric>

#include "reference/elements.h"

namespace sinter::reference {
namespace {

// NaN is greatest.
bool before(double a, double b) { return a < b || (!std::isnan(a) && std::isnan(b)); }
bool before(int64_t a, int64_t b) { return a < b; }

template <class T>
std::vector<int64_t> sorted_places(const std::vector<T>& line, bool descending) {
  std::vector<int64_t> places(line.size());
  std::iota(places.begin(), places.end(), 0);
  std::stable_sort(places.begin(), places.end(), [&](int64_t a, int64_t b) {
    return descending ? before(line[b], line[a]) : before(line[a], line[b]);
  });
  return places;
}

// choose(line) gives the places of the elements that the line's results are.
template <class Choose>
void choose_lines(const Call& c, Choose choose) {
  const TensorRef& x = c.in[0];
  AxisView from(x, c.int_attr(0)), to(c.out[0], c.int_attr(0));
  with_element_type(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> values = read<T>(x), chosen(c.out[0].numel), line(from.length);
    std::vector<int64_t> indices(c.out[0].numel);
    for (int64_t o = 0; o < to.outer; o++) {
      for (int64_t i = 0; i < to.inner; i++) {
        for (int64_t j = 0; j < from.length; j++) line[j] = values[from.at(o, j, i)];
        std::vector<int64_t> places = choose(line);
        for (int64_t j = 0; j < to.length; j++) {
          chosen[to.at(o, j, i)] = line[places[j]];
          indices[to.at(o, j, i)] = places[j];
        }
      }
    }
    write(c.out[0], chosen);
    write(c.out[1], indices);
  });
}

template <class T>
int64_t count_nans(const std::vector<T>& line) {
  return std::count_if(line.begin(), line.end(), [](T x) { return x != x; });
}

}  // namespace

// x -> values, indices {axis, descending}
void sort(const Call& c) {
  choose_lines(c, [&](const auto& line) { return sorted_places(line, c.attr[1] != 0); });
}

// x -> values, indices {axis, k, largest}
void topk(const Call& c) {
  choose_lines(c, [&](const auto& line) { return sorted_places(line, c.attr[2] != 0); });
}

// x -> value, index {axis, k, which}
void kthvalue(const Call& c) {
  int64_t k = c.int_attr(1), which = c.int_attr(2);
  choose_lines(c, [&](const auto& line) {
    int64_t n = static_cast<int64_t>(line.size()), nans = count_nans(line), at = k;
    if (which == 1) at = nans > 0 ? n - nans : (n - 1) / 2;
    if (which == 2) at = std::max<int64_t>(0, n - nans - 1) / 2;
    return std::vector<int64_t>{sorted_places(line, false)[at]};
  });
}

// x -> value, index {axis}
void mode(const Call& c) {
  choose_lines(c, [&](const auto& line) {
    std::vector<int64_t> places = sorted_places(line, false);
    size_t most = 0, best = 0;
    for (size_t i = 0; i < places.size(); i++) {
      size_t same = 1;
      while (same <= i && !before(line[places[i - same]], line[places[i]])) same++;
      if (same > most) {
        most = same;
        best = i;
      }
    }
    return std::vector<int64_t>{places[best]};
  });
}

// sorted (.., n) or (n), values (.., m), sorter? -> places {right}
void searchSorted(const Call& c) {
  const TensorRef& sorted = c.in[0];
  int64_t n = sorted.dim(-1), m = c.in[1].rank ? c.in[1].dim(-1) : 1;
  bool right = c.attr[0] != 0;
  with_element_type(sorted.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> line = read<T>(sorted), values = read<T>(c.in[1]);
    std::vector<int64_t> sorter, places;
    if (c.opt(2).present()) sorter = read<int64_t>(c.in[2]);
    for (int64_t k = 0; k < static_cast<int64_t>(values.size()); k++) {
      int64_t from = sorted.rank == 1 ? 0 : k / m * n, count = 0;
      auto precedes = [&](T x) { return right ? !(x > values[k]) : !(x >= values[k]); };
      while (count < n && precedes(line[from + (sorter.empty() ? count : sorter[from + count])])) count++;
      places.push_back(count);
    }
    write(c.out[0], places);
  });
}

// bins, weights? -> counts
void binCount(const Call& c) {
  std::vector<int64_t> bins = read<int64_t>(c.in[0]);
  std::vector<double> weights = read_or(c.opt(1), c.in[0].numel, 1), counts(c.out[0].numel, 0);
  for (size_t i = 0; i < bins.size(); i++) {
    if (bins[i] >= 0 && bins[i] < c.out[0].numel) counts[bins[i]] += weights[i];
  }
  write(c.out[0], counts);
}

// x (n, w), order? -> first, inverse, counts, total
void uniqueRuns(const Call& c) {
  int64_t n = c.in[0].dims[0], w = c.in[0].dims[1], runs = 0;
  std::vector<int64_t> order(n), first(n, 0), inverse(n, 0), counts(n, 0);
  std::iota(order.begin(), order.end(), 0);
  if (c.opt(1).present()) order = read<int64_t>(c.in[1]);
  with_element_type(c.in[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> x = read<T>(c.in[0]);
    for (int64_t i = 0; i < n; i++) {
      // Not std::equal of the rows as such: a NaN equals nothing.
      bool same = i > 0;
      for (int64_t k = 0; same && k < w; k++) same = x[order[i] * w + k] == x[order[i - 1] * w + k];
      if (!same) first[runs++] = order[i];
      inverse[order[i]] = runs - 1;
      counts[runs - 1]++;
    }
  });
  write(c.out[0], first);
  write(c.out[1], inverse);
  write(c.out[2], counts);
  write(c.out[3], std::vector<int64_t>{runs});
}

// x (n, w) -> order
void sortRows(const Call& c) {
  int64_t n = c.in[0].dims[0], w = c.in[0].dims[1];
  std::vector<int64_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  with_element_type(c.in[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> x = read<T>(c.in[0]);
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      return std::lexicographical_compare(x.begin() + a * w, x.begin() + (a + 1) * w, x.begin() + b * w,
                                          x.begin() + (b + 1) * w);
    });
  });
  write(c.out[0], order);
}

}  // namespace sinter::reference
