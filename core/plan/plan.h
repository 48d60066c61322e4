/* plan.h — a trace on a system: which op runs where, in which pieces, with which buffers.
 *
 * Answers: the stages (one op, with what is fused to it, on one set of arrays or vector units), the
 * copies of each, the tiles they sit on, the chunks (consecutive output rows) that flow between
 * them, the buffers that hold these chunks, and the bytes each pair of tiles exchanges per row.
 * When the weights do not all fit, stages fall into segments that run one after the other; the
 * weights of the next are read from memory meanwhile, into arrays that are free: those that the
 * present one has done with, or, with two banks, the other half of every tile's.  What cannot be
 * held is `does not fit`, exit 1.
 *
 * A model wider than one machine takes several.  Machines with a memory either share every layer
 * (tensor parallelism: the plan is that of one of them, on its share of the trace, with rings where
 * they exchange sums), or each has a run of segments in its memory, or both.  A wafer never
 * reloads: every segment (an equal block, where there are such) is resident in a rectangle of
 * tiles, a region, and regions hand over to each other, over the wafer's mesh or from device to
 * device.  Caches lie in memory or, without one, in the buffers of the tiles that read them.
 *
 * It knows no clock: core/sim plays the plan.  Method and limits: docs/MODELS.md, "From layers to
 * arrays". */
#ifndef CIMARRON_PLAN_H
#define CIMARRON_PLAN_H

#include "core/system/system.h"
#include "traces/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

enum stage_kind {
    STAGE_SOURCE, /* the graph's input, or what an earlier segment left in memory */
    STAGE_ARRAY,  /* in arrays: static weights, or an operand that is written for every sample */
    STAGE_VECTOR, /* no arrays: lives in the tiles of its first producer */
    STAGE_RING,   /* devices that share a layer put their parts together, over the fabric */
    STAGE_SINK    /* a result that leaves the chip, or goes to memory for a later segment */
};

/* A rectangle of a row (columns) and the channels, as shares 0..1, held by one tile. */
struct layout {
    uint32_t tile;
    double column[2], channel[2];
};

struct layouts {
    struct layout *at;
    size_t count;
};

/* Bytes that one tile sends others per output row of the producer: the same to each of them. */
struct flow {
    uint32_t src; /* network endpoints */
    uint32_t count;
    const uint32_t *dst;
    double bytes_per_row;
};

/* The flow of so many bytes as a transfer (id, layer and the rest are zero). */
struct transfer flow_transfer(const struct flow *f, double bytes);

/* A tile that gathers parts of rows from their makers and hands them on by one tree. */
struct hub {
    uint32_t tile;
    int32_t awaited;     /* flows of `to_hub` that go to it, per chunk */
    size_t first, count; /* of `flows`: they leave when those have come */
};

struct edge {
    int32_t producer, consumer; /* stage indices */
    double channel[2];          /* where the producer's channels lie in the consumer's input */
    int32_t *needs; /* per consumer step: producer chunks (per sample) that must be there */
    int32_t *frees; /* per consumer step: producer chunks that are no longer needed after it */
    bool slides;    /* a window over rows (convolution, pooling) */
    bool aside;     /* an operand of work fused to the consumer: it is wanted where rows are made */
    bool whole;     /* every step needs all rows of a sample */
    bool written;   /* the operand that is written into the consumer's arrays */
    int64_t together;          /* chunks of a sample that leave at once; 1 unless `whole` */
    int32_t next_in, next_out; /* the edge added before this one to its consumer, its producer */
    struct flow *flows;
    size_t flow_count;
    size_t direct_count; /* the first of `flows` leave their makers; the others leave hubs */
    struct flow *to_hub; /* from makers to hubs */
    size_t to_hub_count;
    struct hub *hubs; /* by tile */
    size_t hub_count;
    double local_bytes_per_row; /* stay in their tile */
    double readers;             /* tiles that need something */
    bool rides;                 /* its rows come with the flows of edge `with`, it has none */
    int32_t with;
    int32_t *riders; /* edges whose rows come with these flows */
    size_t rider_count;
};

