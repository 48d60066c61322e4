/* import_onnx_window.h — sliding windows of one to three spatial axes, as ONNX writes them.
 *
 * Everything is held as a volume [N, C, D, H, W]; an image has D = 1, a signal D = H = 1.  The
 * trace knows windows over height and width alone: what slides over depth is written as several
 * steps (import_onnx_conv.c, import_onnx_pool.c).
 * Source of the arithmetic: the schemas of Conv, ConvTranspose and the pools. */
#ifndef CIMARRON_IMPORT_ONNX_WINDOW_H
#define CIMARRON_IMPORT_ONNX_WINDOW_H

#include "traces/import_onnx.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { AXES = 3 }; /* depth, height, width */

enum onnx_auto_pad { PAD_GIVEN, PAD_VALID, PAD_SAME_UPPER, PAD_SAME_LOWER };

struct onnx_window {
    int64_t kernel[AXES], stride[AXES], dilation[AXES];
    int64_t pad[2 * AXES]; /* before each axis, then behind each */
    enum onnx_auto_pad mode;
    bool ceil;
};

struct onnx_window onnx_plain_window(void); /* kernel, stride and dilation 1 */

/* Everything but the kernel's default, which the caller has set. */
FALLIBLE bool onnx_read_window(struct onnx_import *c, int spatial, struct onnx_window *w);

/* An attribute of one entry per spatial axis (two for `ends` 2); as it was when not given. */
FALLIBLE bool onnx_read_axes(struct onnx_import *c, const char *name, int spatial, int ends,
                             int64_t least, int64_t *out);

/* [N, C, D, H, W] of a tensor of three to five dimensions, no side beyond 2^31; and back. */
FALLIBLE bool onnx_volume(struct onnx_import *c, const struct shape *s, struct shape *out);
struct shape onnx_from_volume(const struct shape *volume, int dims);

/* What the window slides over: an explicit Pad before it joins its own. */
FALLIBLE bool onnx_window_input(struct onnx_import *c, struct onnx_window *w, struct shape *volume);

/* Sizes of the result; pads that follow from `mode` and `ceil` are filled in. */
FALLIBLE bool onnx_slide(struct onnx_import *c, struct onnx_window *w, const struct shape *in,
                         struct shape *out);

/* Height and width of the window into an operator of the trace. */
FALLIBLE bool onnx_write_window(struct onnx_import *c, const struct onnx_window *w, struct op *op);

#ifdef __cplusplus
}
#endif
#endif
