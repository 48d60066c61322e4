/* Data-sheet timings to command distances.
 *
 * Rules: JEDEC JESD235 (HBM), JESD238 (HBM3), JESD79-4 (DDR4).  A data-sheet timing runs from the
 * last cycle of one command to the last cycle of the next; the controller keeps first cycles. */
#include "memory/dram_spec.h"

#include <math.h>
#include <string.h>

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void dram_distances_from(struct dram_spec *s)
{
    const struct dram_cycles *t = &s->cycles;
    int64_t act = t->act_cycles - 1, col = t->column_cycles - 1, pre = t->pre_cycles - 1;
    int64_t rtw = t->rtw ? t->rtw : t->cl + t->bl + 2 - t->cwl;
    int64_t write_end = t->cwl + t->bl;
    s->d = (struct dram_distances){
        .rd_rd = larger(t->bl, t->ccd_s),
        .rd_rd_group = t->ccd_l,
        .rd_rd_sid = t->ccd_r,
        .wr_wr = larger(t->bl, t->ccd_s),
        .wr_wr_group = t->ccd_l,
        .rd_wr = rtw,
        .wr_rd = write_end + t->wtr_s,
        .wr_rd_group = write_end + t->wtr_l,
        .act_rd = t->rcd_rd + act - col,
        .act_wr = t->rcd_wr + act - col,
        .act_pre = t->ras + act - pre,
        .act_act = t->rrd_s,
        .act_act_group = t->rrd_l,
        .act_act_bank = t->rc,
        .faw = t->faw,
        .pre_act = t->rp + pre - act,
        .pre_pre = t->ppd,
        .rd_pre = t->rtp + col - pre,
        .wr_pre = write_end + t->wr + col - pre,
        .act_ref = t->rc + act,
        .pre_ref = t->rp + pre,
        .ref_act = t->rfc - act,
        .ref_pre = t->rfc - pre,
        .refpb_act = t->rfc_pb - act,
        .refpb_act_other = t->rrefd - act,
        .read_latency = t->cl + t->bl,
        .write_latency = write_end,
    };
}

static bool positive(int64_t value, const char *name, struct diag *d)
{
    return value > 0 ? true
                     : diag_input(d, NULL, 0, "%s is %lld where at least 1 is needed", name,
                                  (long long)value);
}

static bool check(const struct dram_spec *s, struct diag *d)
{
    const struct dram_organisation *o = &s->org;
    const struct dram_controller *c = &s->ctl;
    const struct dram_cycles *t = &s->cycles;
    TRY(positive(o->channels, "channels", d));
    TRY(positive(o->burst_bytes, "burst_bytes", d));
    TRY(positive(t->bl, "tBL", d));
    TRY(positive(t->act_cycles, "act_cycles", d));
    TRY(positive(t->column_cycles, "column_cycles", d));
    TRY(positive(t->pre_cycles, "pre_cycles", d));
    if (o->pseudo > DRAM_PSEUDO_MAX || o->pseudo * o->sids * o->groups * o->banks > DRAM_BANKS_MAX)
        return diag_input(d, NULL, 0, "a channel has at most %d pseudo channels and %d banks",
                          (int)DRAM_PSEUDO_MAX, (int)DRAM_BANKS_MAX);
    if (o->row_bytes < o->burst_bytes || o->row_bytes % o->burst_bytes)
        return diag_input(d, NULL, 0, "row_bytes must be a multiple of burst_bytes");
    if (c->interleave_bytes < o->burst_bytes || c->interleave_bytes % o->burst_bytes)
        return diag_input(d, NULL, 0, "interleave_bytes must be a multiple of burst_bytes");
    if (c->read_queue < 1 || c->read_queue > DRAM_QUEUE_MAX || c->write_queue < 1 ||
        c->write_queue > DRAM_QUEUE_MAX)
        return diag_input(d, NULL, 0, "queues hold 1 to %d entries", (int)DRAM_QUEUE_MAX);
    if (!(c->write_low > 0 && c->write_low <= c->write_high && c->write_high < 1))
        return diag_input(d, NULL, 0, "watermarks must keep 0 < write_low <= write_high < 1");
    if (t->rc < t->ras || t->rc < 1)
        return diag_input(d, NULL, 0, "tRC must be at least tRAS");
    int64_t pause = t->rc + t->rp + t->cwl + t->bl + t->wr;
    if (c->refresh == DRAM_REFRESH_ALL_BANK && t->refi <= (t->rfc + pause) * 2)
        return diag_input(d, NULL, 0, "tREFI must be more than twice tRFC and a row cycle");
    if (c->refresh == DRAM_REFRESH_PER_BANK && t->refi_pb <= t->rrefd + pause)
        return diag_input(d, NULL, 0, "tREFIpb must be more than tRREFD and a row cycle");
    return true;
}

/* The commands of a list such as "ACT RD WR" that are held to the rising edge. */
static bool read_rising(struct dram_spec *s, struct diag *d)
{
    static const char *const names[DRAM_EDGES] = {"ACT", "PRE", "RD", "WR", "REFab", "REFpb"};
    memset(s->held, 0, sizeof s->held);
    for (const char *word = s->ctl.rising, *end; *word; word = end + (*end == ' ')) {
        end = strchr(word, ' ');
        end = end ? end : word + strlen(word);
        size_t i = 0, length = (size_t)(end - word);
        while (i < DRAM_EDGES && (strlen(names[i]) != length || memcmp(names[i], word, length)))
            i++;
        if (i == DRAM_EDGES)
            return diag_input(d, NULL, 0,
                              "rising is a list of ACT, PRE, RD, WR, REFab and REFpb with a space "
                              "between two; %.*s is none of them",
                              (int)length, word);
        s->held[i] = s->ctl.edges == 2;
    }
    return true;
}

/* What is asked in every cycle. */
static void fill_lookups(struct dram_spec *s)
{
    double room = (double)s->ctl.write_queue;
    s->write_above = (int32_t)floor(s->ctl.write_high * room);
    s->read_below = (int32_t)ceil(s->ctl.write_low * room);
    memset(s->group_banks, 0, sizeof s->group_banks);
    for (int b = 0; b < s->bank_count; b++) {
        s->group_of[b] = (uint8_t)(b / (int)s->org.banks);
        s->pseudo_of[b] = (uint8_t)(b / s->pseudo_banks);
        s->group_banks[s->group_of[b]] |= (uint64_t)1 << b;
    }
}

bool dram_spec_resolve(struct arena *a, struct dram_spec *s, struct diag *d)
{
    TRY(check(s, d));
    s->pseudo_banks = (int32_t)(s->org.sids * s->org.groups * s->org.banks);
    s->bank_count = (int32_t)(s->org.pseudo * s->pseudo_banks);
    s->group_count = (int32_t)(s->org.pseudo * s->org.sids * s->org.groups);
    fill_lookups(s);
    TRY(read_rising(s, d));
    dram_distances_from(s);
    return dram_map_open(a, s, d);
}
