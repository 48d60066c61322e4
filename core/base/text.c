#include "core/base/text.h"

#include <stdio.h>

/* RFC 3629, table 3-7 of Unicode. */
size_t text_utf8_bytes(const char *text, size_t left)
{
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80)
        return 1;
    size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool outside = (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f);
    return overlong || outside ? 0 : length;
}

/* Of a character of at most three bytes, which all hidden ones are. */
static unsigned code_point(const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text;
    if (length == 1)
        return s[0];
    unsigned point = length == 2 ? s[0] & 0x1fu : s[0] & 0x0fu;
    for (size_t i = 1; i < length; i++)
        point = point << 6 | (s[i] & 0x3fu);
    return point;
}

/* Controls (C0, DEL, C1), separators of lines, and what sets the direction of reading. */
static bool is_hidden(unsigned point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x61c || point == 0x200e ||
           point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069);
}

size_t text_show(const char *s, char shown[TEXT_SHOWN_MAX])
{
    size_t length = text_utf8_bytes(s, strnlen(s, 4));
    if (length == 0) {
        snprintf(shown, TEXT_SHOWN_MAX, "\\x%02x", (unsigned)(unsigned char)s[0]);
        return 1;
    }
    unsigned point = length < 4 ? code_point(s, length) : ' ';
    if (is_hidden(point)) {
        snprintf(shown, TEXT_SHOWN_MAX, "\\u%04x", point);
    } else {
        memcpy(shown, s, length);
        shown[length] = '\0';
    }
    return length;
}

void text_show_all(const char *text, char *out, size_t size)
{
    size_t used = 0;
    while (*text) {
        char shown[TEXT_SHOWN_MAX];
        text += text_show(text, shown);
        size_t more = strlen(shown);
        if (used + more >= size)
            break;
        memcpy(out + used, shown, more);
        used += more;
    }
    out[used] = '\0';
}