/* Two products that lie side by side, so that what one makes the other has near by: the arrays of a
 * group of both, stretch by stretch of positions: first those that make a stretch, then those that
 * sum over it. */
struct beside {
    int32_t stage;                /* the other one; -1: none */
    bool sums;                    /* is this the one that sums over the positions? */
    int64_t of_group, of_stretch; /* arrays of both */
    int64_t makers, all_makers;   /* arrays that make a stretch, the positions of a group */
};

/* What one output row of a stage costs: entry 0 by its own op, entry 1 + i by fused[i]; or what
 * writing its weights costs.  `stage` counts from the segment's first. */
struct row_cost {
    int32_t stage;
    struct cost cost;
};

enum { STAGE_OPS_MAX = 12 };

struct stage {
    enum stage_kind kind;
    const struct op *op;                   /* NULL: source and sink */
    const struct op *fused[STAGE_OPS_MAX]; /* element-wise work done on the way in or out */
    size_t fused_count;
    int32_t layer; /* op id, or LEDGER_STATIC */
    int32_t segment;

    int64_t rows, width, channels;  /* output per sample; width: vectors per row */
    double row_bytes;               /* of one output row */
    int64_t rows_per_chunk, chunks; /* per sample */
    int64_t steps;        /* per sample; more than chunks when it reduces its input piecewise */
    bool emits_last_only; /* only the last step of a sample emits its (single) chunk */

    /* GEMM view of an array stage, for one copy */
    int64_t gemm_k, gemm_n, groups;        /* per group */
    int64_t k_tiles, n_tiles, group_tiles; /* arrays per copy = product */
    int64_t groups_per_array;              /* depth-wise packing */
    int64_t slabs;                         /* of K, each on tiles of its own; else 1 */
    int64_t experts;                       /* matrices held, of which a row uses one; else 1 */
    int64_t arrays_per_copy, copies;
    int64_t span; /* arrays that a copy takes room of: arrays_per_copy, or of whole strips */
    int64_t in_tile, used_in_tile; /* arrays of a tile, and those that whole slabs fill */
    double part[2];                /* outputs of the layer that this stage makes, as shares */
    double mvm_ps;                 /* one vector through a copy */
    bool dynamic;    /* what plays the weights is an operand: written for every sample */
    double write_ps; /* that, before the first vector; 0 for static weights */

    struct beside beside;
    double cache_bytes;      /* keys or values that lie in its tiles' buffers, per sample */
    double cache_read_bytes; /* of them, read for one sample */
    bool handover;           /* a source or sink between two segments */
    bool cache;              /* a source of keys or values: it lies as its reader does */
    int32_t host;            /* the stage whose tiles it lives in; itself when it has its own */
    int32_t group;           /* whose tiles it shares; -1: source and sink */
    int64_t arrays;          /* copies x arrays_per_copy; 0 for a guest in other tiles */
    int64_t *copy_at;        /* per copy: its first array along the curve */
    struct layouts makes;    /* where output rows come to be */

    double array_row_ps, vector_row_ps, buffer_row_ps; /* work of one output row */
    struct row_cost *costs;
    size_t cost_count;

    struct flow *partial_flows; /* partial sums between tiles, per row */
    size_t partial_flow_count;
    size_t
        *partial_ends; /* in turns: those before partial_ends[k] have arrived, then the next go */
    int32_t partial_turns;

    int32_t min_chunks;      /* least output buffer that cannot deadlock */
    int32_t capacity_chunks; /* output buffer */

    int32_t *in, *out; /* edge indices */
    size_t in_count, out_count;
    int32_t last_in, last_out; /* the edges added last; -1: none */
    double macs;               /* per sample */
};

