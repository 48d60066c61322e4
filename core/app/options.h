/* options.h — one table of options gives both parsing and help.
 *
 * A command lists its options once: name, type, range, where the value goes, one line of help.
 * The parser fills the command's own struct from the words of the command line; the same rows
 * print the help.  Long options take `--name value` and `--name=value`, letters `-o value` and
 * `-ovalue`; `--` ends the options.  It knows no command. */
#ifndef CIMARRON_OPTIONS_H
#define CIMARRON_OPTIONS_H

#include "core/base/arena.h"
#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

enum option_type {
    OPTION_FLAG,  /* bool: stands or does not */
    OPTION_TEXT,  /* const char * */
    OPTION_TEXTS, /* struct texts: may be given several times */
    OPTION_INT,   /* int64_t in [min, max] */
    OPTION_REAL,  /* double in [min, max] */
    OPTION_REALS  /* struct reals: numbers joined by commas, each in [min, max] */
};

struct texts {
    const char **items; /* followed by NULL when there is any */
    size_t count;
};

enum { REALS_MAX = 4 };

struct reals {
    double items[REALS_MAX];
    size_t count;
};

struct option {
    const char *name; /* without its dashes */
    char letter;      /* 0: none */
    enum option_type type;
    size_t offset;     /* into the struct that is filled */
    const char *value; /* how help calls the value: "N"; OPTION_FLAG: NULL */
    double min, max;
    const char *help; /* one line, its default included */
};

/* Options and the struct that they fill. */
struct option_table {
    const struct option *options;
    size_t count;
    void *values;
};

/* Reads argv[0 .. argc-1]; what is no option goes to `words`.  Tables are looked through in order.
 * A name that no table has, a missing value, a value out of range is an error. */
FALLIBLE bool options_parse(struct arena *a, int argc, char **argv,
                            const struct option_table *tables, size_t table_count,
                            struct texts *words, struct diag *d);

/* A whole text as a number; false: it is none, or out of range. */
bool parse_int(const char *text, double min, double max, int64_t *out);
bool parse_real(const char *text, double min, double max, double *out);

#ifdef __cplusplus
}
#endif
#endif
