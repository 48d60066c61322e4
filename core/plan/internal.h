/* internal.h — what the steps of planning share; nobody outside core/plan includes it.
 *
 * plan_make runs the steps in this order: build (stages, edges), tile (arrays per copy), segments,
 * pieces (chunks, needs, buffers), replicate, place, flows, prices. */
#ifndef CIMARRON_PLAN_INTERNAL_H
#define CIMARRON_PLAN_INTERNAL_H

#include "core/plan/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* plan.c: builds the stages; plans on p->system with as much overlap as its buffers allow. */
FALLIBLE bool plan_build_anew(struct plan *p, struct diag *d);
FALLIBLE bool plan_find(struct plan *p, struct diag *d);

/* machine.c: on how many machines, in which regions of them, sharing layers or not. */
FALLIBLE bool plan_on_machines(struct plan *p, const struct plan_options *o, struct diag *d);

/* shard.c: the trace of one of `ways` devices that share every layer, with the collectives that
 * they need; its ops keep their ids.  Fails, as the user's mistake, where they cannot. */
FALLIBLE bool plan_shard(struct arena *a, const struct trace *whole, int64_t ways,
                         struct trace **out, struct diag *d);

/* limit.c: what no plan goes beyond; each refusal is the user's mistake and names the operator.
 * Rows and count of the trace's ops, before anything is built. */
FALLIBLE bool plan_check_ops(const struct plan *p, struct diag *d);
/* Before `more` stages are made of an op. */
FALLIBLE bool plan_check_stages(const struct plan *p, const struct op *o, double more,
                                struct diag *d);
/* So many chunks for each stage at most: `target`, or fewer where all of them were too many. */
int64_t plan_pieces_within(const struct plan *p, int64_t target);

/* Rows, width and channels per sample of an op's output. */
struct tensor_view {
    int64_t rows, width, channels;
};

/* build.c: ops become stages and edges; element-wise work is fused, concat and reshape vanish. */
FALLIBLE bool plan_build(struct plan *p, struct diag *d);

/* tile.c: the GEMM view of an op and the arrays that one copy takes. */
FALLIBLE bool plan_tile(const struct plan *p, struct stage *s, struct diag *d);
/* One MVM of every distinct tile shape of a copy: `times` arrays work like this. */
struct tile_shape {
    int64_t rows, outputs, times;
};
void stage_job(const struct plan *p, const struct stage *s, const struct tile_shape *t,
               struct array_job *job);
size_t stage_tile_shapes(const struct plan *p, const struct stage *s, struct tile_shape out[4]);

static inline int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* slab.c: into how many slabs K is cut, and what room a copy takes then. */
enum { STRIP = 8 /* routers in a row: with slabs, tiles come strip by strip */ };
void plan_slabs(const struct plan *p, struct stage *s);
/* K tiles of a slab (the last may have fewer), and the last of slab `slab`. */
int64_t stage_slab_width(const struct stage *s);
int64_t stage_slab_end(const struct stage *s, int64_t slab);
/* The number within a copy of the array that holds K tile `k` of output block `block` (of all
 * groups); the K tile and the block of array `i`.  Arrays are numbered slab by slab, in a slab
 * block by block, in a block K tile by K tile. */
int64_t stage_array_of(const struct stage *s, int64_t block, int64_t k);
int64_t stage_k_of(const struct stage *s, int64_t i);
int64_t stage_block_of(const struct stage *s, int64_t i);
/* The slab in whose last K tile the sums of a block come together: blocks of a tile take turns. */
int64_t stage_home_slab(const struct stage *s, int64_t block);
/* With several slabs, where array `i` of a copy lies, counted from the copy's first. */
int64_t stage_slab_offset(const struct stage *s, int64_t i);

/* dynamic.c: a product of two operands in arrays, one of which is written there for every sample.
 * Whether that is faster than vector units, in the tiles of either, `host_tiles` those where vector
 * work would be. */
bool plan_writing_pays(const struct plan *p, const struct op *o, const struct tensor_view *v,
                       double host_tiles);
/* Time to write one sample's operand into all copies side by side, ps; and what writing does, per
 * output row, added to `row`. */
double stage_operand_ps(const struct plan *p, const struct stage *s);
void stage_operand_cost(const struct plan *p, const struct stage *s, struct cost *row);
/* Which part of the operand each tile of the first `copies` copies is sent: rows as columns. */
struct layouts plan_operand_needs(struct plan *p, const struct edge *e, int64_t copies);
/* Does stage `b` read what `a` makes, group by group, so that they are laid out side by side?  Then
 * both are told. */
bool plan_lay_beside(struct plan *p, int32_t a, int32_t b);
/* Where array `i` of a copy lies, counted from the copy's first. */
int64_t stage_array_offset(const struct stage *s, int64_t i);
bool stage_has_weights(const struct stage *s); /* static ones in arrays */

/* segment.c: cuts the stages into segments whose single copies fill at most the share `fill` of
 * the arrays; adds sources and sinks at the cuts. */
FALLIBLE bool plan_segment(struct plan *p, double fill, struct diag *d);
bool plan_is_resident(const struct plan *p); /* do single copies of all layers fit at once? */

/* pieces.c: chunks of rows, which chunks each step needs, the least buffers without deadlock. */
void plan_pieces(struct plan *p, int64_t target_chunks);

