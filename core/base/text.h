/* text.h — how a text that a user gives begins.
 *
 * Every reader of text (configs, tables, traces, JSON, request lists) passes over a byte order
 * mark of UTF-8, which Windows editors and PowerShell write, by asking here. */
#ifndef CIMARRON_TEXT_H
#define CIMARRON_TEXT_H

#include <string.h>

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of the byte order mark that the `size` bytes of a text begin with: 3, or 0 without one. */
static inline size_t text_mark_bytes(const void *text, size_t size)
{
    return size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

#ifdef __cplusplus
}
#endif
#endif
