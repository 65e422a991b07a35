"""Instructions that exchange data between lanes, threads, blocks and memories."""

import numpy as np

from framework import (
    BF16_EDGES,
    F16_EDGES,
    C_TYPE,
    WORDS,
    Family,
    as_words,
    f32_tuple,
    f64_some,
    half_tuple,
    identifier,
    pairs_of,
    u32_some,
    u64_some,
)


def instruction(f, name, result, args, asm, *, bind=None, memory=False):
    """A device function around one instruction: args as [(letter, name)], result a letter or None."""
    signature = ', '.join(f'{C_TYPE[k]} {a}' for k, a in args)
    ins = ', '.join(f'"{k}"({a})' for k, a in args)
    clobber = ' : "memory"' if memory else ''
    if result is None:
        f.function(f'DEVICE void {name}({signature}) {{ asm volatile("{asm}" :: {ins}{clobber}); }}')
    else:
        f.function(
            f'DEVICE {C_TYPE[result]} {name}({signature}) {{\n  {C_TYPE[result]} d;\n  asm volatile("{asm}" : "={result}"(d) : {ins}{clobber});\n  return d;\n}}'
        )


def warp():
    f = Family('warp', 'Between the lanes of a warp: shuffle, vote, match, reduce, elect.')
    cases = 24
    value = f.rng.integers(0, 2**32, (cases, 32), dtype=np.uint32)
    lane_arg = np.where(np.arange(cases)[:, None] < 12, f.rng.integers(0, 32, (cases, 1)), f.rng.integers(0, 64, (cases, 32))).astype(
        np.uint32
    )
    clamp = np.stack(
        [np.full(32, c) for c in f.rng.permutation(([0x1F, 0, 0x181F, 0x1C1F, 0x1E1F, 0x1C00, 0x1800, 0x100F] * 3)[:cases])]
    ).astype(np.uint32)
    body, labels = (
        [
            '  const uint32_t* p = in + blockIdx.x * 96 + threadIdx.x;',
            '  uint32_t* q = out + blockIdx.x * 512 + threadIdx.x;',
            '  uint32_t ok;',
        ],
        [],
    )
    for index, mode in enumerate(('up', 'down', 'bfly', 'idx')):
        f.function(
            f'DEVICE uint32_t shfl_{mode}(uint32_t a, uint32_t b, uint32_t c, uint32_t mask, uint32_t& ok) {{\n  uint32_t d;\n  asm volatile("{{ .reg .pred p; shfl.sync.{mode}.b32 %0|p, %2, %3, %4, %5; selp.u32 %1, 1, 0, p; }}" : "=r"(d), "=r"(ok) : "r"(a), "r"(b), "r"(c), "r"(mask));\n  return d;\n}}'
        )
        body.append(f'  q[{index * 64}] = shfl_{mode}(p[0], p[32], p[64], 0xFFFFFFFF, ok);\n  q[{index * 64 + 32}] = ok;')
        labels += [f'shfl.sync.{mode}.b32', 'its predicate']
    body.append('  if (threadIdx.x & 1) {\n    for (int j = 0; j < 8; ++j) q[256 + 32 * j] = 0;\n  } else {')
    for index, mode in enumerate(('up', 'down', 'bfly', 'idx')):
        # Even lanes alone, and sources that stay even: what an odd source would give is undefined.
        body.append(f'    q[{256 + index * 64}] = shfl_{mode}(p[0], p[32] & ~1u, 0x1F, 0x55555555, ok);\n    q[{288 + index * 64}] = ok;')
        labels += [f'shfl.sync.{mode}.b32 of the even lanes, operand b even, c 0x1f', 'its predicate']
    body.append('  }')
    uniform = lane_arg.copy()
    uniform[12:] = f.rng.integers(0, 32, (cases - 12, 1))
    f.kernel(
        'shfl_uniform',
        '\n'.join(body),
        np.stack([value, uniform, clamp], 1).reshape(-1),
        cases * 512,
        n=cases,
        grid=[cases, 1, 1],
        block=[32, 1, 1],
        columns=labels,
        layout='in: [case](a, b, c)[lane]; out: [case][column][lane]',
    )
    f.kernel(
        'shfl_per_lane',
        '\n'.join(body[:7]).replace('* 512', '* 256'),
        np.stack([value, lane_arg, clamp], 1).reshape(-1),
        cases * 256,
        n=cases,
        grid=[cases, 1, 1],
        block=[32, 1, 1],
        columns=labels[:8],
        layout='in: [case](a, b, c)[lane]; out: [case][column][lane]',
    )
    # vote, match, redux, elect: in [case](value, value of 64 bits high, predicate, member)[lane]
    few = np.where(
        np.arange(cases)[:, None] < 4, value[:, :1], np.where(np.arange(cases)[:, None] < 16, f.rng.integers(0, 4, (cases, 32)), value)
    ).astype(np.uint32)
    pred = (f.rng.random((cases, 32)) < np.linspace(0, 1, cases)[:, None]).astype(np.uint32)
    member = np.where(np.arange(cases)[:, None] < 8, 1, f.rng.integers(0, 2, (cases, 32)))
    member[:, 5] = 1
    body = [
        '  const uint32_t* p = in + blockIdx.x * 96 + threadIdx.x;',
        '  uint32_t* q = out + blockIdx.x * COLS + threadIdx.x;',
        '  const uint32_t mask = __ballot_sync(0xFFFFFFFF, p[64]);',
        '  if (!p[64]) {\n    for (int j = 0; j < COLS / 32; ++j) q[32 * j] = 0;\n    return;\n  }',
        '  const uint64_t wide = p[0] | static_cast<uint64_t>(p[0] & 1) << 32;',
        '  uint32_t ok;',
    ]
    labels = []

    def column(label, expression, second=None):
        body.append(f'  q[{32 * len(labels)}] = {expression};')
        labels.append(label)
        if second:
            body.append(f'  q[{32 * len(labels)}] = ok;')
            labels.append(second)

    for mode in ('all', 'any', 'uni'):
        instruction(
            f,
            f'vote_{mode}',
            'r',
            [('r', 'x'), ('r', 'mask')],
            f'{{ .reg .pred p, q; setp.ne.u32 p, %1, 0; vote.sync.{mode}.pred q, p, %2; selp.u32 %0, 1, 0, q; }}',
        )
        column(f'vote.sync.{mode}.pred', f'vote_{mode}(p[32], mask)')
    instruction(
        f, 'vote_ballot', 'r', [('r', 'x'), ('r', 'mask')], '{ .reg .pred p; setp.ne.u32 p, %1, 0; vote.sync.ballot.b32 %0, p, %2; }'
    )
    column('vote.sync.ballot.b32', 'vote_ballot(p[32], mask)')
    for width, letter, expr in (('b32', 'r', 'p[0]'), ('b64', 'l', 'wide')):
        instruction(f, f'match_any_{width}', 'r', [(letter, 'x'), ('r', 'mask')], f'match.any.sync.{width} %0, %1, %2;')
        column(f'match.any.sync.{width}', f'match_any_{width}({expr}, mask)')
        f.function(
            f'DEVICE uint32_t match_all_{width}({C_TYPE[letter]} x, uint32_t mask, uint32_t& ok) {{\n  uint32_t d;\n  asm volatile("{{ .reg .pred p; match.all.sync.{width} %0|p, %2, %3; selp.u32 %1, 1, 0, p; }}" : "=r"(d), "=r"(ok) : "{letter}"(x), "r"(mask));\n  return d;\n}}'
        )
        column(f'match.all.sync.{width}', f'match_all_{width}({expr}, mask, ok)', 'its predicate')
    for op in ('add.u32', 'add.s32', 'min.u32', 'min.s32', 'max.u32', 'max.s32', 'and.b32', 'or.b32', 'xor.b32'):
        instruction(f, 'redux_' + identifier(op), 'r', [('r', 'x'), ('r', 'mask')], f'redux.sync.{op} %0, %1, %2;')
        column(f'redux.sync.{op}', f'redux_{identifier(op)}(p[0], mask)')
    f.function(
        'DEVICE uint32_t elect(uint32_t mask, uint32_t& ok) {\n  uint32_t d;\n  asm volatile("{ .reg .pred p; elect.sync %0|p, %2; selp.u32 %1, 1, 0, p; }" : "=r"(d), "=r"(ok) : "r"(mask));\n  return d;\n}'
    )
    column('elect.sync', 'elect(mask, ok)', 'its predicate')
    cols = 32 * len(labels)
    f.kernel(
        'vote_match_redux',
        '\n'.join(body).replace('COLS', str(cols)),
        np.stack([few, pred, member.astype(np.uint32)], 1).reshape(-1),
        cases * cols,
        n=cases,
        grid=[cases, 1, 1],
        block=[32, 1, 1],
        columns=labels,
        layout='in: [case](value, predicate, is a member)[lane]; the 64-bit value has bit 0 of the value as its high word; out: [case][column][lane], 0 in lanes that are no members',
    )


