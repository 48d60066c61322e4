/* text.h — texts that a user gives: how one begins, and how its characters may be shown.
 *
 * Every reader of text (configs, tables, traces, JSON, request lists) passes over a byte order
 * mark of UTF-8, which Windows editors and PowerShell write, by asking here.  Whoever prints a name
 * that came from outside shows its characters as this says: what would steer a terminal or turn
 * the order of reading around is shown as its escape. */
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

/* Bytes of the UTF-8 character at `s`, of which `left` (>= 1) bytes can be read; 0: it is none. */
size_t text_utf8_bytes(const char *s, size_t left);

enum { TEXT_SHOWN_MAX = 8 };

/* The character at `s` (not its end) as it may be shown: itself, or "\u202e" where it is a control
 * or bidirectional character, or "\x9b" where it is no UTF-8.  Returns the bytes it takes. */
size_t text_show(const char *s, char shown[TEXT_SHOWN_MAX]);

/* All of `text` so, in at most `size` (>= 1) bytes with the zero, cut between characters. */
void text_show_all(const char *text, char *out, size_t size);

#ifdef __cplusplus
}
#endif
#endif
