/* Einsum: letters name axes.  Operands are taken two by two from the left, each pair a matrix
 * product: letters of both that are kept are its batch, those of both that are gone are summed
 * over, the rest are rows and columns.  What one operand alone has and the result has not is summed
 * up beforehand and multiplies nothing.
 * Source: the Einsum schema; NumPy's einsum for the dots. */
#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "traces/import_onnx.h"

enum { LETTERS = 26 + 26 + SHAPE_DIMS_MAX, DOTS = 52 }; /* a-z, A-Z, what dots stand for */

struct term {
    int letter[SHAPE_DIMS_MAX];
    int n;
    const struct onnx_value *v;
};

struct einsum {
    int64_t size[LETTERS]; /* 0: not met yet */
    int dots;              /* axes behind "..." */
};

/* --- the equation ------------------------------------------------------------------------- */

static int letter_of(char x)
{
    return islower((unsigned char)x) != 0 ? x - 'a' : 26 + x - 'A';
}

/* "ij...k" up to ',' or '-' or its end; `dims` axes, or -1 for what is asked for. */
static bool read_term(struct onnx_import *c, struct einsum *e, const char **at, int dims,
                      struct term *t)
{
    int letters = 0;
    for (const char *p = *at; *p != '\0' && *p != ',' && *p != '-'; p++)
        letters += isalpha((unsigned char)*p) != 0;
    t->n = 0;
    for (; **at != '\0' && **at != ',' && **at != '-'; (*at)++) {
        bool dots = strncmp(*at, "...", 3) == 0;
        int more = dots ? (dims >= 0 ? dims - letters : e->dots) : 1;
        if (**at == ' ')
            continue;
        if (!dots && isalpha((unsigned char)**at) == 0)
            return onnx_fail(c,
                             "'equation' holds something other than letters, dots, ',' and '->'");
        if (more < 0 || t->n + more > SHAPE_DIMS_MAX)
            return onnx_fail(c, "'equation' does not fit its inputs' dimensions");
        for (int i = 0; i < more; i++) /* dots count from the last axis, so that they broadcast */
            t->letter[t->n++] = dots ? DOTS + SHAPE_DIMS_MAX - more + i : letter_of(**at);
        if (dots) {
            e->dots = more > e->dots ? more : e->dots;
            *at += 2;
        }
    }
    if (dims >= 0 && t->n != dims)
        return onnx_fail(c, "'equation' names %d axes of an input that has %d", t->n, dims);
    return true;
}

static bool take_sizes(struct onnx_import *c, struct einsum *e, const struct term *t)
{
    for (int i = 0; i < t->n; i++) {
        int64_t size = t->v->shape.dim[i], *known = &e->size[t->letter[i]];
        if (*known > 1 && size > 1 && *known != size)
            return onnx_fail(c, "an axis of 'equation' has size %lld and %lld", (long long)*known,
                             (long long)size);
        *known = size > *known ? size : *known;
    }
    return true;
}

static bool has(const struct term *t, int letter)
{
    for (int i = 0; i < t->n; i++)
        if (t->letter[i] == letter)
            return true;
    return false;
}

/* Without "->": dots, then letters met once, in order. */
static bool implied_result(struct onnx_import *c, const struct einsum *e, const struct term *terms,
                           size_t n, struct term *out)
{
    out->n = 0;
    for (int i = 0; i < e->dots; i++)
        out->letter[out->n++] = DOTS + SHAPE_DIMS_MAX - e->dots + i;
    for (int x = 0; x < 52; x++) { /* capitals come first in ASCII */
        int letter = (x + 26) % 52, met = 0;
        for (size_t k = 0; k < n; k++)
            for (int i = 0; i < terms[k].n; i++)
                met += terms[k].letter[i] == letter;
        if (met != 1)
            continue;
        if (out->n == SHAPE_DIMS_MAX)
            return onnx_fail(c, "its result has more than %d dimensions", SHAPE_DIMS_MAX);
        out->letter[out->n++] = letter;
    }
    return true;
}

static bool read_equation(struct onnx_import *c, struct einsum *e, struct term *terms,
                          struct term *out)
{
    const Onnx__AttributeProto *a = onnx_attribute(c, "equation");
    if (a == NULL || !a->has_s)
        return onnx_fail(c, "'equation' is missing");
    const char *at = arena_strndup(c->scratch, (const char *)a->s.data, a->s.len);
    for (size_t k = 0; k < c->n_in; k++) {
        terms[k].v = c->in[k];
        TRY(read_term(c, e, &at, c->in[k]->shape.dims, &terms[k]));
        TRY(take_sizes(c, e, &terms[k]));
        if (k + 1 < c->n_in && *at++ != ',')
            return onnx_fail(c, "'equation' has fewer terms than it has inputs");
    }
    if (*at == '\0')
        return implied_result(c, e, terms, c->n_in, out);
    if (strncmp(at, "->", 2) != 0)
        return onnx_fail(c, "'equation' has more terms than it has inputs");
    at += 2;
    TRY(read_term(c, e, &at, -1, out));
    bool known = *at == '\0';
    for (int i = 0; i < out->n; i++)
        known = known && e->size[out->letter[i]] > 0;
    if (!known)
        return onnx_fail(c, "'equation' asks for an axis that no input has");
    return true;
}