/* Stages laid out together: they share the buffers and vector units of their tiles. */
struct group {
    int32_t first_stage, end_stage; /* among them guests without arrays */
    int64_t arrays;      /* allotted: for the copies, or more for the buffers they bring */
    double tiles;        /* arrays / arrays per tile */
    double buffer_bytes; /* the least that cannot deadlock, and caches */
    double cache_bytes;  /* of it */
    double room_bytes;   /* that it has */
    bool wide;           /* without arrays: on `tiles` tiles beside other groups */
};

/* Weights on their way into arrays: read from memory once, sent to every tile that keeps a copy. */
struct load {
    int32_t stage; /* counted from the segment's first */
    bool joins;    /* read together with the one before it */
    double bytes;
    int64_t first_array, arrays; /* of each copy of the stage: those that it fills */
    struct flow flow;            /* bytes_per_row unused */
};

/* Loads [first, end) of a segment are for one die: read in this order, whatever other dies do. */
struct load_queue {
    size_t first, end;
};

/* A segment that does exactly what an earlier one does is its twin: only what its ops are called
 * differs.  A twin's stages have their ops and layers and nothing else; whoever asks what they do
 * asks the stage that stands at the same place in the earlier segment (plan_model). */
struct segment {
    int32_t first_stage, stage_count;
    int32_t first_edge, edge_count;
    int32_t first_group, group_count;
    double pace_ps;      /* on a wafer: samples may follow each other so closely; else 0 */
    double weight_bytes; /* read before it runs; 0 in a resident plan */
    int64_t arrays;
    double write_ps; /* writing the cells of a stage, all side by side, after its data came */
    struct row_cost *writes;
    size_t write_count;
    struct load *loads; /* none in a resident plan */
    size_t load_count;
    struct load_queue *queues; /* none without loads */
    size_t queue_count;
    int32_t twin;   /* the first segment that does exactly the same; -1: none before it */
    int64_t region; /* where it runs: devices are numbered by regions, first to last */
    bool crosses;   /* what it reads comes from another device */
};

struct plan {
    struct arena *arena;
    const struct system *system;
    const struct trace *trace;   /* what one device does: `whole`, or its share of every layer */
    const struct trace *whole;   /* as it was given */
    int input_bits, weight_bits; /* as run */
    int64_t samples;
    uint32_t *tile_order; /* tiles in the order of placement */
    uint32_t *curve;      /* along the curve; the same unless they come in strips */
    bool resident;        /* weights never move */
    int64_t banks; /* 2: segments take turns in two halves of every tile's arrays; `system` has one
                    * of them.  Else 1 */
    bool spread;   /* resident, every segment in a region of its own: `system` is one region */
    bool tight;    /* spread, and no array of a tile may stay idle for the sake of shorter ways */
    const struct system *machine; /* as it was opened: `system` unless spread or in banks */
    int64_t devices;              /* equal machines that hold the model */
    int64_t tensor;               /* of them, those that share every layer: this is one's plan */
    int64_t regions; /* of a device: segment g is in region g of all; 1 unless spread */
    bool exact;
    bool lanes_only; /* products of two operands stay with the vector units */
    struct stage *stages;
    size_t stage_count;
    struct edge *edges;
    size_t edge_count;
    struct segment *segments;
    size_t segment_count;
    struct group *groups;
    size_t group_count;
    int64_t arrays_used;           /* the most that are busy in one segment, copies included */
    double load_s, load_energy_pj; /* first writing of resident weights */
    double macs;
    bool default_stats; /* some operand had no statistics */
};

/* Whether it has no tiles, and works on a memory or a link instead. */
static inline bool stage_is_outside(const struct stage *s)
{
    return s->kind != STAGE_ARRAY && s->kind != STAGE_VECTOR;
}

struct plan_options {
    bool exact;      /* plan every segment, though it does what an earlier one does */
    int64_t devices; /* machines to use at least; 0: as few as hold the model */
    int64_t tensor;  /* machines that share every layer; 0: the planner's choice */
};

FALLIBLE bool plan_make(struct arena *a, const struct system *s, const struct trace *t,
                        struct plan **out, struct diag *d);
FALLIBLE bool plan_make_with(struct arena *a, const struct system *s, const struct trace *t,
                             const struct plan_options *o, struct plan **out, struct diag *d);

