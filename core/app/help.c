/* Help in the manner of a manual page, from the same tables that parse. */
#include <string.h>

#include "core/app/app.h"

enum { LABEL_WIDTH = 24 };

static void put_option(FILE *out, const struct option *o)
{
    char label[64];
    int used = o->letter ? snprintf(label, sizeof label, "-%c, --%s", o->letter, o->name)
                         : snprintf(label, sizeof label, "--%s", o->name);
    if (o->value && used > 0 && (size_t)used < sizeof label)
        snprintf(label + used, sizeof label - (size_t)used, " %s", o->value);
    if (strlen(label) > LABEL_WIDTH)
        fprintf(out, "  %s\n  %-*s  %s\n", label, LABEL_WIDTH, "", o->help);
    else
        fprintf(out, "  %-*s  %s\n", LABEL_WIDTH, label, o->help);
}

static void put_options(FILE *out, const char *title, const struct option *options, size_t count)
{
    if (!count)
        return;
    fprintf(out, "\n%s\n", title);
    for (size_t i = 0; i < count; i++)
        put_option(out, &options[i]);
}

static bool takes_common(const struct command *c, const struct option *o)
{
    return c->takes_set || strcmp(o->name, "set") != 0;
}

void help_command(FILE *out, const struct command *c)
{
    fprintf(out, "cimarron %s - %s\n\nUSAGE\n  cimarron %s %s [OPTION...]\n\n%s", c->name,
            c->summary, c->name, c->words, c->about);
    put_options(out, "OPTIONS", c->options, c->option_count);
    fputs("\nOPTIONS OF ALL COMMANDS\n", out);
    for (size_t i = 0; i < common_option_count; i++)
        if (takes_common(c, &common_option_list[i]))
            put_option(out, &common_option_list[i]);
}

void help_program(FILE *out)
{
    const struct command *c;
    fputs("cimarron - a simulator of compute-in-memory accelerators, from the cell to the chip\n\n"
          "USAGE\n  cimarron COMMAND [WORD...] [OPTION...]\n\nCOMMANDS\n",
          out);
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        char label[64];
        snprintf(label, sizeof label, "%s %s", c->name, c->words);
        fprintf(out, "  %-*s  %s\n", LABEL_WIDTH, label, c->summary);
    }
    put_options(out, "OPTIONS OF ALL COMMANDS", common_option_list, common_option_count);
    fputs(
        "  --version                 print the version\n"
        "\n"
        "A NAME is a path, or the base name of a file under configs/ (cimarron list shows them).\n"
        "Results go to stdout, everything else to stderr.  Exit status: 0 done; 1 the check or "
        "the\n"
        "simulation failed; 2 the input is wrong.  cimarron COMMAND --help says more.\n"
        "\n"
        "  cimarron demo\n"
        "  cimarron run isaac resnet50 --bits 16,16 --batch 64\n"
        "  cimarron list systems\n",
        out);
}