def registers():
    f = Family('registers', 'Special registers.')
    names = [
        'tid.x',
        'tid.y',
        'tid.z',
        'ntid.x',
        'ntid.y',
        'ntid.z',
        'ctaid.x',
        'ctaid.y',
        'ctaid.z',
        'nctaid.x',
        'nctaid.y',
        'nctaid.z',
        'laneid',
        'lanemask_eq',
        'lanemask_le',
        'lanemask_lt',
        'lanemask_ge',
        'lanemask_gt',
        'clusterid.x',
        'clusterid.y',
        'clusterid.z',
        'nclusterid.x',
        'nclusterid.y',
        'nclusterid.z',
        'cluster_ctaid.x',
        'cluster_ctaid.y',
        'cluster_ctaid.z',
        'cluster_nctaid.x',
        'cluster_nctaid.y',
        'cluster_nctaid.z',
        'cluster_ctarank',
        'cluster_nctarank',
        'dynamic_smem_size',
        'total_smem_size',
        'aggr_smem_size',
        'reserved_smem_offset_begin',
        'reserved_smem_offset_end',
        'reserved_smem_offset_cap',
    ]
    body = [
        '  const uint32_t block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);',
        '  const uint32_t thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);',
        f'  uint32_t* q = out + (block * blockDim.x * blockDim.y * blockDim.z + thread) * {len(names) + 1};',
    ]
    for j, name in enumerate(names):
        f.function(
            f'DEVICE uint32_t sreg_{identifier(name)}() {{\n  uint32_t d;\n  asm volatile("mov.u32 %0, %%{name};" : "=r"(d));\n  return d;\n}}'
        )
        body.append(f'  q[{j}] = sreg_{identifier(name)}();')
    f.function(
        'DEVICE uint32_t sreg_is_explicit_cluster() {\n  uint32_t d;\n  asm volatile("{ .reg .pred p; mov.pred p, %%is_explicit_cluster; selp.u32 %0, 1, 0, p; }" : "=r"(d));\n  return d;\n}'
    )
    body.append(f'  q[{len(names)}] = sreg_is_explicit_cluster();')
    for label, grid, block, cluster, shared in (
        ('plain', [3, 2, 2], [10, 3, 2], None, 0),
        ('cluster', [4, 2, 2], [33, 2, 1], [2, 2, 1], 2048),
    ):
        n = int(np.prod(grid) * np.prod(block))
        f.kernel(
            f'special_{label}',
            '\n'.join(body),
            np.zeros(1),
            n * (len(names) + 1),
            n=n,
            grid=grid,
            block=block,
            columns=['%' + x for x in names + ['is_explicit_cluster']],
            shared=shared,
            layout='out: [block][thread][register]',
            **({'cluster': cluster} if cluster else {}),
        )


def access():
    f = Family('access', 'Loads and stores: widths, cache hints, shared and cluster addresses.')
    data = f.rng.integers(0, 2**32, 512, dtype=np.uint32)
    v4 = [
        'ld.global.v4.u32',
        'ld.global.nc.v4.u32',
        'ld.global.nc.L1::no_allocate.v4.u32',
        'ld.global.L1::evict_last.L2::128B.v4.u32',
        'ld.global.nc.L1::no_allocate.L2::256B.v4.u32',
        'ld.global.cg.v4.u32',
        'ld.global.cs.v4.u32',
        'ld.global.lu.v4.u32',
        'ld.global.cv.v4.u32',
        'ld.volatile.global.v4.u32',
        'ld.weak.global.v4.u32',
        'ld.v4.u32',
    ]
    st4 = [
        'st.global.v4.u32',
        'st.global.L1::no_allocate.v4.u32',
        'st.global.wb.v4.u32',
        'st.global.cg.v4.u32',
        'st.global.cs.v4.u32',
        'st.global.wt.v4.u32',
        'st.volatile.global.v4.u32',
        'st.v4.u32',
    ]
    body = ['  uint32_t x[4];']
    for text in v4:
        f.function(
            f'DEVICE void op_{identifier(text)}(uint32_t (&x)[4], const uint32_t* p) {{\n  asm volatile("{text} {{%0, %1, %2, %3}}, [%4];" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "l"(p) : "memory");\n}}'
        )
    for text in st4:
        f.function(
            f'DEVICE void op_{identifier(text)}(uint32_t* p, const uint32_t (&x)[4]) {{\n  asm volatile("{text} [%0], {{%1, %2, %3, %4}};" :: "l"(p), "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]) : "memory");\n}}'
        )
    for j, text in enumerate(v4):
        store = st4[j % len(st4)]
        body.append(f'  op_{identifier(text)}(x, in + 4 * threadIdx.x);\n  op_{identifier(store)}(out + {256 * j} + 4 * threadIdx.x, x);')
    f.kernel(
        'vector_hints',
        '\n'.join(body),
        data[:256],
        256 * len(v4),
        n=64,
        grid=[1, 1, 1],
        block=[64, 1, 1],
        columns=[f'{t} then {st4[j % len(st4)]}' for j, t in enumerate(v4)],
    )
    # A cache policy made at run time, and 64-bit vectors.
    f.function(
        'DEVICE uint64_t policy_evict_first() {\n  uint64_t d;\n  asm volatile("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(d));\n  return d;\n}'
    )
    f.function(
        'DEVICE void ld_hinted(uint32_t (&x)[4], const uint32_t* p, uint64_t policy) {\n  asm volatile("ld.global.nc.L1::no_allocate.L2::cache_hint.v4.u32 {%0, %1, %2, %3}, [%4], %5;" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "l"(p), "l"(policy) : "memory");\n}'
    )
    f.function(
        'DEVICE void st_hinted(uint32_t* p, const uint32_t (&x)[4], uint64_t policy) {\n  asm volatile("st.global.L2::cache_hint.v4.u32 [%0], {%1, %2, %3, %4}, %5;" :: "l"(p), "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "l"(policy) : "memory");\n}'
    )
    f.function(
        'DEVICE void ld_v2_b64(uint64_t (&x)[2], const uint32_t* p) { asm volatile("ld.global.v2.u64 {%0, %1}, [%2];" : "=l"(x[0]), "=l"(x[1]) : "l"(p) : "memory"); }'
    )
    f.function(
        'DEVICE void st_v2_b64(uint32_t* p, const uint64_t (&x)[2]) { asm volatile("st.global.v2.u64 [%0], {%1, %2};" :: "l"(p), "l"(x[0]), "l"(x[1]) : "memory"); }'
    )
    f.function('DEVICE void prefetch(const uint32_t* p) { asm volatile("prefetch.global.L2 [%0];" :: "l"(p)); }')
    f.kernel(
        'policy',
        '  const uint64_t policy = policy_evict_first();\n  uint32_t x[4];\n  uint64_t y[2];\n  prefetch(in + 4 * threadIdx.x);\n  ld_hinted(x, in + 4 * threadIdx.x, policy);\n  st_hinted(out + 4 * threadIdx.x, x, policy);\n  ld_v2_b64(y, in + 4 * threadIdx.x);\n  st_v2_b64(out + 256 + 4 * threadIdx.x, y);',
        data[:256],
        512,
        n=64,
        grid=[1, 1, 1],
        block=[64, 1, 1],
        columns=['createpolicy, ld and st with L2::cache_hint', 'v2.u64'],
    )
    # Narrow loads extend; narrow stores leave the neighbours alone.
    body = ['  const uint8_t* p = reinterpret_cast<const uint8_t*>(in);', '  uint32_t* q = out + threadIdx.x;']
    labels = []
    for t, size in (('u8', 1), ('s8', 1), ('u16', 2), ('s16', 2)):
        instruction(f, f'ld_{t}', 'r', [('l', 'p')], f'ld.global.{t} %0, [%1];', memory=True)
        body.append(f'  q[{64 * len(labels)}] = ld_{t}(reinterpret_cast<uint64_t>(p + {size} * threadIdx.x));')
        labels.append(f'ld.global.{t} to 32 bits')
    for t, size in (('u8', 1), ('u16', 2)):
        instruction(f, f'st_{t}', None, [('l', 'p'), ('r', 'x')], f'st.global.{t} [%0], %1;', memory=True)
        at = 64 * len(labels)
        body.append(
            f'  out[{at} + threadIdx.x] = 0xEEEEEEEE;\n  __syncthreads();\n  st_{t}(reinterpret_cast<uint64_t>(reinterpret_cast<uint8_t*>(out + {at}) + 4 * threadIdx.x + {size}), in[threadIdx.x]);'
        )
        labels.append(f'st.global.{t} over 0xEEEEEEEE')
    for text in ('ld.acquire.gpu.global.u32', 'ld.relaxed.sys.global.u32', 'ld.acquire.cta.global.u32', 'ld.mmio.relaxed.sys.global.u32'):
        instruction(f, 'op_' + identifier(text), 'r', [('l', 'p')], f'{text} %0, [%1];', memory=True)
        body.append(f'  q[{64 * len(labels)}] = op_{identifier(text)}(reinterpret_cast<uint64_t>(in + threadIdx.x));')
        labels.append(text)
    for text in ('st.release.gpu.global.u32', 'st.relaxed.cluster.global.u32', 'st.release.sys.global.u32'):
        instruction(f, 'op_' + identifier(text), None, [('l', 'p'), ('r', 'x')], f'{text} [%0], %1;', memory=True)
        body.append(f'  op_{identifier(text)}(reinterpret_cast<uint64_t>(q + {64 * len(labels)}), in[threadIdx.x]);')
        labels.append(text)
    f.kernel('narrow_and_ordered', '\n'.join(body), data[:64], 64 * len(labels), n=64, grid=[1, 1, 1], block=[64, 1, 1], columns=labels)
    # Address spaces.
    for space in ('global', 'shared', 'local', 'const', 'shared::cta', 'shared::cluster', 'param'):
        instruction(
            f, 'isspacep_' + identifier(space), 'r', [('l', 'p')], f'{{ .reg .pred p; isspacep.{space} p, %1; selp.u32 %0, 1, 0, p; }}'
        )
    checks = ' '.join(
        f'q[{j}] = isspacep_{identifier(s)}(a);'
        for j, s in enumerate(('global', 'shared', 'local', 'const', 'shared::cta', 'shared::cluster', 'param'))
    )
    f.kernel(
        'spaces',
        '  __shared__ uint32_t tile[4];\n  uint32_t stack[2];\n  asm volatile("" :: "l"(stack) : "memory");\n  const uint64_t addresses[3] = {reinterpret_cast<uint64_t>(in), reinterpret_cast<uint64_t>(tile), reinterpret_cast<uint64_t>(stack)};\n#pragma unroll\n  for (int k = 0; k < 3; ++k) {\n    const uint64_t a = addresses[k];\n    uint32_t* q = out + 8 * k;\n    '
        + checks
        + '\n    q[7] = 0;\n  }',
        np.zeros(1),
        24,
        n=1,
        grid=[1, 1, 1],
        block=[1, 1, 1],
        columns=[
            'isspacep of global, shared, local, const, shared::cta, shared::cluster, param for a global, a shared and a local address'
        ],
    )
    # Clusters: each block reads and writes its neighbour's shared memory.
    f.function('''DEVICE uint32_t mapa(uint32_t a, uint32_t rank) {
  uint32_t d;
  asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(d) : "r"(a), "r"(rank));
  return d;
}
DEVICE uint32_t getctarank(uint32_t a) {
  uint32_t d;
  asm volatile("getctarank.shared::cluster.u32 %0, %1;" : "=r"(d) : "r"(a));
  return d;
}
DEVICE void cluster_arrive() { asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory"); }
DEVICE void cluster_wait() { asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory"); }
DEVICE uint32_t ld_cluster(uint32_t a) {
  uint32_t d;
  asm volatile("ld.shared::cluster.u32 %0, [%1];" : "=r"(d) : "r"(a) : "memory");
  return d;
}
DEVICE void st_cluster(uint32_t a, uint32_t x) { asm volatile("st.shared::cluster.u32 [%0], %1;" :: "r"(a), "r"(x) : "memory"); }
DEVICE uint32_t atom_cluster(uint32_t a, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared::cluster.add.u32 %0, [%1], %2;" : "=r"(d) : "r"(a), "r"(x) : "memory");
  return d;
}
DEVICE uint32_t cluster_rank() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(d));
  return d;
}''')
    f.kernel(
        'cluster',
        '''  __shared__ uint32_t tile[64], counter;
  const uint32_t t = threadIdx.x, rank = cluster_rank();
  tile[t] = in[blockIdx.x * 32 + t];
  tile[t + 32] = 0;
  if (t == 0) counter = 0;
  cluster_arrive();
  cluster_wait();
  const uint32_t next = mapa(shared(tile), (rank + 1) % 4);
  uint32_t* q = out + blockIdx.x * 160 + t;
  q[0] = ld_cluster(next + 4 * t);
  st_cluster(next + 4 * (32 + t), rank * 1000 + t);
  q[32] = getctarank(next);
  q[64] = next - shared(tile);  // how far apart the windows of two blocks are; not a promise
  atom_cluster(mapa(shared(&counter), 0), rank + 1);
  cluster_arrive();
  cluster_wait();
  q[96] = tile[32 + t];
  q[128] = counter;
  cluster_arrive();
  cluster_wait();''',
        f.rng.integers(0, 2**32, 256, dtype=np.uint32),
        8 * 160,
        n=8,
        grid=[8, 1, 1],
        block=[32, 1, 1],
        cluster=[4, 1, 1],
        columns=[
            'ld.shared::cluster of the next block',
            'getctarank',
            'distance of its window',
            'st.shared::cluster from the previous block',
            'atom.shared::cluster.add in block 0',
        ],
    )
    f.function('''DEVICE void launch_dependents() { asm volatile("griddepcontrol.launch_dependents;" ::: "memory"); }
DEVICE void grid_wait() { asm volatile("griddepcontrol.wait;" ::: "memory"); }
DEVICE void nanosleep(uint32_t ns) { asm volatile("nanosleep.u32 %0;" :: "r"(ns)); }''')
    f.kernel(
        'dependent_launch',
        '''  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  launch_dependents();
  nanosleep(2000);
  grid_wait();
  out[i] = (out[i] == 0xA5A5A5A5 ? 1 : out[i] * 3) + in[i];''',
        f.rng.integers(0, 1000, 512),
        512,
        n=512,
        grid=[8, 1, 1],
        block=[64, 1, 1],
        launches=4,
        programmatic=True,
        columns=['griddepcontrol, four launches in a chain, each over what the one before left; out starts as 0xA5A5A5A5'],
    )