/* The segment whose stages say what segment `g` does: itself, or the one that it is a twin of. */
const struct segment *plan_model(const struct plan *p, const struct segment *g);

/* Where `layer` stands in segment `from`, *out stands in segment `to`, which does the same; false:
 * it stands nowhere in `from`. */
bool plan_layer_again(const struct plan *p, int32_t from, int32_t to, int32_t layer, int32_t *out);

/* The layer that cost entry `entry` of a stage is booked on. */
int32_t stage_cost_layer(const struct stage *s, size_t entry);

/* The link that a source or sink of a segment works over; NULL: the memory.  A sink that hands over
 * to a region or device waits for nothing: the source there pays for the way. */
const struct link *plan_link(const struct plan *p, const struct segment *g, const struct stage *s);

/* Time on that link (cost's duration) and latency, returned in ps, of `bytes` of a stage's rows,
 * with what one device does for them.  A ring of T devices all-reduces in 2 (T - 1) steps, gathers
 * in T - 1, each of a T-th of the bytes, and adds in half of the former (P. Patarasuk and X. Yuan,
 * JPDC 69, 2009). */
double plan_over_link(const struct plan *p, const struct stage *s, const struct link *over,
                      double bytes, struct cost *out);

/* Time of `rows` output rows of a stage, and what bounds it. */
enum work_bound { BOUND_ARRAY, BOUND_VECTOR, BOUND_BUFFER };
double stage_rows_ps(const struct stage *s, int64_t rows, enum work_bound *bound);

/* The hub of an edge that sits in this tile; there must be one. */
struct hub *edge_hub(const struct edge *e, uint32_t tile);

/* Output rows of chunk c of a sample (the last may be short). */
int64_t stage_chunk_rows(const struct stage *s, int64_t chunk);

/* Output rows that leave over an edge with chunk c of a sample: with others before it that have
 * waited for it; 0 when it waits itself. */
int64_t edge_chunk_rows(const struct plan *p, const struct edge *e, int64_t chunk);

/* The largest single-resource bound on the time of `samples` samples, in ps, and its name.
 * `arrays_ps` is the slowest stage: its arrays, vector work or buffer ports. */
struct plan_bound {
    double arrays_ps, memory_ps, noc_ps, link_ps, reload_ps, largest_ps;
    const char *name;
};
void plan_bound(const struct plan *p, int64_t samples, struct plan_bound *out);
/* The same with another memory, of so many GB/s. */
void plan_bound_with_memory(const struct plan *p, int64_t samples, double gb_per_s,
                            struct plan_bound *out);

/* The least that a device takes for an op with products (op_macs > 0), at its own bits and on its
 * own data; valid until the next question. */
struct plan_leasts;
struct plan_leasts *plan_leasts_open(const struct plan *p);
const struct system_least *plan_least(struct plan_leasts *l, const struct op *o);

/* What all devices can do at most with the trace's products; with usual ones at the plan's bits
 * where it has none. */
FALLIBLE bool plan_peak(struct plan_leasts *l, struct system_peak *out, struct diag *d);

/* Does a run take no longer than simulated time can tell, by the plan's own work and this bound?
 * False is the user's mistake, told with the op that takes longest. */
FALLIBLE bool plan_check_times(const struct plan *p, const struct plan_bound *least_ps,
                               struct diag *d);

/* Of `count` segments that are reloaded: the time that the most loaded link of the network takes
 * for their weights and all samples, in ps. */
double plan_stretch_noc_ps(const struct plan *p, int32_t first, int32_t count);

/* The time between two samples of a segment that its arrays, the links of its network and its ways
 * in allow, in ps; buffers and vector units may ask for more. */
double plan_segment_pace_ps(const struct plan *p, const struct segment *g);
/* Of all regions of a wafer: that of the slowest, in ps; else 0. */
double plan_pace_ps(const struct plan *p);

#ifdef __cplusplus
}
#endif
#endif
