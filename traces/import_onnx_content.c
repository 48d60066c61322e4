/* Content of small constants: what shape arithmetic reads, computed while importing. */
#include "traces/import_onnx_content.h"

double *onnx_numbers(struct onnx_import *c, int64_t n)
{
    if (n < 0 || n > ONNX_CONTENT_MAX || n > ONNX_CONTENT_ALL - c->content_held)
        return NULL;
    c->content_held += n;
    return ARENA_ARRAY(c->scratch, double, n);
}

bool onnx_one_number(const struct onnx_value *v, double *x)
{
    if (v == NULL || v->content == NULL || shape_elements(&v->shape) != 1)
        return false;
    *x = v->content[0];
    return true;
}

struct onnx_view onnx_view_of(const struct shape *s)
{
    struct onnx_view view = {0};
    int64_t step = 1;
    for (int i = s->dims; i-- > 0; step *= s->dim[i])
        view.step[i] = step;
    return view;
}

struct onnx_view onnx_view_broadcast(const struct shape *s, const struct shape *to)
{
    struct onnx_view own = onnx_view_of(s), view = {0};
    for (int i = 0; i < s->dims; i++)
        if (s->dim[i] != 1)
            view.step[i + to->dims - s->dims] = own.step[i];
    return view;
}

void onnx_look(struct onnx_import *c, struct onnx_value *out, const struct onnx_value *v,
               const struct onnx_view *view)
{
    int64_t n = shape_elements(&out->shape), at[SHAPE_DIMS_MAX] = {0}, from = view->offset;
    double *content = out->constant && v->content != NULL ? onnx_numbers(c, n) : NULL;
    if (content == NULL)
        return;
    for (int64_t i = 0; i < n; i++) {
        content[i] = v->content[from];
        for (int d = out->shape.dims; d-- > 0;) { /* count on, axis by axis */
            from += view->step[d];
            if (++at[d] < out->shape.dim[d])
                break;
            from -= at[d] * view->step[d];
            at[d] = 0;
        }
    }
    out->content = content;
    out->integer = v->integer;
}
