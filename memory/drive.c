/* Request lists and what a memory makes of them. */
#include "memory/drive.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "core/base/input.h"
#include "core/base/text.h"
#include "memory/dram.h"
#include "memory/dram_shift.h"

enum {
    FOOTPRINT_BYTES = 256 << 20,
    PATTERN_REQUESTS = 100000,
    LATENCY_BINS = 1 << 16,
    FILE_REQUEST_BYTES = 64,
    LINE_MAX_BYTES = 64
};

enum pattern { STREAM_READ, STREAM_WRITE, MIX21, STRIDE, RANDOM, RANDOM_MIX21, CHASE, TRACE };

struct request {
    int64_t address, eligible;
    bool write;
};

struct drive {
    const struct dram_spec *spec;
    const struct drive_options *options;
    enum pattern pattern;
    int64_t requests, channels, stride, burst_bytes, footprint;
    double bytes_per_cycle;
    uint64_t random;
    gzFile file;
    int64_t line, rest; /* rest: bytes of the last line's request still to come */
    struct request last;
    int64_t now, taken; /* of one list before all channels: its cycle, requests taken in it */
    struct dram_engine engine;
    struct dram_probe probe;
    struct dram_channel *channel;
};

/* --- the list ------------------------------------------------------------------------------- */

static bool read_pattern(const struct drive_options *o, struct drive *v, struct diag *d)
{
    static const char *const names[] = {"stream-read", "stream-write", "mix21", NULL,
                                        "random",      "random-mix21", "chase"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (names[i] && strcmp(o->pattern, names[i]) == 0)
            return v->pattern = (enum pattern)i, true;
    if (strncmp(o->pattern, "stride-", 7) == 0) {
        char *end;
        errno = 0;
        v->stride = strtoll(o->pattern + 7, &end, 10);
        v->pattern = STRIDE;
        if (errno == 0 && *end == 0 && end != o->pattern + 7 && v->stride > 0 &&
            v->stride <= v->footprint)
            return true;
        return diag_input(d, NULL, 0, "pattern %s needs a stride of 1 to %lld bytes", o->pattern,
                          (long long)v->footprint);
    }
    struct stat info;
    if (!strchr(o->pattern, '.') && !strchr(o->pattern, '/') && stat(o->pattern, &info) != 0)
        return diag_input(
            d, NULL, 0,
            "pattern %s is none of stream-read, stream-write, mix21, stride-BYTES, random, "
            "random-mix21, chase, or a file",
            o->pattern);
    v->pattern = TRACE;
    int file = input_open(o->pattern, d);
    v->file = file >= 0 ? gzdopen(file, "rb") : NULL;
    if (file >= 0 && !v->file)
        close(file);
    return v->file || diag_cannot(d, "there is not enough memory to read %s", o->pattern);
}

/* Next line of a request trace; false at its end (d->status 0) or at a bad line. */
static bool read_line(struct drive *v, struct diag *d)
{
    char room[LINE_MAX_BYTES], *text = room;
    if (!gzgets(v->file, room, sizeof room)) {
        int code;
        gzerror(v->file, &code);
        return code == Z_OK || code == Z_STREAM_END
                   ? false
                   : diag_input(d, v->options->pattern, (int)v->line,
                                "is truncated or corrupt after this line");
    }
    if (v->line++ == 0)
        text += text_mark_bytes(text, strlen(text));
    char *end = text;
    errno = 0;
    unsigned long long address = strlen(text) > 2 ? strtoull(text + 2, &end, 16) : 0;
    if ((text[0] != 'R' && text[0] != 'W') || text[1] != ' ' || strlen(text) < 3 || errno ||
        end == text + 2 || (*end && *end != '\n' && *end != '\r' && *end != ' ') ||
        address > (UINT64_C(1) << 48))
        return diag_input(d, v->options->pattern, (int)v->line,
                          "a request is `R` or `W`, a space, and a hex address below 2^48");
    v->last.address = (int64_t)address;
    v->last.write = text[0] == 'W';
    v->rest = FILE_REQUEST_BYTES;
    return true;
}

static bool next_of_file(struct drive *v, struct request *r, struct diag *d)
{
    if (v->rest <= 0)
        TRY(read_line(v, d));
    *r = v->last;
    v->last.address += v->burst_bytes;
    v->rest -= v->burst_bytes;
    return true;
}

static int64_t random_address(struct drive *v)
{
    v->random = v->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((v->random >> 33) % (uint64_t)(v->footprint / v->burst_bytes)) *
           v->burst_bytes;
}

/* Request number i; false at the end or (d->status set) at a bad line. */
static bool next_request(struct drive *v, int64_t i, struct request *r, struct diag *d)
{
    if (i >= v->requests)
        return false;
    r->write = v->pattern == STREAM_WRITE ||
               ((v->pattern == MIX21 || v->pattern == RANDOM_MIX21) && i % 3 == 2);
    switch (v->pattern) {
    case STREAM_READ:
    case STREAM_WRITE:
    case MIX21:
        r->address = i * v->burst_bytes;
        break;
    case STRIDE: {
        int64_t o = i * v->stride;
        r->address = o % v->footprint + v->burst_bytes * (o / v->footprint);
        break;
    }
    case RANDOM:
    case RANDOM_MIX21:
    case CHASE:
        r->address = random_address(v);
        break;
    case TRACE:
        TRY(next_of_file(v, r, d));
        break;
    }
    double rate = v->options->rate;
    r->eligible =
        rate < 1 ? (int64_t)floor((double)(i * v->burst_bytes) / (rate * v->bytes_per_cycle)) : 0;
    return true;
}

/* --- the channels --------------------------------------------------------------------------- */

static struct dram_channel *channel_of(struct drive *v, int64_t address, int64_t *burst)
{
    int64_t group = v->spec->ctl.interleave_bytes / v->burst_bytes,
            number = address / v->burst_bytes;
    int64_t block = number / group;
    *burst = block / v->channels * group + number % group;
    return &v->channel[block % v->channels];
}

static void offer(struct drive *v, const struct request *r)
{
    int64_t burst;
    struct dram_channel *c = channel_of(v, r->address, &burst);
    if (!dram_channel_has_room(c))
        dram_channel_feed(&v->engine, c, DRAM_CYCLE_NEVER, DRAM_SEGMENTS / 2);
    dram_channel_add(c, burst, burst + 1, r->write, r->eligible, 0);
}

/* No request passes one that its channel cannot take.  A channel runs only as far as the list needs
 * it to. */
static void offer_in_order(struct drive *v, const struct request *r)
{
    int64_t burst, at = v->now;
    struct dram_channel *c = channel_of(v, r->address, &burst);
    if (v->taken == v->spec->ctl.feed_per_cycle * v->channels)
        at++;
    at = dram_channel_offer(&v->engine, c, burst, r->write, at > r->eligible ? at : r->eligible);
    v->taken = at == v->now ? v->taken + 1 : 1;
    v->now = at;
}

static int64_t offer_all(struct drive *v, struct diag *d)
{
    struct request r;
    int64_t i = 0;
    for (; next_request(v, i, &r, d); i++)
        if (v->options->one_list)
            offer_in_order(v, &r);
        else
            offer(v, &r);
    for (int64_t c = 0; c < v->channels; c++)
        dram_channel_feed(&v->engine, &v->channel[c], DRAM_CYCLE_NEVER, 0);
    return i;
}

/* One at a time: the next request is offered in the cycle in which the last one came back. */
static int64_t chase_all(struct drive *v, struct diag *d)
{
    struct request r;
    int64_t i = 0, now = 0;
    for (; next_request(v, i, &r, d); i++) {
        int64_t burst;
        struct dram_channel *c = channel_of(v, r.address, &burst);
        dram_channel_run(&v->engine, c, now);
        dram_channel_add(c, burst, burst + 1, false, now, 0);
        dram_channel_run(&v->engine, c, DRAM_CYCLE_NEVER);
        now = c->last_read;
    }
    return i;
}

/* All reads back, all writes taken in. */
static int64_t last_cycle(struct drive *v)
{
    int64_t last = 0;
    for (int64_t i = 0; i < v->channels; i++) {
        struct dram_channel *c = &v->channel[i];
        struct dram_channel *ahead = c;
        while (ahead->queue[0].size > 0 || ahead->active_count > 0)
            dram_channel_run(&v->engine, ahead, ahead->clk + 1);
        int64_t accepted = c->last_accept + 1;
        last = accepted > last ? accepted : last;
        last = c->last_read > last ? c->last_read : last;
    }
    return last;
}

/* --- the result ----------------------------------------------------------------------------- */

static double percentile(const struct dram_probe *p, double share)
{
    double seen = 0;
    for (int64_t i = 0; i < p->count; i++) {
        seen += (double)p->bins[i];
        if (seen >= share * p->reads && seen > 0)
            return (double)i;
    }
    return 0;
}

static struct dram_counts all_counts(const struct drive *v)
{
    struct dram_counts sum = {0};
    for (int64_t i = 0; i < v->channels; i++)
        dram_counts_add(&sum, &v->channel[i].counts);
    return sum;
}

static void fill_energy(const struct drive *v, const struct dram_prices *p,
                        const struct dram_counts *n, struct drive_result *out)
{
    out->activate_pj = n->activates * p->activate_pj.value;
    out->read_pj = n->reads * p->read_pj.value;
    out->write_pj = n->writes * p->write_pj.value;
    out->io_pj = (n->reads + n->writes) * p->io_pj.value;
    out->refresh_pj = n->refreshes * p->refresh_pj.value;
    out->background_pj = out->time_ns * p->background_mw.value * (double)v->channels;
    out->energy_pj = out->activate_pj + out->read_pj + out->write_pj + out->io_pj +
                     out->refresh_pj + out->background_pj;
    out->pj_per_bit = out->energy_pj / (out->requests * 8.0 * (double)v->burst_bytes);
}

static void fill(struct drive *v, const struct memory *m, int64_t requests,
                 struct drive_result *out)
{
    double ns = 1e6 / (double)dram_clock_khz(m);
    int64_t cycles = last_cycle(v);
    struct dram_counts n = all_counts(v);
    *out = (struct drive_result){.cycles = (double)cycles,
                                 .requests = (double)requests,
                                 .reads = v->probe.reads,
                                 .activates = n.activates,
                                 .refreshes = n.refreshes};
    out->writes = out->requests - out->reads;
    out->time_ns = out->cycles * ns;
    out->bandwidth_gb_s = out->requests * (double)v->burst_bytes / out->time_ns;
    double served = n.reads + n.writes - n.forwarded;
    out->row_hit_rate = served > 0 ? n.hits / served : 0;
    out->avg_latency_ns = v->probe.reads > 0 ? v->probe.sum / v->probe.reads * ns : 0;
    out->p99_latency_ns = percentile(&v->probe, 0.99) * ns;
    out->max_latency_ns = v->probe.max * ns;
    fill_energy(v, dram_prices_of(m), &n, out);
}

static bool check(const struct memory *m, const struct drive_options *o, struct diag *d)
{
    if (!dram_is(m))
        return diag_input(d, NULL, 0, "%s is not a DRAM", m->name);
    if (o->requests < 0 || o->requests > INT64_C(1) << 40)
        return diag_input(d, NULL, 0, "requests must be 1 to 2^40 (0: all of a file, or 100,000)");
    if (!(o->rate > 0 && o->rate <= 1))
        return diag_input(d, NULL, 0, "rate must be above 0 and at most 1");
    if (o->channels < 0 || o->channels > 4096)
        return diag_input(d, NULL, 0, "channels must be 1 to 4096 (0: as many as the memory has)");
    return true;
}

static void set_up(struct drive *v, const struct memory *m, const struct drive_options *o,
                   struct arena *a)
{
    const struct dram_spec *s = dram_spec_of(m);
    int64_t channels = o->channels ? o->channels : s->org.channels;
    *v = (struct drive){
        .spec = s, .options = o, .channels = channels, .burst_bytes = s->org.burst_bytes};
    v->footprint = FOOTPRINT_BYTES * channels;
    v->bytes_per_cycle = m->peak_bytes_per_ps * 1e9 / (double)dram_clock_khz(m) /
                         (double)s->org.channels * (double)channels;
    v->random = o->seed;
    v->probe =
        (struct dram_probe){.bins = ARENA_ARRAY(a, int64_t, LATENCY_BINS), .count = LATENCY_BINS};
    v->engine = (struct dram_engine){.spec = s, .probe = &v->probe, .untracked = true};
    v->channel = ARENA_ARRAY(a, struct dram_channel, channels);
    for (int64_t i = 0; i < channels; i++)
        dram_channel_open(s, &v->channel[i]);
}

bool memory_drive(const struct memory *m, const struct drive_options *o, struct drive_result *out,
                  struct diag *d)
{
    TRY(check(m, o, d));
    struct arena *a = arena_open();
    struct drive *v = ARENA_NEW(a, struct drive);
    set_up(v, m, o, a);
    bool good = read_pattern(o, v, d);
    int64_t all = v->pattern == TRACE ? INT64_MAX : PATTERN_REQUESTS;
    v->requests = o->requests > 0 ? o->requests : all;
    int64_t requests = !good ? 0 : v->pattern == CHASE ? chase_all(v, d) : offer_all(v, d);
    good = good && d->status == 0;
    if (good && requests == 0)
        good = diag_input(d, o->pattern, 0, "holds no requests");
    if (good)
        fill(v, m, requests, out);
    if (v->file)
        gzclose(v->file);
    arena_close(a);
    return good;
}
