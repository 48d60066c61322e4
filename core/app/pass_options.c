#include "core/app/pass_options.h"

bool pass_fill(const struct pass_values *v, struct import_options *o, struct diag *d)
{
    *o = (struct import_options){.activation_bits = 8,
                                 .weight_bits = 8,
                                 .batch = v->batch,
                                 .name = v->name,
                                 .dims = (const char *const *)v->dims.items,
                                 .dim_count = v->dims.count,
                                 .phase = v->phase,
                                 .sequence = v->sequence,
                                 .context = v->context,
                                 .generate = v->generate,
                                 .steps = v->steps,
                                 .kv_bits = (int)v->kv_bits};
    return app_bits("bits", &v->bits, &o->activation_bits, &o->weight_bits, d);
}

bool pass_import_asked(const struct pass_values *v)
{
    return v->phase || v->sequence || v->context || v->generate || v->kv_bits || v->steps ||
           v->dims.count;
}

bool pass_save(const struct app *app, const struct trace *t, struct diag *d)
{
    double operators = trace_operator_count(t), macs = trace_macs(t), weights = trace_weights(t);
    TRY(trace_save(t, app->common.output, d));
    if (t->warnings)
        app_note(app, "warning: %s%s", t->warning, t->warnings > 1 ? ", and more" : "");
    app_note(app, "%s: %.0f operators, %.4g MACs, %.4g weights", app->common.output, operators,
             macs, weights);
    return true;
}
