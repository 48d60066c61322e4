/* Elementwise functions of small constants, computed while importing. */
#include <math.h>
#include <string.h>

#include "traces/import_onnx_content.h"

static bool apply_unary(const char *fn, double x, double *y)
{
    if (strcmp(fn, "neg") == 0)
        *y = -x;
    else if (strcmp(fn, "abs") == 0)
        *y = fabs(x);
    else if (strcmp(fn, "floor") == 0)
        *y = floor(x);
    else if (strcmp(fn, "ceil") == 0)
        *y = ceil(x);
    else if (strcmp(fn, "round") == 0)
        *y = nearbyint(x);
    else if (strcmp(fn, "sqrt") == 0)
        *y = sqrt(x);
    else if (strcmp(fn, "not") == 0)
        *y = x == 0 ? 1 : 0;
    else
        return false;
    return true;
}

/* The remainder has the divisor's sign, or for fmod the dividend's (Mod schema). */
static double modulo(double x, double y, bool c_style)
{
    double rest = y != 0 ? fmod(x, y) : 0;
    return !c_style && rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

static bool compare(const char *fn, double x, double y, double *z)
{
    bool holds;
    if (strcmp(fn, "equal") == 0)
        holds = x == y;
    else if (strcmp(fn, "less") == 0)
        holds = x < y;
    else if (strcmp(fn, "greater") == 0)
        holds = x > y;
    else if (strcmp(fn, "less_equal") == 0)
        holds = x <= y;
    else if (strcmp(fn, "greater_equal") == 0)
        holds = x >= y;
    else if (strcmp(fn, "and") == 0)
        holds = x != 0 && y != 0;
    else if (strcmp(fn, "or") == 0)
        holds = x != 0 || y != 0;
    else if (strcmp(fn, "xor") == 0)
        holds = (x != 0) != (y != 0);
    else
        return false;
    *z = holds ? 1 : 0;
    return true;
}

bool onnx_apply(const struct onnx_import *c, const char *fn, bool integer, double x, double y,
                double *z)
{
    if (strcmp(fn, "add") == 0)
        *z = x + y;
    else if (strcmp(fn, "sub") == 0)
        *z = x - y;
    else if (strcmp(fn, "mul") == 0)
        *z = x * y;
    else if (strcmp(fn, "div") == 0)
        *z = integer ? (y != 0 ? trunc(x / y) : 0) : x / y;
    else if (strcmp(fn, "mod") == 0)
        *z = modulo(x, y, onnx_int(c, "fmod", 0) != 0);
    else if (strcmp(fn, "pow") == 0)
        *z = pow(x, y);
    else if (strcmp(fn, "min") == 0)
        *z = x < y ? x : y;
    else if (strcmp(fn, "max") == 0)
        *z = x > y ? x : y;
    else
        return compare(fn, x, y, z);
    return true;
}

void onnx_unary_content(struct onnx_import *c, const char *fn, struct onnx_value *out)
{
    const struct onnx_value *x = c->in[0];
    int64_t n = shape_elements(&out->shape);
    double *content = out->constant && x->content != NULL ? onnx_numbers(c, n) : NULL;
    if (content == NULL)
        return;
    for (int64_t i = 0; i < n; i++)
        if (!apply_unary(fn, x->content[i], &content[i]))
            return;
    out->content = content;
    out->integer = x->integer;
}

/* v's content, as large as the result. */
static const double *spread(struct onnx_import *c, const struct onnx_value *v,
                            const struct shape *s)
{
    struct onnx_value *wide = onnx_nameless(c);
    struct onnx_view view = onnx_view_broadcast(&v->shape, s);
    wide->shape = *s;
    wide->constant = true;
    onnx_look(c, wide, v, &view);
    return wide->content;
}

/* Of two operands, or more that are folded from the left. */
void onnx_binary_content(struct onnx_import *c, const char *fn, struct onnx_value *out)
{
    int64_t n = shape_elements(&out->shape);
    double *content = out->constant ? onnx_numbers(c, n) : NULL;
    for (size_t k = 0; k < c->n_in; k++) {
        const double *x = content != NULL ? spread(c, c->in[k], &out->shape) : NULL;
        if (x == NULL)
            return;
        for (int64_t i = 0; i < n; i++)
            if (k == 0)
                content[i] = x[i];
            else if (!onnx_apply(c, fn, c->in[0]->integer, content[i], x[i], &content[i]))
                return;
    }
    out->content = content;
    out->integer = c->in[0]->integer;
}

void onnx_where_content(struct onnx_import *c, struct onnx_value *out)
{
    int64_t n = shape_elements(&out->shape);
    double *content = out->constant ? onnx_numbers(c, n) : NULL;
    const double *of[3];
    for (size_t k = 0; k < 3; k++) {
        of[k] = content != NULL ? spread(c, c->in[k], &out->shape) : NULL;
        if (of[k] == NULL)
            return;
    }
    for (int64_t i = 0; i < n; i++)
        content[i] = of[of[0][i] != 0 ? 1 : 2][i];
    out->content = content;
    out->integer = c->in[1]->integer;
}