def copies():
    f = Family('async', 'Asynchronous copies and mbarrier.')
    data = np.arange(4096, dtype=np.uint8)
    data = f.rng.integers(0, 256, 4096).astype(np.uint8).view(np.uint32)
    f.function('''DEVICE void cp_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
DEVICE void cp_wait_all() { asm volatile("cp.async.wait_all;" ::: "memory"); }
template <int N> DEVICE void cp_wait_group() { asm volatile("cp.async.wait_group %0;" :: "n"(N) : "memory"); }
DEVICE void fence_async() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }
DEVICE void mbar_init(uint32_t bar, uint32_t count) { asm volatile("mbarrier.init.shared.b64 [%0], %1;" :: "r"(bar), "r"(count) : "memory"); }
DEVICE void mbar_inval(uint32_t bar) { asm volatile("mbarrier.inval.shared.b64 [%0];" :: "r"(bar) : "memory"); }
DEVICE void fence_mbar_init() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }
DEVICE uint64_t mbar_arrive(uint32_t bar) {
  uint64_t d;
  asm volatile("mbarrier.arrive.shared.b64 %0, [%1];" : "=l"(d) : "r"(bar) : "memory");
  return d;
}
DEVICE uint64_t mbar_arrive_count(uint32_t bar, uint32_t count) {
  uint64_t d;
  asm volatile("mbarrier.arrive.shared.b64 %0, [%1], %2;" : "=l"(d) : "r"(bar), "r"(count) : "memory");
  return d;
}
DEVICE uint64_t mbar_arrive_expect(uint32_t bar, uint32_t bytes) {
  uint64_t d;
  asm volatile("mbarrier.arrive.expect_tx.shared.b64 %0, [%1], %2;" : "=l"(d) : "r"(bar), "r"(bytes) : "memory");
  return d;
}
DEVICE uint64_t mbar_arrive_no_complete(uint32_t bar, uint32_t count) {
  uint64_t d;
  asm volatile("mbarrier.arrive.noComplete.shared.b64 %0, [%1], %2;" : "=l"(d) : "r"(bar), "r"(count) : "memory");
  return d;
}
DEVICE uint64_t mbar_arrive_drop(uint32_t bar) {
  uint64_t d;
  asm volatile("mbarrier.arrive_drop.shared.b64 %0, [%1];" : "=l"(d) : "r"(bar) : "memory");
  return d;
}
DEVICE void mbar_expect(uint32_t bar, uint32_t bytes) { asm volatile("mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%0], %1;" :: "r"(bar), "r"(bytes) : "memory"); }
DEVICE void mbar_complete(uint32_t bar, uint32_t bytes) { asm volatile("mbarrier.complete_tx.relaxed.cta.shared::cta.b64 [%0], %1;" :: "r"(bar), "r"(bytes) : "memory"); }
DEVICE uint32_t mbar_test(uint32_t bar, uint64_t state) {
  uint32_t d;
  asm volatile("{ .reg .pred p; mbarrier.test_wait.shared.b64 p, [%1], %2; selp.u32 %0, 1, 0, p; }" : "=r"(d) : "r"(bar), "l"(state) : "memory");
  return d;
}
DEVICE uint32_t mbar_test_parity(uint32_t bar, uint32_t parity) {
  uint32_t d;
  asm volatile("{ .reg .pred p; mbarrier.test_wait.parity.shared.b64 p, [%1], %2; selp.u32 %0, 1, 0, p; }" : "=r"(d) : "r"(bar), "r"(parity) : "memory");
  return d;
}
DEVICE uint32_t mbar_try_parity(uint32_t bar, uint32_t parity) {
  uint32_t d;
  asm volatile("{ .reg .pred p; mbarrier.try_wait.parity.shared.b64 p, [%1], %2, 1000; selp.u32 %0, 1, 0, p; }" : "=r"(d) : "r"(bar), "r"(parity) : "memory");
  return d;
}
DEVICE uint32_t mbar_pending(uint64_t state) {
  uint32_t d;
  asm volatile("mbarrier.pending_count.b64 %0, %1;" : "=r"(d) : "l"(state));
  return d;
}
DEVICE void mbar_wait(uint32_t bar, uint32_t parity) {
  while (!mbar_try_parity(bar, parity)) {
  }
}''')
    # cp.async: per lane a source offset, a destination offset and a source size, all in bytes.
    body_head = [
        '  __shared__ __align__(128) uint32_t tile[256];',
        '  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;',
        '  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;',
        '  __syncwarp();',
        '  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];',
        '  const uint32_t target = shared(tile) + h[32];',
    ]
    for text, size in (
        ('cp.async.ca.shared.global', 4),
        ('cp.async.ca.shared.global', 8),
        ('cp.async.ca.shared.global', 16),
        ('cp.async.cg.shared.global', 16),
        ('cp.async.cg.shared.global.L2::128B', 16),
    ):
        base = f'op_{identifier(text)}_{size}'
        for variant in ('plain', 'size', 'ignore'):
            n = 3
            source = np.stack([f.rng.permutation(4096 // size)[:32] * size for _ in range(n)]).astype(np.uint32)
            target = np.stack([f.rng.permutation(1024 // size)[:32] * size for _ in range(n)]).astype(np.uint32)
            third = f.rng.integers(0, size + 1, (n, 32)) if variant == 'size' else f.rng.integers(0, 2, (n, 32))
            if variant == 'plain':
                instruction(f, f'{base}_plain', None, [('r', 'd'), ('l', 's')], f'{text} [%0], [%1], {size};', memory=True)
                call = f'{base}_plain(target, source);'
            elif variant == 'size':
                instruction(
                    f, f'{base}_size', None, [('r', 'd'), ('l', 's'), ('r', 'bytes')], f'{text} [%0], [%1], {size}, %2;', memory=True
                )
                call = f'{base}_size(target, source, h[64]);'
            else:
                instruction(
                    f,
                    f'{base}_ignore',
                    None,
                    [('r', 'd'), ('l', 's'), ('r', 'x')],
                    f'{{ .reg .pred p; setp.ne.u32 p, %2, 0; {text} [%0], [%1], {size}, p; }}',
                    memory=True,
                )
                call = f'{base}_ignore(target, source, h[64]);'
            body = body_head + [
                f'  {call}',
                '  cp_commit();',
                '  cp_wait_group<0>();',
                '  __syncwarp();',
                '  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];',
            ]
            f.kernel(
                f'{base}_{variant}'[3:],
                '\n'.join(body),
                np.concatenate([data, np.stack([source, target, third.astype(np.uint32)], 1).reshape(-1)]),
                n * 256,
                n=n,
                grid=[n, 1, 1],
                block=[32, 1, 1],
                bytes=size,
                columns=[f'{text} {size}' + {'plain': '', 'size': ', src-size', 'ignore': ', ignore-src'}[variant]],
                layout='in: 4096 bytes of source, then [case](source offset, target offset, src-size or predicate)[lane]; out: [case] 256 words of shared memory, 0xEEEEEEEE where nothing landed',
            )
    # cp.async counted by an mbarrier.
    f.function(
        'DEVICE void cp_async_arrive(uint32_t bar) { asm volatile("cp.async.mbarrier.arrive.noinc.shared.b64 [%0];" :: "r"(bar) : "memory"); }'
    )
    f.kernel(
        'cp_async_mbarrier',
        '''  __shared__ __align__(128) uint32_t tile[128];
  __shared__ __align__(8) uint64_t bar;
  if (threadIdx.x == 0) mbar_init(shared(&bar), 32);
  __syncwarp();
  op_cp_async_ca_shared_global_16_plain(shared(tile + 4 * threadIdx.x), reinterpret_cast<uint64_t>(in + 4 * threadIdx.x));
  cp_async_arrive(shared(&bar));
  mbar_wait(shared(&bar), 0);
  for (int j = 0; j < 4; ++j) out[32 * j + threadIdx.x] = tile[32 * j + threadIdx.x];''',
        data[:128],
        128,
        n=1,
        grid=[1, 1, 1],
        block=[32, 1, 1],
        columns=['cp.async then cp.async.mbarrier.arrive.noinc'],
    )
    # One thread walks an mbarrier through its states. The word itself and the low half of a state are left out: they were not
    # the same in two runs (the word read by a plain load never changed), so nothing may depend on them.
    steps = [
        ('init 3', 'mbar_init(bar, 3)', False),
        ('arrive', 'mbar_arrive(bar)', True),
        ('arrive', 'mbar_arrive(bar)', True),
        ('arrive, which completes the phase', 'mbar_arrive(bar)', True),
        ('arrive 2', 'mbar_arrive_count(bar, 2)', True),
        ('expect_tx 100', 'mbar_expect(bar, 100)', False),
        ('arrive: none pending but bytes', 'mbar_arrive(bar)', True),
        ('complete_tx 60', 'mbar_complete(bar, 60)', False),
        ('complete_tx 40, which completes the phase', 'mbar_complete(bar, 40)', False),
        ('arrive.expect_tx 4096', 'mbar_arrive_expect(bar, 4096)', True),
        ('complete_tx 4096', 'mbar_complete(bar, 4096)', False),
        ('arrive 2', 'mbar_arrive_count(bar, 2)', True),
        ('arrive', 'mbar_arrive(bar)', True),
        ('arrive.noComplete 1', 'mbar_arrive_no_complete(bar, 1)', True),
        ('arrive', 'mbar_arrive(bar)', True),
        ('arrive_drop: 2 expected from the next phase on', 'mbar_arrive_drop(bar)', True),
        ('arrive', 'mbar_arrive(bar)', True),
        ('arrive, which completes the phase', 'mbar_arrive(bar)', True),
        ('complete_tx 8 before it is expected', 'mbar_complete(bar, 8)', False),
        ('expect_tx 8', 'mbar_expect(bar, 8)', False),
        ('arrive 2', 'mbar_arrive_count(bar, 2)', True),
        ('inval, init 1048575', 'mbar_inval(bar), mbar_init(bar, 1048575)', False),
        ('arrive', 'mbar_arrive(bar)', True),
        ('expect_tx 1048575', 'mbar_expect(bar, 1048575)', False),
    ]
    body = [
        '  __shared__ __align__(8) uint64_t word;',
        '  const uint32_t bar = shared(&word);',
        '  uint64_t state = 0;',
        '  uint32_t* q = out;',
    ]
    for label, call, gives in steps:
        body.append(f'  {"state = " if gives else ""}{call};  // {label}')
        body.append(
            '  q[0] = mbar_test_parity(bar, 0);\n  q[1] = mbar_test_parity(bar, 1);\n  q[2] = mbar_try_parity(bar, 0);\n  '
            + (
                'q[3] = mbar_test(bar, state);\n  q[4] = mbar_pending(state);\n  q[5] = state >> 32;'
                if gives
                else 'q[3] = q[4] = q[5] = 0;'
            )
            + '\n  q += 6;'
        )
    f.kernel(
        'mbarrier_states',
        '\n'.join(body),
        np.zeros(1),
        6 * len(steps),
        n=1,
        grid=[1, 1, 1],
        block=[1, 1, 1],
        columns=[s[0] for s in steps],
        layout='out: [step](test_wait parity 0, parity 1, try_wait parity 0, test_wait of the state, pending_count of the state, high half of the state); the last three 0 where the step gives no state',
    )
    # Bulk copies.
    f.function('''DEVICE void bulk_load(uint32_t d, uint64_t s, uint32_t bytes, uint32_t bar) { asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" :: "r"(d), "l"(s), "r"(bytes), "r"(bar) : "memory"); }
DEVICE void bulk_store(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void bulk_between(uint32_t d, uint32_t s, uint32_t bytes, uint32_t bar) { asm volatile("cp.async.bulk.shared::cluster.shared::cta.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" :: "r"(d), "r"(s), "r"(bytes), "r"(bar) : "memory"); }
DEVICE void bulk_commit() { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }
DEVICE void bulk_wait() { asm volatile("cp.async.bulk.wait_group 0;" ::: "memory"); }
DEVICE void bulk_wait_read() { asm volatile("cp.async.bulk.wait_group.read 0;" ::: "memory"); }''')
    f.kernel(
        'bulk',
        '''  __shared__ __align__(128) uint32_t tile[256];
  __shared__ __align__(8) uint64_t bar;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) mbar_init(shared(&bar), 1);
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 16 + 320);
    bulk_load(shared(tile), reinterpret_cast<uint64_t>(in + 8), 16, shared(&bar));
    bulk_load(shared(tile + 64), reinterpret_cast<uint64_t>(in + 100), 320, shared(&bar));
  }
  mbar_wait(shared(&bar), 0);
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[i] = tile[i];
  tile[200 + threadIdx.x] = threadIdx.x;
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    bulk_store(reinterpret_cast<uint64_t>(out + 256), shared(tile + 60), 640);
    bulk_commit();
    bulk_wait_read();
    bulk_wait();
  }''',
        data[:256],
        512,
        n=1,
        grid=[1, 1, 1],
        block=[32, 1, 1],
        columns=['cp.async.bulk global to shared', 'cp.async.bulk shared to global'],
        layout='out: 256 words of shared memory after two loads; 160 words stored, the rest untouched (0xA5A5A5A5)',
    )
    labels = []
    body = ['  __shared__ __align__(128) uint32_t tile[32];', '  const uint32_t t = threadIdx.x;']
    inputs, at = [], 0
    for text, t in (
        ('add', 'u32'),
        ('add', 's32'),
        ('add', 'u64'),
        ('min', 'u32'),
        ('min', 's32'),
        ('max', 's32'),
        ('max', 'u32'),
        ('inc', 'u32'),
        ('dec', 'u32'),
        ('and', 'b32'),
        ('or', 'b32'),
        ('xor', 'b32'),
        ('add', 'f32'),
        ('add', 'f64'),
        ('add.noftz', 'f16'),
        ('add.noftz', 'bf16'),
        ('min', 'f16'),
        ('max', 'bf16'),
    ):
        name = f'cp.reduce.async.bulk.global.shared::cta.bulk_group.{text}.{t}'
        f.function(
            f'DEVICE void op_{identifier(name)}(uint64_t d, uint32_t s, uint32_t bytes) {{ asm volatile("{name} [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }}'
        )
        if t == 'f32':
            x, y = f32_tuple(f.rng, 32, 2)
        elif t == 'f64':
            x, y = (f64_some(f.rng, 16).view(np.uint32) for _ in range(2))
        elif t in ('f16', 'bf16'):
            x, y = pairs_of(half_tuple(f.rng, 32, 2, F16_EDGES if t == 'f16' else BF16_EDGES))
        else:
            x, y = u32_some(f.rng, 32), u32_some(f.rng, 32)
        inputs += [x, y]
        body.append(
            f'  tile[t] = in[{at} + t];\n  out[{at // 2} + t] = in[{at + 32} + t];\n  __threadfence();\n  asm volatile("fence.proxy.async;" ::: "memory");\n  __syncwarp();\n  if (t == 0) {{\n    op_{identifier(name)}(reinterpret_cast<uint64_t>(out + {at // 2}), shared(tile), 128);\n    bulk_commit();\n    bulk_wait();\n  }}\n  __syncwarp();'
        )
        labels.append(name)
        at += 64
    f.kernel(
        'bulk_reduce',
        '\n'.join(body),
        np.concatenate(inputs),
        at // 2,
        n=1,
        grid=[1, 1, 1],
        block=[32, 1, 1],
        columns=labels,
        layout='in: [column](operand, what is in memory)[32 words]; out: [column][32 words]',
    )
    f.function('''DEVICE uint32_t cluster_rank() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(d));
  return d;
}
DEVICE uint32_t mapa(uint32_t a, uint32_t rank) {
  uint32_t d;
  asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(d) : "r"(a), "r"(rank));
  return d;
}
DEVICE void cluster_sync() { asm volatile("barrier.cluster.arrive.aligned;\\n\\tbarrier.cluster.wait.aligned;" ::: "memory"); }
DEVICE void arrive_remote(uint32_t bar) { asm volatile("mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%0];" :: "r"(bar) : "memory"); }
DEVICE void st_async(uint32_t a, uint32_t x, uint32_t bar) { asm volatile("st.async.shared::cluster.mbarrier::complete_tx::bytes.u32 [%0], %1, [%2];" :: "r"(a), "r"(x), "r"(bar) : "memory"); }
DEVICE void red_async(uint32_t a, uint32_t x, uint32_t bar) { asm volatile("red.async.relaxed.cluster.shared::cluster.mbarrier::complete_tx::bytes.add.u32 [%0], %1, [%2];" :: "r"(a), "r"(x), "r"(bar) : "memory"); }''')
    f.kernel(
        'bulk_cluster',
        '''  __shared__ __align__(128) uint32_t tile[128];
  __shared__ __align__(8) uint64_t bars[2];
  const uint32_t t = threadIdx.x, other = cluster_rank() ^ 1;
  tile[t] = in[blockIdx.x * 32 + t];
  tile[t + 32] = tile[t + 64] = 0xEEEEEEEE;
  tile[t + 96] = t;
  if (t == 0) {
    mbar_init(shared(&bars[0]), 2);
    mbar_init(shared(&bars[1]), 1);
    fence_mbar_init();
    mbar_arrive_expect(shared(&bars[0]), 128);
    mbar_arrive_expect(shared(&bars[1]), 256);
  }
  fence_async();
  cluster_sync();
  if (t == 0) {
    arrive_remote(mapa(shared(&bars[0]), other));
    bulk_between(mapa(shared(tile + 32), other), shared(tile), 128, mapa(shared(&bars[0]), other));
  }
  st_async(mapa(shared(tile + 64 + t), other), 7000 + t, mapa(shared(&bars[1]), other));
  red_async(mapa(shared(tile + 96 + t), other), 100, mapa(shared(&bars[1]), other));
  mbar_wait(shared(&bars[0]), 0);
  mbar_wait(shared(&bars[1]), 0);
  for (int j = 0; j < 4; ++j) out[blockIdx.x * 128 + 32 * j + t] = tile[32 * j + t];
  cluster_sync();''',
        f.rng.integers(0, 2**32, 64, dtype=np.uint32),
        256,
        n=2,
        grid=[2, 1, 1],
        block=[32, 1, 1],
        cluster=[2, 1, 1],
        columns=['own words, cp.async.bulk from the other block, st.async, red.async.add'],
    )
    return f


def tensor():
    f = Family('tensor', 'cp.async.bulk.tensor: tiles of tensors through a tensor map.')
    f.function('''DEVICE void mbar_init(uint32_t bar, uint32_t count) { asm volatile("mbarrier.init.shared.b64 [%0], %1;" :: "r"(bar), "r"(count) : "memory"); }
DEVICE void fence_mbar_init() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }
DEVICE void fence_async() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }
DEVICE void mbar_arrive_expect(uint32_t bar, uint32_t bytes) { asm volatile("mbarrier.arrive.expect_tx.shared.b64 _, [%0], %1;" :: "r"(bar), "r"(bytes) : "memory"); }
DEVICE uint32_t mbar_try_parity(uint32_t bar, uint32_t parity) {
  uint32_t d;
  asm volatile("{ .reg .pred p; mbarrier.try_wait.parity.shared.b64 p, [%1], %2; selp.u32 %0, 1, 0, p; }" : "=r"(d) : "r"(bar), "r"(parity) : "memory");
  return d;
}
DEVICE void mbar_wait(uint32_t bar, uint32_t parity) {
  while (!mbar_try_parity(bar, parity)) {
  }
}
DEVICE void bulk_commit() { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }
DEVICE void bulk_wait() { asm volatile("cp.async.bulk.wait_group 0;" ::: "memory"); }
DEVICE void tensormap_prefetch(const void* map) { asm volatile("prefetch.tensormap [%0];" :: "l"(map)); }
struct alignas(64) TensorMap {
  uint64_t opaque[16];
};''')
    for rank in range(1, 6):
        coords = ', '.join(f'%{2 + j}' for j in range(rank))
        args = ', '.join(f'int32_t c{j}' for j in range(rank))
        ins = ', '.join(f'"r"(c{j})' for j in range(rank))
        f.function(
            f'DEVICE void tensor_load_{rank}d(uint32_t d, const void* map, {args}, uint32_t bar) {{ asm volatile("cp.async.bulk.tensor.{rank}d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {{{coords}}}], [%{2 + rank}];" :: "r"(d), "l"(map), {ins}, "r"(bar) : "memory"); }}'
        )
        f.function(
            f'DEVICE void tensor_store_{rank}d(const void* map, {args}, uint32_t s) {{ asm volatile("cp.async.bulk.tensor.{rank}d.global.shared::cta.bulk_group [%1, {{{coords}}}], [%0];" :: "r"(s), "l"(map), {ins} : "memory"); }}'
        )
        f.function(
            f'DEVICE void tensor_reduce_{rank}d(const void* map, {args}, uint32_t s) {{ asm volatile("cp.reduce.async.bulk.tensor.{rank}d.global.shared::cta.add.bulk_group [%1, {{{coords}}}], [%0];" :: "r"(s), "l"(map), {ins} : "memory"); }}'
        )
    SIZE = {'u8': 1, 'u16': 2, 'u32': 4, 's32': 4, 'f16': 2, 'bf16': 2, 'f32': 4, 'u64': 8}
    # (name, type, dims innermost first, byte strides of dims 1.., box, element strides, swizzle bytes, interleave, fill, coordinates of each case)
    loads = [
        ('1d_u32', 'u32', [100], [], [16], [1], 0, 0, [[0], [4], [92], [-4], [100], [-16]]),
        ('1d_u8', 'u8', [256], [], [32], [1], 0, 0, [[0], [16], [240], [-16]]),
        ('2d_none', 'f16', [40, 20], [96], [32, 8], [1, 1], 0, 0, [[0, 0], [8, 3], [24, 15], [-8, -2], [32, 19], [104, 100]]),
        ('2d_swizzle_32', 'f16', [40, 20], [96], [16, 16], [1, 1], 32, 0, [[0, 0], [8, 7], [32, -4]]),
        ('2d_swizzle_64', 'f16', [40, 20], [96], [32, 16], [1, 1], 64, 0, [[0, 0], [8, 7], [32, -4]]),
        ('2d_swizzle_128', 'f16', [80, 24], [160], [64, 16], [1, 1], 128, 0, [[0, 0], [8, 7], [32, -4]]),
        ('2d_swizzle_128_f32', 'f32', [40, 24], [160], [32, 16], [1, 1], 128, 0, [[0, 0], [12, 13]]),
        ('2d_swizzle_128_u8', 'u8', [144, 24], [144], [128, 16], [1, 1], 128, 0, [[0, 0], [16, 13]]),
        ('2d_swizzle_128_narrow_box', 'bf16', [40, 24], [96], [24, 16], [1, 1], 128, 0, [[0, 0], [8, 12]]),
        ('2d_fill_nan_f16', 'f16', [40, 20], [96], [32, 8], [1, 1], 0, 1, [[24, 15], [-8, -2]]),
        ('2d_fill_nan_bf16', 'bf16', [40, 20], [96], [32, 8], [1, 1], 0, 1, [[24, 15]]),
        ('2d_fill_nan_f32', 'f32', [20, 20], [96], [16, 8], [1, 1], 0, 1, [[12, 15]]),
        ('2d_strided', 'u32', [40, 20], [160], [16, 8], [1, 3], 0, 0, [[0, 0], [4, 1], [28, 10], [-4, -1]]),
        ('2d_strided_innermost_too', 'u32', [40, 20], [160], [16, 8], [2, 3], 0, 0, [[0, 0], [4, 1]]),
        ('3d_none', 'u16', [24, 6, 5], [48, 288], [8, 3, 2], [1, 1, 1], 0, 0, [[0, 0, 0], [16, 4, 4], [-8, -1, -1]]),
        ('3d_swizzle_128', 'bf16', [72, 6, 5], [144, 864], [64, 4, 3], [1, 1, 1], 128, 0, [[0, 0, 0], [16, 4, 3]]),
        ('3d_swizzle_64', 'f32', [24, 6, 5], [96, 576], [16, 4, 3], [1, 1, 1], 64, 0, [[4, 1, 1]]),
        ('4d_none', 'f16', [8, 6, 5, 4], [16, 96, 480], [8, 3, 3, 2], [1, 1, 1, 1], 0, 0, [[0, 0, 0, 0], [0, -1, -1, 1], [0, 4, 3, 3]]),
        ('offset_by_4_bytes', 'u32', [100], [], [16], [1], 0, 0, [[1]]),
        ('offset_by_8_bytes', 'u32', [100], [], [16], [1], 0, 0, [[2]]),
        ('offset_by_minus_8_bytes', 'u32', [100], [], [16], [1], 0, 0, [[-2]]),
        ('offset_by_8_bytes_u8', 'u8', [256], [], [32], [1], 0, 0, [[8]]),
        ('offset_by_8_bytes_f16_swizzled', 'f16', [80, 24], [160], [64, 16], [1, 1], 128, 0, [[4, 0]]),
        (
            '5d_none',
            'u32',
            [8, 4, 3, 3, 2],
            [32, 128, 384, 1152],
            [4, 2, 2, 2, 2],
            [1, 1, 1, 1, 1],
            0,
            0,
            [[0, 0, 0, 0, 0], [4, 3, 1, 1, 1]],
        ),
    ]
    for name, t, dims, strides, box, steps, swizzle, fill, coordinates in loads:
        size, rank, n = SIZE[t], len(dims), len(coordinates)
        total = strides[-1] * dims[-1] if strides else dims[0] * size
        words = -(-total // 4)
        data = (
            f.rng.integers(0, 2**32, words, dtype=np.uint32)
            if t[0] != 'f' and t[0] != 'b'
            else (np.arange(2 * words, dtype=np.uint16) + 0x100).view(np.uint32)
        )
        if t == 'f32':
            data = np.arange(words, dtype=np.float32).view(np.uint32)
        per_row = box[0]  # the innermost step has no effect where nothing is interleaved
        inner = max(per_row * size, swizzle) if swizzle else per_row * size
        counts = [-(-b // s) for b, s in zip(box[1:], steps[1:])]
        moved = per_row * size * int(np.prod(counts))
        dump = -(-max(moved, inner * int(np.prod(counts))) // 128) * 32 + 32
        coords = ', '.join(f'static_cast<int32_t>(h[{j}])' for j in range(rank))
        body = f'''  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < {dump}; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {{
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }}
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {{
    mbar_arrive_expect(shared(&bar), {moved});
    tensor_load_{rank}d(base, &map, {coords}, shared(&bar));
  }}
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < {dump}; i += 32) out[blockIdx.x * {dump + 1} + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * {dump + 1} + {dump}] = ok;'''
        heads = np.zeros((n, 8), dtype=np.uint32)
        for k, c in enumerate(coordinates):
            heads[k, :rank] = np.array(c, dtype=np.int64).astype(np.uint32)
        pad = np.zeros(-words % 32, dtype=np.uint32)
        f.kernel(
            'load_' + name,
            body,
            np.concatenate([data, pad, heads.reshape(-1)]),
            n * (dump + 1),
            n=words + len(pad),
            grid=[n, 1, 1],
            block=[32, 1, 1],
            shared=dump * 4 + 1024,
            params=', const __grid_constant__ TensorMap map',
            cases=coordinates,
            columns=[f'cp.async.bulk.tensor.{rank}d.shared::cluster.global.mbarrier::complete_tx::bytes'],
            expectBytes=moved,
            dumpWords=dump,
            tensorMap={
                'type': t,
                'base': 'in',
                'dims': dims,
                'strides': strides,
                'box': box,
                'steps': steps,
                'swizzle': swizzle,
                'fill': fill,
            },
            layout=f'in: the tensor, then 8 words of coordinates a case; out: [case] {dump} words of shared memory (0xEEEEEEEE where nothing landed), then 1 if exactly the expected bytes arrived',
        )
    # im2col: pixels of an NHWC image in raster order, from a corner, at an offset of the filter.
    f.function(
        'DEVICE void tensor_load_im2col_4d(uint32_t d, const void* map, int32_t c0, int32_t c1, int32_t c2, int32_t c3, uint16_t o0, uint16_t o1, uint32_t bar) { asm volatile("cp.async.bulk.tensor.4d.shared::cluster.global.im2col.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3, %4, %5}], [%6], {%7, %8};" :: "r"(d), "l"(map), "r"(c0), "r"(c1), "r"(c2), "r"(c3), "r"(bar), "h"(o0), "h"(o1) : "memory"); }'
    )
    dims, strides = [16, 7, 6, 3], [32, 224, 1344]
    words = 3 * 1344 // 4
    data = (np.arange(2 * words, dtype=np.uint16) + 0x100).view(np.uint32)
    for name, lower, upper, steps, swizzle, coordinates in (
        (
            'im2col_3x3',
            [-1, -1],
            [-1, -1],
            [1, 1, 1, 1],
            0,
            [[0, -1, -1, 0, 0, 0], [0, -1, -1, 0, 2, 1], [8, 3, 2, 1, 1, 1], [0, 4, 3, 2, 2, 2]],
        ),
        ('im2col_3x3_stride_2_swizzle_32', [-1, -1], [-1, -1], [1, 2, 2, 1], 32, [[0, -1, -1, 0, 0, 0], [0, 1, -1, 1, 2, 1]]),
    ):
        channels, pixels, n = (8 if not swizzle else 16), 24, len(coordinates)
        moved = channels * pixels * 2
        dump = -(-moved // 128) * 32 + 32
        body = f'''  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < {dump}; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {{
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }}
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {{
    mbar_arrive_expect(shared(&bar), {moved});
    tensor_load_im2col_4d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), static_cast<int32_t>(h[2]), static_cast<int32_t>(h[3]), static_cast<uint16_t>(h[4]), static_cast<uint16_t>(h[5]), shared(&bar));
  }}
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < {dump}; i += 32) out[blockIdx.x * {dump + 1} + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * {dump + 1} + {dump}] = ok;'''
        heads = np.zeros((n, 8), dtype=np.uint32)
        heads[:, :6] = np.array(coordinates, dtype=np.int64).astype(np.uint32)
        pad = np.zeros(-words % 32, dtype=np.uint32)
        f.kernel(
            'load_' + name,
            body,
            np.concatenate([data, pad, heads.reshape(-1)]),
            n * (dump + 1),
            n=words + len(pad),
            grid=[n, 1, 1],
            block=[32, 1, 1],
            shared=dump * 4 + 1024,
            params=', const __grid_constant__ TensorMap map',
            cases=coordinates,
            columns=['cp.async.bulk.tensor.4d.shared::cluster.global.im2col.mbarrier::complete_tx::bytes'],
            expectBytes=moved,
            dumpWords=dump,
            tensorMap={
                'type': 'f16',
                'base': 'in',
                'dims': dims,
                'strides': strides,
                'lower': lower,
                'upper': upper,
                'channels': channels,
                'pixels': pixels,
                'steps': steps,
                'swizzle': swizzle,
                'fill': 0,
            },
            layout=f'in: the tensor, then 8 words a case (c, w, h, n, offset w, offset h); out: [case] {dump} words of shared memory (0xEEEEEEEE where nothing landed), then 1 if exactly the expected bytes arrived',
        )
    # One block of a cluster loads for all: the same tile at the same offset in each block named by the mask, each block's barrier counted.
    f.function(
        'DEVICE void tensor_load_2d_multicast(uint32_t d, const void* map, int32_t c0, int32_t c1, uint16_t mask, uint32_t bar) { asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1, {%2, %3}], [%4], %5;" :: "r"(d), "l"(map), "r"(c0), "r"(c1), "r"(bar), "h"(mask) : "memory"); }'
    )
    f.function(
        'DEVICE void cluster_sync() { asm volatile("barrier.cluster.arrive.aligned;\\n\\tbarrier.cluster.wait.aligned;" ::: "memory"); }'
    )
    f.kernel(
        'load_2d_multicast',
        '''  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
    mbar_arrive_expect(shared(&bar), blockIdx.x == 1 ? 512 : 1024);
  }
  fence_async();
  cluster_sync();
  // Block 0 loads the first half for blocks 0, 1 and 3; block 2 the second half for blocks 0, 2 and 3, block 3 the first for 2.
  if (threadIdx.x == 0 && blockIdx.x == 0) tensor_load_2d_multicast(base, &map, 0, 2, 0xB, shared(&bar));
  if (threadIdx.x == 0 && blockIdx.x == 2) tensor_load_2d_multicast(base + 512, &map, 8, 5, 0xD, shared(&bar));
  if (threadIdx.x == 0 && blockIdx.x == 3) tensor_load_2d_multicast(base, &map, 0, 3, 0x4, shared(&bar));
  mbar_wait(shared(&bar), 0);
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
  cluster_sync();''',
        (np.arange(2 * 480, dtype=np.uint16) + 0x100).view(np.uint32),
        4 * 256,
        n=480,
        grid=[4, 1, 1],
        block=[32, 1, 1],
        cluster=[4, 1, 1],
        shared=2048,
        params=', const __grid_constant__ TensorMap map',
        columns=['cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster'],
        tensorMap={
            'type': 'f16',
            'base': 'in',
            'dims': [40, 20],
            'strides': [96],
            'box': [32, 8],
            'steps': [1, 1],
            'swizzle': 0,
            'fill': 0,
        },
        layout='out: [block] 256 words of shared memory',
    )
    stores = [
        ('store_2d', 'f16', [40, 20], [96], [32, 8], 0, [[0, 0], [24, 15]], 'store'),
        ('store_2d_left', 'f16', [40, 20], [96], [32, 8], 0, [[-8, 9]], 'store'),
        ('store_2d_above', 'f16', [40, 20], [96], [32, 8], 0, [[8, -2]], 'store'),
        ('store_2d_past', 'f16', [40, 20], [96], [32, 8], 0, [[40, 4], [0, 20]], 'store'),
        ('store_2d_offset_by_8_bytes', 'f16', [40, 20], [96], [32, 8], 0, [[4, 0]], 'store'),
        ('reduce_2d_left', 'f32', [20, 20], [96], [16, 8], 0, [[-4, 2]], 'reduce'),
        ('store_2d_swizzle_128', 'bf16', [64, 24], [128], [64, 8], 128, [[0, 0], [16, 20]], 'store'),
        ('reduce_2d_f32', 'f32', [20, 20], [96], [16, 8], 0, [[0, 0], [12, 15]], 'reduce'),
        ('reduce_2d_bf16', 'bf16', [40, 20], [96], [32, 8], 0, [[8, 3]], 'reduce'),
        ('store_3d', 'u32', [12, 5, 4], [48, 240], [8, 3, 2], 0, [[8, 3, 3], [0, 0, 0]], 'store'),
        ('store_1d', 'u32', [100], [], [16], 0, [[0], [92]], 'store'),
    ]
    for name, t, dims, strides, box, swizzle, coordinates, verb in stores:
        size, rank, n = SIZE[t], len(dims), len(coordinates)
        words = -(-(strides[-1] * dims[-1] if strides else dims[0] * size) // 4)
        moved = int(np.prod(box)) * size
        source = (
            (np.arange(moved // 2, dtype=np.uint16) + 0x3C00).view(np.uint32)
            if size == 2
            else np.arange(moved // 4, dtype=np.float32).view(np.uint32)
            if t == 'f32'
            else np.arange(moved // 4, dtype=np.uint32) + 1
        )
        coords = ', '.join(f'static_cast<int32_t>(in[{len(source)} + 8 * k + {j}])' for j in range(rank))
        start = f'  for (uint32_t i = threadIdx.x; i < {words}; i += 32) out[i] = {"0x3F803F80" if verb == "reduce" else "0xEEEEEEEE"};\n  __threadfence();\n  asm volatile("fence.proxy.async;" ::: "memory");\n'
        body = f'''  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < {len(source)}; i += 32) tile[i] = in[i];
{start}  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {{
    for (int k = 0; k < {n}; ++k) {{
      tensor_{verb}_{rank}d(&map, {coords}, base);
      bulk_commit();
      bulk_wait();
    }}
  }}'''
        heads = np.zeros((n, 8), dtype=np.uint32)
        for k, c in enumerate(coordinates):
            heads[k, :rank] = np.array(c, dtype=np.int64).astype(np.uint32)
        f.kernel(
            name,
            body,
            np.concatenate([source, heads.reshape(-1)]),
            words,
            n=words,
            grid=[1, 1, 1],
            block=[32, 1, 1],
            shared=4 * len(source) + 1024,
            params=', const __grid_constant__ TensorMap map',
            cases=coordinates,
            columns=[
                f'cp.{"reduce." if verb == "reduce" else ""}async.bulk.tensor.{rank}d.global.shared::cta'
                + ('.add' if verb == 'reduce' else '')
            ],
            tensorMap={
                'type': t,
                'base': 'out',
                'dims': dims,
                'strides': strides,
                'box': box,
                'steps': [1] * rank,
                'swizzle': swizzle,
                'fill': 0,
            },
            layout='in: the box in shared memory, then 8 words of coordinates a case; out: the tensor, filled with '
            + ('0x3F803F80' if verb == 'reduce' else '0xEEEEEEEE')
            + ' before',
        )


def atomics():
    f = Family('atomic', 'atom and red.')
    n = 96
    f32 = f32_tuple(f.rng, n, 2)
    h, b = half_tuple(f.rng, n, 2, F16_EDGES), half_tuple(f.rng, n, 2, BF16_EDGES)
    u, v = u32_some(f.rng, n), u32_some(f.rng, n)
    near = v.copy()
    near[::2] = u[::2]
    w, x = u64_some(f.rng, n), u64_some(f.rng, n)
    d = f64_some(f.rng, n), f64_some(f.rng, n)
    ops = [
        ('add.u32', 'r', u, v),
        ('add.s32', 'r', u, v),
        ('add.f32', 'f', *f32),
        ('min.s32', 'r', u, v),
        ('max.s32', 'r', u, v),
        ('min.u32', 'r', u, v),
        ('max.u32', 'r', u, v),
        ('inc.u32', 'r', u, near),
        ('dec.u32', 'r', u, near),
        ('and.b32', 'r', u, v),
        ('or.b32', 'r', u, v),
        ('xor.b32', 'r', u, v),
        ('exch.b32', 'r', u, v),
        ('add.noftz.f16x2', 'r', *pairs_of(h)),
        ('add.noftz.bf16x2', 'r', *pairs_of(b)),
        ('add.u64', 'l', w, x),
        ('add.f64', 'd', *d),
        ('min.s64', 'l', w, x),
        ('max.u64', 'l', w, x),
        ('and.b64', 'l', w, x),
        ('exch.b64', 'l', w, x),
        ('add.noftz.f16', 'h', *h),
        ('add.noftz.bf16', 'h', *b),
    ]
    for space in ('global', 'shared'):
        for op, kind, memory, operand in ops:
            for verb in ('atom', 'red'):
                if verb == 'red' and 'exch' in op:
                    continue
                text = f'{verb}.{space}.{op}'
                words = WORDS[kind]
                if verb == 'atom':
                    instruction(
                        f,
                        'op_' + identifier(text),
                        kind,
                        [('l' if space == 'global' else 'r', 'p'), (kind, 'x')],
                        f'{text} %0, [%1], %2;',
                        memory=True,
                    )
                else:
                    instruction(
                        f,
                        'op_' + identifier(text),
                        None,
                        [('l' if space == 'global' else 'r', 'p'), (kind, 'x')],
                        f'{text} [%0], %1;',
                        memory=True,
                    )
                body = ['  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;', '  if (i >= n) return;']
                if space == 'global':
                    body.append(f'  store_{kind}(out, 0, n, i, load_{kind}(in, 0, n, i));')
                    address = f'reinterpret_cast<uint64_t>(out + {words} * i)'
                else:
                    body.append(f'  __shared__ {C_TYPE[kind]} tile[{n}];\n  tile[i] = load_{kind}(in, 0, n, i);')
                    address = 'shared(tile + i)'
                call = f'op_{identifier(text)}({address}, load_{kind}(in, {words}, n, i))'
                body.append(f'  store_{kind}(out, {words}, n, i, {call});' if verb == 'atom' else f'  {call};')
                if space == 'shared':
                    body.append(f'  store_{kind}(out, 0, n, i, tile[i]);')
                f.kernel(
                    identifier(text),
                    '\n'.join(body),
                    np.concatenate([as_words(memory, kind), as_words(operand, kind)]),
                    n * words * (2 if verb == 'atom' else 1),
                    n=n,
                    grid=[1, 1, 1],
                    block=[n, 1, 1],
                    columns=[text],
                    signature=kind,
                    layout='in: memory, operand; out: memory after' + (', value returned' if verb == 'atom' else ''),
                )
        for width, kind, memory, operand in (('b32', 'r', u, v), ('b64', 'l', w, x), ('b16', 'h', u, v)):
            text = f'atom.{space}.cas.{width}'
            instruction(
                f,
                'op_' + identifier(text),
                kind,
                [('l' if space == 'global' else 'r', 'p'), (kind, 'c'), (kind, 'x')],
                f'{text} %0, [%1], %2, %3;',
                memory=True,
            )
            compare = np.where(np.arange(n) % 3 == 0, operand, memory)
            words = WORDS[kind]
            if space == 'global':
                body = f'  const uint32_t i = threadIdx.x;\n  store_{kind}(out, 0, n, i, load_{kind}(in, 0, n, i));\n  store_{kind}(out, {words}, n, i, op_{identifier(text)}(reinterpret_cast<uint64_t>(out + {words} * i), load_{kind}(in, {words}, n, i), load_{kind}(in, {2 * words}, n, i)));'
            else:
                body = f'  const uint32_t i = threadIdx.x;\n  __shared__ {C_TYPE[kind]} tile[{n}];\n  tile[i] = load_{kind}(in, 0, n, i);\n  store_{kind}(out, {words}, n, i, op_{identifier(text)}(shared(tile + i), load_{kind}(in, {words}, n, i), load_{kind}(in, {2 * words}, n, i)));\n  store_{kind}(out, 0, n, i, tile[i]);'
            f.kernel(
                identifier(text),
                body,
                np.concatenate([as_words(c, kind) for c in (memory, compare, operand)]),
                n * words * 2,
                n=n,
                grid=[1, 1, 1],
                block=[n, 1, 1],
                columns=[text],
                signature=kind,
                layout='in: memory, compared, operand; out: memory after, value returned',
            )
    # Vectors.
    for text, kind, count, columns in (
        ('red.global.v2.f32.add', 'f', 2, f32),
        ('red.global.v4.f32.add', 'f', 4, f32),
        ('red.global.v2.f16x2.add.noftz', 'r', 2, pairs_of(h)),
        ('red.global.v4.f16x2.add.noftz', 'r', 4, pairs_of(h)),
        ('red.global.v4.bf16x2.add.noftz', 'r', 4, pairs_of(b)),
        ('red.global.v4.f16x2.min.noftz', 'r', 4, pairs_of(h)),
        ('red.global.v4.bf16x2.max.noftz', 'r', 4, pairs_of(b)),
        ('atom.global.v4.f32.add', 'f', 4, f32),
        ('atom.global.v4.bf16x2.add.noftz', 'r', 4, pairs_of(b)),
    ):
        atom = text.startswith('atom')
        operands = '{' + ', '.join(f'%{j + (count + 1 if atom else 1)}' for j in range(count)) + '}'
        args = ', '.join(f'{C_TYPE[kind]} x{j}' for j in range(count))
        ins = ', '.join(f'"{kind}"(x{j})' for j in range(count))
        fn = 'op_' + identifier(text)
        if atom:
            results = '{' + ', '.join(f'%{j}' for j in range(count)) + '}'
            f.function(
                f'DEVICE void {fn}({C_TYPE[kind]} (&d)[{count}], uint32_t* p, {args}) {{ asm volatile("{text} {results}, [%{count}], {operands};" : '
                + ', '.join(f'"={kind}"(d[{j}])' for j in range(count))
                + f' : "l"(p), {ins} : "memory"); }}'
            )
        else:
            f.function(f'DEVICE void {fn}(uint32_t* p, {args}) {{ asm volatile("{text} [%0], {operands};" :: "l"(p), {ins} : "memory"); }}')
        loads = ', '.join(f'load_{kind}(in, 1, n, {count} * i + {j})' for j in range(count))
        body = [
            '  const uint32_t i = threadIdx.x;',
            f'  for (uint32_t j = 0; j < {count}; ++j) out[{count} * i + j] = in[{count} * i + j];',
        ]
        if atom:
            body += [
                f'  {C_TYPE[kind]} d[{count}];',
                f'  {fn}(d, out + {count} * i, {loads});',
                f'  for (uint32_t j = 0; j < {count}; ++j) store_{kind}(out, 1, n, {count} * i + j, d[j]);',
            ]
        else:
            body.append(f'  {fn}(out + {count} * i, {loads});')
        f.kernel(
            identifier(text),
            '\n'.join(body),
            np.concatenate(list(columns)),
            n * (2 if atom else 1),
            n=n,
            grid=[1, 1, 1],
            block=[n // count, 1, 1],
            columns=[text],
            signature=kind,
            layout='in: memory, operand; out: memory after' + (', value returned' if atom else ''),
        )
    # Contention: every thread of four blocks on the same few words, exact whatever the order.
    for text, kind in (
        ('red.global.add.u32', 'r'),
        ('red.global.add.f32', 'f'),
        ('red.global.inc.u32', 'r'),
        ('red.global.max.s32', 'r'),
        ('red.global.add.noftz.f16x2', 'r'),
    ):
        values = np.arange(512) % 7
        words = values.astype(np.float32).view(np.uint32) if kind == 'f' else (np.full(512, 50) if 'inc' in text else values)
        if 'f16x2' in text:
            words = np.array([0x3C003800] * 512)
        body = f'  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;\n  op_{identifier(text)}(reinterpret_cast<uint64_t>(out + i % 5), load_{kind}(in, 0, n, i));'
        f.kernel(
            'contended_' + identifier(text),
            body,
            words,
            5,
            n=512,
            grid=[4, 1, 1],
            block=[128, 1, 1],
            columns=[text],
            initial=0,
            layout='out starts as zeros; thread i acts on word i % 5',
        )


def barriers():
    f = Family('barrier', 'Barriers of a block.')
    f.function('''DEVICE void bar_sync(uint32_t id, uint32_t threads) { asm volatile("barrier.sync %0, %1;" :: "r"(id), "r"(threads) : "memory"); }
DEVICE void bar_arrive(uint32_t id, uint32_t threads) { asm volatile("barrier.arrive %0, %1;" :: "r"(id), "r"(threads) : "memory"); }
DEVICE uint32_t bar_red_popc(uint32_t id, uint32_t threads, uint32_t x) {
  uint32_t d;
  asm volatile("{ .reg .pred p; setp.ne.u32 p, %3, 0; barrier.red.popc.u32 %0, %1, %2, p; }" : "=r"(d) : "r"(id), "r"(threads), "r"(x) : "memory");
  return d;
}
DEVICE uint32_t bar_red_and(uint32_t id, uint32_t threads, uint32_t x) {
  uint32_t d;
  asm volatile("{ .reg .pred p, q; setp.ne.u32 p, %3, 0; barrier.red.and.pred q, %1, %2, p; selp.u32 %0, 1, 0, q; }" : "=r"(d) : "r"(id), "r"(threads), "r"(x) : "memory");
  return d;
}
DEVICE uint32_t bar_red_or(uint32_t id, uint32_t threads, uint32_t x) {
  uint32_t d;
  asm volatile("{ .reg .pred p, q; setp.ne.u32 p, %3, 0; barrier.red.or.pred q, %1, %2, p; selp.u32 %0, 1, 0, q; }" : "=r"(d) : "r"(id), "r"(threads), "r"(x) : "memory");
  return d;
}
DEVICE void warp_sync(uint32_t mask) { asm volatile("bar.warp.sync %0;" :: "r"(mask) : "memory"); }''')
    pred = np.stack([np.ones(128), np.zeros(128), np.arange(128) % 3 == 0, np.arange(128) < 127, np.arange(128) == 77]).astype(np.uint32)
    f.kernel(
        'reduce',
        '  const uint32_t x = in[blockIdx.x * 128 + threadIdx.x];\n  uint32_t* q = out + blockIdx.x * 640 + threadIdx.x;\n  q[0] = bar_red_popc(0, 128, x);\n  q[128] = bar_red_and(1, 128, x);\n  q[256] = bar_red_or(2, 128, x);\n  const uint32_t half = threadIdx.x / 64;\n  q[384] = bar_red_popc(3 + half, 64, x);\n  q[512] = bar_red_or(15 - half, 64, x);',
        pred.reshape(-1),
        5 * 640,
        n=5,
        grid=[5, 1, 1],
        block=[128, 1, 1],
        columns=['barrier.red.popc', 'barrier.red.and', 'barrier.red.or', 'popc of each half', 'or of each half'],
    )
    f.kernel(
        'producer_consumer',
        '''  // Warps 0 and 1 fill a buffer of two stages, warps 2 and 3 read it: arrive on full, sync on empty and the reverse.
  __shared__ uint32_t stage[2][64];
  const uint32_t t = threadIdx.x % 64;
  const bool producer = threadIdx.x < 64;
  for (uint32_t k = 0; k < 8; ++k) {
    const uint32_t s = k & 1;
    if (producer) {
      if (k >= 2) bar_sync(3 + s, 128);
      stage[s][t] = in[k * 64 + t] + t;
      bar_arrive(1 + s, 128);
    } else {
      bar_sync(1 + s, 128);
      out[k * 64 + t] = stage[s][63 - t];
      if (k < 6) bar_arrive(3 + s, 128);
    }
  }''',
        f.rng.integers(0, 2**32, 512, dtype=np.uint32),
        512,
        n=1,
        grid=[1, 1, 1],
        block=[128, 1, 1],
        columns=['barrier.sync and barrier.arrive with named barriers'],
    )
    f.kernel(
        'warp',
        '''  __shared__ uint32_t tile[32];
  const uint32_t t = threadIdx.x;
  tile[t] = in[t];
  warp_sync(0xFFFFFFFF);
  uint32_t x = tile[31 - t];
  if (t < 16) {
    warp_sync(0x0000FFFF);
    tile[t] = x + 1;
    warp_sync(0x0000FFFF);
    x = tile[15 - t];
  }
  out[t] = x;''',
        f.rng.integers(0, 2**32, 32, dtype=np.uint32),
        32,
        n=1,
        grid=[1, 1, 1],
        block=[32, 1, 1],
        columns=['bar.warp.sync'],
    )


warp(), registers(), access(), copies(), tensor(), atomics(), barriers()