/* --- pairs -------------------------------------------------------------------------------- */

static bool shape_of_term(struct onnx_import *c, const struct einsum *e, const struct term *t,
                          struct shape *s)
{
    int64_t total = 1;
    s->dims = t->n;
    for (int i = 0; i < t->n; i++) {
        s->dim[i] = e->size[t->letter[i]];
        TRY(onnx_times(c, total, s->dim[i], &total));
    }
    return true;
}

/* What is left of two terms: letters that the result, or a later term, has. */
static bool joined(struct onnx_import *c, const struct term *x, const struct term *y,
                   const bool kept[LETTERS], struct term *out)
{
    out->n = 0;
    for (int k = 0; k < x->n + y->n; k++) {
        int letter = k < x->n ? x->letter[k] : y->letter[k - x->n];
        if (!kept[letter] || has(out, letter))
            continue;
        if (out->n == SHAPE_DIMS_MAX)
            return onnx_fail(c, "two of its inputs together have more than %d dimensions",
                             SHAPE_DIMS_MAX);
        out->letter[out->n++] = letter;
    }
    return true;
}

/* Letters of x that are (not) in y and are (not) kept: their sizes' product. */
static bool span(struct onnx_import *c, const struct einsum *e, const struct term *x,
                 const struct term *y, bool in_y, const bool kept[LETTERS], bool is_kept,
                 int64_t *out)
{
    *out = 1;
    for (int i = 0; i < x->n; i++) {
        int letter = x->letter[i];
        bool again = false;
        for (int k = 0; k < i; k++)
            again = again || x->letter[k] == letter;
        if (!again && has(y, letter) == in_y && kept[letter] == is_kept)
            TRY(onnx_times(c, *out, e->size[letter], out));
    }
    return true;
}

/* x times y; *x becomes what they make. */
static bool multiply(struct onnx_import *c, const struct einsum *e, struct term *x,
                     const struct term *y, const bool kept[LETTERS])
{
    struct term out = {.n = 0};
    struct shape s;
    struct onnx_value *made;
    struct onnx_product p = {.from = x->v, .with = y->v};
    assert(x->v && y->v);
    TRY(joined(c, x, y, kept, &out));
    TRY(shape_of_term(c, e, &out, &s));
    TRY(span(c, e, x, y, true, kept, true, &p.batch));
    TRY(span(c, e, x, y, true, kept, false, &p.k));
    TRY(span(c, e, x, y, false, kept, true, &p.m));
    TRY(span(c, e, y, x, false, kept, true, &p.n));
    if (x->v->constant && !y->v->constant) {
        const int64_t rows = p.m;
        p = (struct onnx_product){y->v, x->v, x->v, p.batch, p.n, p.k, rows};
    } else if (y->v->constant) {
        p.weight = y->v;
    }
    if (p.k == 1) /* nothing is summed over */
        TRY(onnx_step2(c, OP_ELEMENTWISE, "mul", x->v, y->v, &s, &made));
    else
        TRY(onnx_multiply(c, &p, &s, &made));
    out.v = made;
    *x = out;
    return true;
}

static void letters_kept(const struct term *terms, size_t from, size_t n, const struct term *out,
                         bool kept[LETTERS])
{
    for (int letter = 0; letter < LETTERS; letter++) {
        kept[letter] = has(out, letter);
        for (size_t k = from; k < n; k++)
            kept[letter] = kept[letter] || has(&terms[k], letter);
    }
}

/* Axes that the result does not have are summed over; the others stand in its order. */
static bool give_result(struct onnx_import *c, const struct term *x, const struct shape *s)
{
    struct onnx_value *made;
    bool same = shape_elements(&x->v->shape) == shape_elements(s);
    if (same && onnx_same_shape(&x->v->shape, s))
        return onnx_give(c, 0, x->v);
    TRY(onnx_step(c, same ? OP_TRANSPOSE : OP_ELEMENTWISE, same ? NULL : "add", x->v, &x->v->shape,
                  s, &made));
    return onnx_give(c, 0, made);
}

bool onnx_einsum(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct einsum e = {{0}, 0};
    struct term *terms = ARENA_ARRAY(c->scratch, struct term, c->n_in), out;
    struct shape s;
    bool kept[LETTERS];
    TRY(onnx_need(c, c->n_in > 0 ? c->n_in : 1));
    TRY(read_equation(c, &e, terms, &out));
    TRY(shape_of_term(c, &e, &out, &s));
    for (size_t k = 1; k < c->n_in; k++) {
        letters_kept(terms, k + 1, c->n_in, &out, kept);
        TRY(multiply(c, &e, &terms[0], &terms[k], kept));
    }
    return give_result(c, &terms[0], &s);
}