/* replicate.c: copies by bisection on the slowest stage, arrays allotted; buffers get at least
 * `slack` times what cannot deadlock. */
FALLIBLE bool plan_replicate(struct plan *p, double slack, struct diag *d);

/* Time of one sample in a stage, when it never waits. */
double stage_sample_ps(const struct stage *s);

/* curve.c: all tiles along a space-filling curve, one by one or by strips. */
uint32_t *plan_curve(const struct plan *p, bool by_strips);

/* place.c: arrays on tiles along the curve; layouts of every stage. */
void plan_place(struct plan *p);

uint32_t plan_tile_of(const struct plan *p, int64_t array); /* by position on the curve */
uint32_t stage_tile_of(const struct plan *p, const struct stage *s, int64_t copy, int64_t i);
/* Output columns [*first, *last) of a row that copy c makes; of a chunk, where rows are vectors. */
void stage_copy_columns(const struct stage *s, int64_t copy, double *first, double *last);

/* flow.c: bytes between tiles per row. */
void plan_flows(struct plan *p);

/* needs.c: which region of a row each tile of an edge's consumer must be sent. */
struct layouts plan_edge_needs(struct plan *p, const struct edge *e);

/* partial.c: partial sums between the tiles of a stage. */
void plan_partial_flows(struct plan *p, struct stage *s);

/* wide.c: products of two operands dealt over many tiles, except on a chip without a memory.
 * Their group has no arrays: it shares tiles with other groups. */
bool stage_is_wide(const struct plan *p, const struct stage *s);
int64_t plan_wide_tiles(const struct plan *p, int32_t group);
void plan_wide_layouts(struct plan *p, struct stage *s);
/* The tiles that its work is dealt over. */
const struct layouts *plan_wide_tiles_of(const struct plan *p, const struct stage *s);
/* On a wafer, does it sum over positions, each tile over its own?  Then parts of heads come home;
 * additions for each output. */
bool stage_sums_positions(const struct plan *p, const struct stage *s);
double plan_wide_sums(const struct plan *p, const struct stage *s);
void plan_wide_homes(struct plan *p, struct stage *s);
/* Of the tiles, those that share the head of a part of what is made, and which is its home. */
struct head {
    size_t first, count, home;
};
struct head plan_wide_head(const struct plan *p, const struct stage *s, const struct layout *part);
struct layouts plan_wide_needs(struct plan *p, const struct edge *e); /* of an operand */

/* bank.c: does it pay that segments take turns in two halves of the arrays, so that weights need
 * not wait for arrays?  `whole` is the plan with all of them; false: no, or the plan is `out`. */
bool plan_in_banks(const struct plan *whole, const struct plan_options *o, struct plan **out);

/* bound.c: the longest path of a sample through a segment, without its ways. */
double plan_longest_path_ps(const struct plan *p, const struct segment *g);
/* bound.c: an estimate of the time of a plan that reloads, in ps, to compare plans by. */
double plan_reload_estimate_ps(const struct plan *p);

/* share.c: row times of stages that share tiles; the pace of samples on a wafer. */
void plan_share(struct plan *p);
/* Time of one sample on the arrays of a stage, or writing its operand, ps; 0 without arrays. */
double stage_arrays_ps(const struct stage *s);

/* plan.c: all steps, on p->system. */
FALLIBLE bool plan_steps(struct plan *p, const struct plan_options *o, struct diag *d);

/* load.c: which weights go to which tiles when a segment is loaded. */
void plan_loads(struct plan *p);
double stage_weight_bytes(const struct plan *p, const struct stage *s); /* of one copy */

/* twin.c: by op index, whether a run of equal blocks begins or ends there; which segments are
 * equal to earlier ones.  The stages of a twin are not planned. */
bool *plan_block_starts(const struct plan *p);
void plan_twins(struct plan *p);
bool plan_is_twin(const struct plan *p, const struct stage *s);

/* price.c: time and actions of a row; writing of weights. */
void plan_price(struct plan *p);

/* Of an op's output, of its input. */
FALLIBLE bool plan_view_out(const struct plan *p, const struct op *o, struct tensor_view *v,
                            struct diag *d);
FALLIBLE bool plan_view_in(const struct plan *p, const struct op *o, struct tensor_view *v,
                           struct diag *d);

/* The producer where a stage belongs: sums that come back from other devices belong to those who
 * made them, else it is the first that is no source; -1 without one. */
int32_t stage_maker(const struct plan *p, const struct stage *s);

/* Bits at which an op runs on this system: those of what one device does, of an op of any trace. */
void plan_bits_in(const struct trace *t, const struct op *o, int *input_bits, int *weight_bits);
void plan_bits(const struct plan *p, const struct op *o, int *input_bits, int *weight_bits);

/* Growing the plan: indices stay valid, pointers do not. */
int32_t plan_add_stage(struct plan *p, enum stage_kind kind, const struct op *o);
int32_t plan_add_edge(struct plan *p, int32_t producer, int32_t consumer, double low, double high);
void plan_link_edges(struct plan *p); /* fills in[] and out[] of every stage */

bool op_has_arrays(const struct op *o); /* conv2d, and matmul with a weight */

#ifdef __cplusplus
}
#endif
#endif
